# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One log in every shape that programs save it in.

A shape makes of the lines of a log the bytes of a file, and says on which line of that file each of them begins.
"""

from __future__ import annotations

import codecs
import html
import json
import re
import textwrap
from collections.abc import Callable
from itertools import accumulate

Saved = tuple[bytes, list[int]]
Shape = Callable[[list[str]], Saved]

SHAPES: dict[str, Shape] = {}
# Shapes in which only ASCII survives.
ASCII = {"UTF-16 with ASCII appended", "ASCII with UTF-16 appended"}


def shape(name: str) -> Callable[[Shape], Shape]:
    def add(function: Shape) -> Shape:
        SHAPES[name] = function
        return function

    return add


def each_line(change: Callable[[str], str], end: str = "\n", encoding: str = "utf-8") -> Shape:
    """A shape that changes every line and adds none."""

    def save(lines: list[str]) -> Saved:
        text = "".join(change(line) + end for line in lines)
        return text.encode(encoding), list(range(1, len(lines) + 1))

    return save


def between(before: bytes, after: bytes, inner: Shape, added: int = 0) -> Shape:
    """A shape that puts bytes around another: `added` lines before it."""

    def save(lines: list[str]) -> Saved:
        data, where = inner(lines)
        return before + data + after, [number + added for number in where]

    return save


def same(line: str) -> str:
    return line


plain = each_line(same)

# Line ends
SHAPES["LF"] = plain
SHAPES["CRLF"] = each_line(same, "\r\n")
SHAPES["CR CR LF"] = each_line(same, "\r\r\n")
SHAPES["lone CR"] = each_line(same, "\r")


@shape("echo with CR CR LF, output with CRLF, the rest with LF")
def mixed_ends(lines: list[str]) -> Saved:
    ends = ["\r\r\n" if " # " in line else "\r\n" if number % 3 else "\n" for number, line in enumerate(lines)]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return text.encode(), list(range(1, len(lines) + 1))


# Encodings
SHAPES["UTF-8 with byte order mark"] = between(codecs.BOM_UTF8, b"", plain)
SHAPES["Windows-1252"] = each_line(same, "\r\n", "cp1252")
for name, mark in (("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)):
    wide = each_line(same, "\r\n", name)
    SHAPES[f"{name} with byte order mark"] = between(mark, b"", wide)
    SHAPES[f"{name} without byte order mark"] = wide
SHAPES["utf-32-le with byte order mark"] = between(codecs.BOM_UTF32_LE, b"", each_line(same, "\n", "utf-32-le"))


@shape("UTF-8 and Windows-1252 in turn")
def two_encodings(lines: list[str]) -> Saved:
    parts = [(line + "\n").encode("cp1252" if number % 2 else "utf-8") for number, line in enumerate(lines)]
    return b"".join(parts), list(range(1, len(lines) + 1))


@shape("UTF-16 cut in the middle of a unit at both ends")
def cut_unit(lines: list[str]) -> Saved:
    data = ("x\r\n" + "".join(line + "\r\n" for line in lines) + " ").encode("utf-16-le")
    return data[1:-1], list(range(2, len(lines) + 2))


@shape("UTF-16 with ASCII appended")
def narrow_appended(lines: list[str]) -> Saved:
    half = len(lines) // 2
    first, second = ("".join(line + "\r\n" for line in part) for part in (lines[:half], lines[half:]))
    return first.encode("utf-16") + second.encode(), list(range(1, len(lines) + 1))


@shape("ASCII with UTF-16 appended")
def wide_appended(lines: list[str]) -> Saved:
    half = len(lines) * 2 // 3
    first = "".join(line + "\r\n" for line in lines[:half])
    second = "".join(line + "\r\n" for line in lines[half:])
    return first.encode() + second.encode("utf-16-le"), list(range(1, len(lines) + 1))


SHAPES["NULs"] = each_line(lambda line: line.replace("e", "\0e") + "\0\0")

# What terminals leave behind
SHAPES["coloured"] = each_line(lambda line: line.replace(" ", "\x1b[0;32m \x1b[0m"), "\r\n")
SHAPES["window titles"] = each_line(lambda line: f"\x1b]0;admin@FAZ: ~\x07\x1b[?2004h{line}\x1b[?2004l", "\r\n")


@shape("pager erased with blanks")
def pager_blanks(lines: list[str]) -> Saved:
    marked = [f"--More-- \r         \r{line}" if number % 24 == 23 else line for number, line in enumerate(lines)]
    return "".join(line + "\r\n" for line in marked).encode(), list(range(1, len(lines) + 1))


@shape("pager erased with backspaces")
def pager_backspaces(lines: list[str]) -> Saved:
    marked = ["--More--" + "\b \b" * 8 + line if number % 24 == 23 else line for number, line in enumerate(lines)]
    return "".join(line + "\r\n" for line in marked).encode(), list(range(1, len(lines) + 1))


SHAPES["typing errors taken back"] = each_line(
    lambda line: re.sub(r"(# \w)(\w+) ", "\\1xy\b \b\b \b\\2q\b\x1b[K ", line), "\r\n"
)

# What terminal programs add
PUTTY = "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2026.11.24 09:59:58 =~=~=~=~=~=~=~=~=~=~=~=\r\nlogin as: admin\r\n"
SHAPES["PuTTY"] = between(PUTTY.encode(), b"", each_line(same, "\r\n"), added=2)


@shape("PuTTY appending to one file")
def putty_twice(lines: list[str]) -> Saved:
    half = next(number for number, line in enumerate(lines) if number and line.endswith("get system status"))
    data = [PUTTY, *(line + "\r\n" for line in lines[:half]), PUTTY, *(line + "\r\n" for line in lines[half:])]
    return "".join(data).encode(), [number + (2 if number <= half else 4) for number in range(1, len(lines) + 1)]


SHAPES["SecureCRT stamps"] = each_line(lambda line: f"[2026-11-24 10:00:00.123] {line}", "\r\n")
SHAPES["stamps of the day's time"] = each_line(lambda line: f"<10:00:00> {line}", "\r\n")
SHAPES["Tera Term stamps"] = each_line(lambda line: f"[Tue Nov 24 10:00:00.123 2026] {line}", "\r\n")
SHAPES["stamps of elapsed time"] = each_line(lambda line: f"[0 00:12:05.123] {line}", "\r\n")
SHAPES["stamps without brackets"] = each_line(lambda line: f"2026-11-24 10:00:00.123 {line}")
SHAPES["script"] = between(
    b'Script started on 2026-11-24 10:00:00+01:00 [TERM="xterm" TTY="/dev/pts/0" COLUMNS="200" LINES="24"]\n',
    b'\nScript done on 2026-11-24 10:06:00+01:00 [COMMAND_EXIT_CODE="0"]\n',
    each_line(lambda line: re.sub(r"(# \w+)", "\\1z\b\x1b[K", line), "\r\n"),
    added=1,
)


@shape("Rich Text of MobaXterm")
def rich_text(lines: list[str]) -> Saved:
    def escaped(line: str) -> str:
        line = re.sub(r"([\\{}])", r"\\\1", line)
        return re.sub(r"[^\x00-\x7f]", lambda match: f"\\'{ord(match[0]):02x}", line)

    body = "".join(f"\\cf2 {escaped(line)}\\cf1\\par\r\n" for line in lines)
    header = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Courier New;}}\r\n{\\colortbl;\\red0\\green0\\blue0;}\r\n\\f0\\fs20 "
    return (header + body + "}\r\n").encode("ascii"), list(range(1, len(lines) + 1))


# What broke the lines
def broken(lines: list[str], parts: Callable[[str], list[str]], prefix: str, end: str = "\n") -> Saved:
    pieces = [parts(line) or [""] for line in lines]
    text = "".join(prefix + part + end for each in pieces for part in each)
    return text.encode(), list(accumulate(map(len, pieces[:-1]), initial=1))


def at_column(width: int) -> Callable[[str], list[str]]:
    return lambda line: [line[at : at + width] for at in range(0, len(line), width)]


def at_blank(width: int) -> Callable[[str], list[str]]:
    return lambda line: textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)


SHAPES["serial console of 80 columns"] = lambda lines: broken(lines, at_column(80), "", "\r\n")
SHAPES["serial console of 132 columns"] = lambda lines: broken(lines, at_column(132), "", "\r\n")
for width in (72, 74, 76, 78):
    SHAPES[f"mail wrapped at {width}"] = lambda lines, width=width: broken(lines, at_blank(width), "")
    SHAPES[f"mail wrapped at {width}, then quoted"] = lambda lines, width=width: broken(lines, at_blank(width), "> ")
SHAPES["mail wrapped and quoted twice"] = lambda lines: broken(lines, at_blank(72), ">> ")
SHAPES["mail wrapped and quoted twice, with blanks"] = lambda lines: broken(lines, at_blank(72), "> > ", "\r\n")


@shape("mail quoted, then wrapped")
def quoted_then_wrapped(lines: list[str]) -> Saved:
    return broken([f"> {line}" for line in lines], at_blank(76), "")


# What mail programs and word processors put in
SHAPES["mail quoted"] = each_line(lambda line: f"> {line}")
SHAPES["a block of code in a post"] = each_line(lambda line: f"    {line}")
SHAPES["a block of code in a post, with tabs"] = each_line(lambda line: f"\t{line}" if line else line, "\r\n")
SHAPES["a block of code in a mail that was quoted"] = each_line(lambda line: f">     {line}")
SHAPES["a mail that was quoted in a block of code"] = each_line(lambda line: f"    > {line}")
SHAPES["the source of a web page"] = each_line(html.escape)
SHAPES["what Ansible prints"] = each_line(lambda line: f"        {json.dumps(line)},")
SHAPES["what Docker Compose prints"] = each_line(lambda line: f"session-1  | {line}")
SHAPES["a log with bold lines"] = each_line(lambda line: f"**{line}**" if "535" in line else line)
SHAPES["what grep prints of one file in many"] = each_line(lambda line: f"logs/session.log:{line}")
for name, form in {
    "grep": "{}:{}",
    "grep and names": "a.log:{}:{}",
    "cat": "{:6d}\t{}",
    "an editor": "{:4d}  {}",
}.items():
    SHAPES[f"numbered by {name}"] = lambda lines, form=form: (
        "\n".join(form.format(*each) for each in enumerate(lines, 1)).encode(),
        list(range(1, len(lines) + 1)),
    )
SHAPES["mail quoted without blanks"] = each_line(lambda line: f">{line}", "\r\n")
SHAPES["typographic quotes"] = each_line(
    lambda line: re.sub('"([^"]*)"', "\u201c\\1\u201d", line).replace("'", "\u2019")
)
SHAPES["blanks that do not break"] = each_line(lambda line: line.replace(" ", "\u00a0"), "\r\n")
SHAPES["quoted and wrapped in Windows-1252"] = between(
    b"", b"", lambda lines: _in("cp1252", broken(lines, at_blank(76), "> ", "\r\n"))
)


def _in(encoding: str, saved: Saved) -> Saved:
    return saved[0].decode().encode(encoding), saved[1]
