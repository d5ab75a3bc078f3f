# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a web page or a Word document that was saved: what a person sees of it, in its lines."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from typing import Protocol

_BEGINS = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html\b|w:document\b)",
    re.IGNORECASE | re.DOTALL,
)
# What is in the file of an Office document beside its text: styles, fonts, relations.
_OF_OFFICE = re.compile(rb"<[^>]{0,400}\bxmlns(?::\w+)?=\"http://schemas\.openxmlformats\.org/")
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)
_BREAKS = frozenset({"br", "w:br"})
_PARAGRAPHS = (
    "address article blockquote dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section "
    "table tbody td textarea tfoot th thead tr ul w:p"
)
_BLOCKS = _BREAKS | frozenset(_PARAGRAPHS.split())
# Cells stand beside each other.
_CELLS = frozenset({"td", "th"})
_HIDDEN = frozenset({"script", "style", "head", "template", "noscript", "w:instrtext", "w:deltext", "mc:fallback"})
_AS_IT_IS = frozenset({"pre", "textarea", "xmp", "w:t"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_BLOCK = 64 * 1024


class PageBytes(Protocol):
    """Bytes, some at a time."""

    def read1(self, most: int, /) -> bytes: ...


def is_web_page(head: bytes) -> bool:
    """Return whether a file that begins so is HTML, or the text of a Word document."""
    return _BEGINS.match(head) is not None


def is_of_office(head: bytes) -> bool:
    """Return whether a file that begins so is a part of an Office document, and not its text."""
    return not is_web_page(head) and _OF_OFFICE.search(head[:1000]) is not None


def text_of(html: str) -> str:
    """Return the text of a page."""
    page = _Page()
    page.feed(html)
    page.close()
    return page.taken()


class WebPage:
    """The text of a page in UTF-8, as its bytes come. head: how it begins, in which it may name its encoding."""

    def __init__(self, source: PageBytes, head: bytes) -> None:
        named = _CHARSET.search(head)
        try:
            made = codecs.getincrementaldecoder(named[1].decode("ascii") if named else "utf-8")
        except LookupError:
            made = codecs.getincrementaldecoder("utf-8")
        self._decoder = made("replace")
        self._source = source
        self._page = _Page()
        self._rest = b""
        self._ended = False

    def read1(self, most: int, /) -> bytes:
        while not self._rest and not self._ended:
            data = self._source.read1(_BLOCK)
            self._ended = not data
            self._page.feed(self._decoder.decode(data, self._ended))
            if self._ended:
                self._page.close()
            self._rest = self._page.taken().encode("utf-8", "replace")
        given, self._rest = self._rest[:most], self._rest[most:]
        return given


class _Page(HTMLParser):
    """Collects what is shown. A line ends where a block does; blanks count only where a page keeps them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._hidden = 0
        self._kept = 0
        self._at_start = True

    def taken(self) -> str:
        text = "".join(self._parts)
        self._parts = []
        return text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        self._kept += tag in _AS_IT_IS
        if tag in _CELLS and not self._at_start:
            self._parts.append(" ")
        elif tag in _BREAKS:
            self._end_line(always=True)
        elif tag in _BLOCKS:
            self._end_line()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "w:tab":
            self._parts.append("\t")
        elif tag in _BLOCKS and tag not in _CELLS:
            self._end_line(always=tag in _BREAKS)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        self._kept -= tag in _AS_IT_IS and self._kept > 0
        if tag in _BLOCKS and tag not in _CELLS:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if not self._kept:
            data = _BLANKS.sub(" ", data)
            data = data.lstrip(" ") if self._at_start else data
        if data:
            self._parts.append(data)
            self._at_start = data.endswith("\n")

    def _end_line(self, always: bool = False) -> None:
        if not self._hidden and (always or not self._at_start):
            self._parts.append("\n")
            self._at_start = True
