# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings of a CLI session: what each command printed, byte by byte, in Oxidized's simulation YAML.

`init_prompt` is what the device shows by itself up to the first prompt; `commands` maps a command to its echo, its
output and the next prompt. A line ends with `\\n`; a step without it is keys that act at once, such as the blank at a pager, in a
file that has lines with their ends. Control characters and blanks at the end of a line are written `\\r`, `\\e`, `\\x20`.
(https://github.com/ytti/oxidized, docs/DeviceSimulation.md)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml

from ..errors import FazmailError
from ..yaml_file import parse, problem

_ESCAPED = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\}|[0-7]{1,3}|.)", re.DOTALL)
_NAMED = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "e": 27, "s": 32, "0": 0}
_NAMES = {7: "a", 8: "b", 9: "t", 11: "v", 12: "f", 13: "r", 27: "e", 92: "\\"}


class RecordingError(FazmailError):
    """A recording cannot be read; the message is one line that says where and what was expected."""

    cause = "recording"


@dataclass(frozen=True)
class RecordedCommand:
    """A command, without its line end, and the bytes that came for it.

    keys: the steps that followed before the next command, each the keys that were pressed and what came for them.
    """

    command: str
    output: bytes
    keys: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Recording:
    """A session: the bytes up to the first prompt, and the exchanges in the order they were recorded.

    keys: those pressed before the first command, such as to accept a banner.
    """

    init_prompt: bytes
    exchanges: tuple[RecordedCommand, ...]
    keys: tuple[tuple[str, bytes], ...] = ()


def load(text: str, source: str) -> Recording:
    """Read a recording from YAML. Raises RecordingError that names `source`."""
    try:
        data = parse(text)
    except yaml.YAMLError as error:
        raise RecordingError(f"{source}: not YAML: {problem(error)}") from None
    if not isinstance(data, dict) or not isinstance(data.get("init_prompt"), str):
        raise RecordingError(f"{source}: expected the keys init_prompt and commands, as in Oxidized's simulation files")
    steps = []
    for command, output in _pairs(data.get("commands"), source):
        if not isinstance(command, str) or not isinstance(output, str):
            raise RecordingError(f"{source}: commands: {command!r}: expected a text as the output of a command")
        try:
            steps.append((_decoded(command, source).decode(), _decoded(output, source)))
        except UnicodeDecodeError as error:
            raise RecordingError(f"{source}: commands: {command!r}: is no text: {error.reason}") from None
    # Files of an older form have no line ends at all.
    ended = any(_is_line(command) for command, __ in steps)
    first = RecordedCommand("", _decoded(data["init_prompt"], source))
    exchanges = [first]
    for command, output in steps:
        if _is_line(command) or not ended:
            exchanges.append(RecordedCommand(command.rstrip("\r\n"), output))
        else:
            exchanges[-1] = replace(exchanges[-1], keys=(*exchanges[-1].keys, (command, output)))
    return Recording(first.output, tuple(exchanges[1:]), exchanges[0].keys)


def dump(recording: Recording) -> str:
    """Return a recording as YAML, which `load` makes the very same recording of."""
    parts = ["---\ninit_prompt: |-\n", _block(recording.init_prompt, 2), "commands:\n"]
    steps = [*recording.keys]
    for exchange in recording.exchanges:
        steps += [(exchange.command + "\n", exchange.output), *exchange.keys]
    for command, output in steps:
        parts.append(f"  - {_key(command)}: |-\n")
        parts.append(_block(output, 6))
    return "".join(parts)


def at_keys(output: bytes, mark: bytes) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """Return what came for a command up to the first mark of a pager, and a step of one blank for each mark that was answered."""
    first, *rest = re.split(rb"(?<=%s)(?=\r *\r|\x08)" % re.escape(mark), output)
    return first, tuple((" ", each) for each in rest)


def _is_line(command: str) -> bool:
    return command.endswith(("\n", "\r"))


def _pairs(commands: Any, source: str) -> Iterator[tuple[Any, Any]]:
    """The commands are a mapping, or a list of mappings when one command comes several times."""
    for each in commands or [] if isinstance(commands, list | None) else [commands]:
        if not isinstance(each, dict):
            raise RecordingError(f"{source}: commands: expected a mapping of commands to their output")
        yield from each.items()


def _decoded(text: str, source: str) -> bytes:
    """Return the bytes a text stands for: UTF-8, with the escapes of a Ruby string."""
    found = bytearray()
    position = 0
    for match in _ESCAPED.finditer(text):
        found += text[position : match.start()].encode()
        found += _escaped(match[1], source)
        position = match.end()
    found += text[position:].encode()
    return bytes(found)


def _escaped(escape: str, source: str) -> bytes:
    if escape[0] == "x" and len(escape) > 1:
        return bytes([int(escape[1:], 16)])
    if escape[0] == "u" and len(escape) > 1:
        try:
            return chr(int(escape[1:].strip("{}"), 16)).encode()
        except (OverflowError, ValueError):
            raise RecordingError(f"{source}: the escape \\{escape} is no character") from None
    if escape in _NAMED:
        return bytes([_NAMED[escape]])
    if escape[0] in "01234567":
        value = int(escape, 8)
        if value > 255:
            raise RecordingError(f"{source}: the escape \\{escape} is no byte")
        return bytes([value])
    return escape.encode()


def _block(data: bytes, indent: int) -> str:
    """Return the lines of a block scalar `|-`. A line end at the very end would be cut off: it is escaped."""
    lines = data.split(b"\n")
    shown = [_shown(line) for line in lines]
    while len(shown) > 1 and not shown[-1]:
        shown.pop()
        shown[-1] += "\\n"
    if shown[0].startswith(" ") or not shown[0]:
        # YAML takes the indentation of a block from its first line.
        shown[0] = "\\x20" + shown[0][1:] if shown[0] else ""
    if not shown[0] and len(shown) > 1:
        shown[1] = "\\n" + shown[1]
        shown.pop(0)
    return "".join(" " * indent + line + "\n" if line else "\n" for line in shown)


def _shown(line: bytes) -> str:
    """Return a line in printable characters."""
    text = ""
    for character in line.decode("utf-8", "surrogateescape"):
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8
            text += f"\\x{code - 0xDC00:02x}"
        elif code in _NAMES:
            text += "\\" + _NAMES[code]
        elif code < 32 or code == 127:
            text += f"\\x{code:02x}"
        elif character.isprintable():
            text += character
        else:
            text += f"\\u{{{code:x}}}"
    blanks = len(text) - len(text.rstrip(" "))
    return text[: len(text) - blanks] + "\\x20" * blanks


def _key(command: str) -> str:
    line, end, __ = command.partition("\n")
    return '"' + _shown(line.encode()).replace("\\", "\\\\").replace('"', '\\"') + ("\\n" if end else "") + '"'
