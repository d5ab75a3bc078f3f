# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a Rich Text file, as MobaXterm saves a terminal. (Rich Text Format Specification 1.9.1, Microsoft.)"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MAGIC = b"{\\rtf"

_TOKEN = re.compile(
    rb"\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\(?P<symbol>[^a-zA-Z'])"
    rb"|(?P<brace>[{}])|(?P<end>[\r\n]+)|(?P<text>[^\\{}\r\n]+)|(?P<stray>\\)",
    re.DOTALL,
)
# A token may go on in the next block when it begins this near to the end of a block.
_LONGEST_TOKEN = 64
# Groups that hold no text of the document.
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet info pict header footer footnote listtable listoverridetable rsidtbl generator "
    b"object themedata datastore xmlnstbl latentstyles".split()
)
_SIGNS = {
    b"tab": "\t",
    b"emdash": "\u2014",
    b"endash": "\u2013",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"bullet": "\u2022",
}
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\"}
_LINE_ENDS = frozenset((b"par", b"line", b"sect", b"page", b"row"))
_DEEPEST = 1000


def paragraphs(blocks: Iterable[bytes], longest: int) -> Iterator[str]:
    """Yield some paragraphs at a time, joined by LF.

    A paragraph is cut at `longest` characters. Groups without text, such as fonts and colours, are left out.
    """
    document = _Document(longest)
    rest = b""
    for block in blocks:
        data = rest + block
        rest = data[document.read(data, max(0, len(data) - _LONGEST_TOKEN)) :]
        yield from document.taken()
    document.read(rest, len(rest))
    document.close()
    yield from document.taken()


class _Document:
    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._lines: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._silent = False
        self._groups: list[bool] = []
        self._too_deep = 0
        self._alternatives = 1  # how many characters replace the one before them in programs that cannot show it
        self._skip = 0

    def read(self, data: bytes, end: int) -> int:
        """Read the tokens that begin before `end`; return how many bytes they take."""
        at = 0
        while at < end:
            match = _TOKEN.match(data, at)
            if match is None:  # cannot happen: the last alternatives take any byte
                break
            self._token(match)
            at = match.end()
        return at

    def taken(self) -> Iterator[str]:
        if self._lines:
            yield "\n".join(self._lines)
            self._lines = []

    def close(self) -> None:
        if self._text:
            self._end_line()

    def _token(self, match: re.Match[bytes]) -> None:
        kind, value = match.lastgroup, match[0]
        if kind == "number":
            kind = "word"
        if kind == "brace":
            self._group(value == b"{")
        elif match["symbol"] == b"*" or match["word"] in _SILENT:
            self._silent = True
        elif self._silent or kind == "end":
            return
        elif kind == "text":
            text = value.decode("cp1252", "replace")
            self._say(text[self._skip :])
            self._skip = max(0, self._skip - len(text))
        elif kind == "byte":
            self._replaceable(bytes([int(match["byte"], 16)]).decode("cp1252", "replace"))
        elif kind == "symbol":
            if match["symbol"] in (b"\n", b"\r"):
                self._end_line()
            else:
                self._replaceable(_SYMBOLS.get(match["symbol"], ""))
        elif kind == "word":
            self._word(match["word"], match["number"])

    def _word(self, word: bytes, number: bytes | None) -> None:
        if word in _LINE_ENDS:
            self._end_line()
        elif word in _SIGNS:
            self._say(_SIGNS[word])
        elif word == b"uc" and number:
            self._alternatives = max(0, int(number))
        elif word == b"u" and number:
            # Written as a signed 16 bit number; halves of a pair are of no use here.
            character = chr(int(number) & 0xFFFF)
            self._say("\ufffd" if "\ud800" <= character <= "\udfff" else character)
            self._skip = self._alternatives

    def _group(self, opens: bool) -> None:
        self._skip = 0
        if opens and len(self._groups) < _DEEPEST:
            self._groups.append(self._silent)
        elif opens:
            self._too_deep += 1
        elif self._too_deep:
            self._too_deep -= 1
        elif self._groups:
            self._silent = self._groups.pop()

    def _replaceable(self, text: str) -> None:
        if self._skip:
            self._skip -= 1
        else:
            self._say(text)

    def _say(self, text: str) -> None:
        if text := text.replace("\n", " ")[: self._longest - self._length]:
            self._length += len(text)
            self._text.append(text)

    def _end_line(self) -> None:
        self._lines.append("".join(self._text))
        self._text, self._length = [], 0
