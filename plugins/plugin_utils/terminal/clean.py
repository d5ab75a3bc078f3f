# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a terminal's text is visible: line ends, terminal sequences, pager remains, typing errors taken back."""

from __future__ import annotations

import re

from .encoding import decode

__all__ = ["ESCAPE_SEQUENCE", "PAGER_MARK", "decode", "lines", "plain", "screen", "visible"]

ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>@-Z\\^_])")
PAGER_MARK = "--More--"
# The pager's mark, and what erases it when a key is pressed: a carriage return, blanks, a carriage return.
_PAGER = re.compile(PAGER_MARK + r" ?(?:\r *\r|(?:\x08 ?)+)?")
_ERASED = re.compile(r"\r +\r")
# The device ends an echoed line with CR CR LF, output with CR LF; files have any of them.
# (Looking back keeps a long run of carriage returns from being tried from each of them.)
_LINE_END = re.compile(r"(?<!\r)\r*\n")
# Bytes that a serial line or a transcript left behind; none of them is part of a text.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Whoever types corrects: backspaces, and what line editors print to move, delete and erase on the line.
_RETYPED = re.compile(r"\x08|\x1b\[\d*[CDKP]")
_KEYSTROKE = re.compile(rf"\x1b\[(\d*)([CDKP])|{ESCAPE_SEQUENCE.pattern}|([^\x1b])")
_FARTHEST = 1000


def screen(text: str) -> str:
    """Return text without pager marks and erased characters, lines ended by LF. Other control characters stay."""
    # Looking for a plain character costs next to nothing, and most text has none of these.
    if PAGER_MARK in text:
        text = _PAGER.sub("", text)
    return _ERASED.sub("", _LINE_END.sub("\n", text)) if "\r" in text else text


def visible(text: str) -> str:
    """Return what remains on the screen, with LF as the only line end; the number of LF stays as it was."""
    text = text.replace("\0", "")
    if ("\b" in text or "\x1b" in text) and _RETYPED.search(text):
        text = screen(text)
        text = "\n".join(_retyped(line) if _RETYPED.search(line) else line for line in text.split("\n"))
    text = screen(ESCAPE_SEQUENCE.sub("", text) if "\x1b" in text else text)
    return _CONTROL.sub("", text).replace("\r", " ")


def plain(text: str) -> str:
    """Return what remains on the screen. A lone carriage return ends a line only in text that has no other line end."""
    return visible(text if "\n" in text else text.replace("\r", "\n"))


def lines(text: str) -> list[str]:
    """Split plain text at LF only: a control character inside a line of debug output does not make two of it."""
    split = plain(text).split("\n")
    if split[-1] == "":
        split.pop()
    return split


def _retyped(line: str) -> str:
    """Return a line as it stood on the screen after the last key."""
    cells: list[str] = []
    at = 0
    for count, movement, character in _KEYSTROKE.findall(line):
        steps = min(int(count or 1), _FARTHEST) if len(count) < 9 else _FARTHEST
        if character == "\b" or movement == "D":
            at = max(0, at - steps)
        elif character == "\r":
            at = 0
        elif movement == "C":
            # A terminal has a last column, where the cursor stays.
            at = min(at + steps, max(len(cells), _FARTHEST))
        elif movement == "P":
            del cells[at : at + steps]
        elif movement == "K":
            # 0 or none erases what follows, 1 what is before, 2 both
            if count in ("", "0"):
                del cells[at:]
            else:
                cells[: at + 1] = " " * len(cells[: at + 1])
                if count == "2":
                    del cells[at:]
        elif character:
            if at > len(cells):
                cells.extend(" " * (at - len(cells)))
            cells[at : at + 1] = character
            at += 1
    return "".join(cells)
