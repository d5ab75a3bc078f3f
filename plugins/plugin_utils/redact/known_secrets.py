# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find secrets we know in every form in which a device, a mail library or a log prints them.

A form may be torn apart by line ends, terminal sequences and NULs (UTF-16): they are taken out before it is looked for.
"""

from __future__ import annotations

import base64
import html
import json
import re
import string
from bisect import bisect_right
from collections.abc import Iterable
from urllib.parse import quote as url_quote

from ..terminal.clean import ESCAPE_SEQUENCE

MASK = "<redacted>"

# Shorter values would mask ordinary words; only the patterns protect them.
_SHORTEST_VALUE = 4
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
# A password like these would turn half a configuration into masks and hide nothing: everybody knows the words.
_DEVICE_WORDS = frozenset(
    [
        *(
            "admin",
            "auth",
            "certificate",
            "config",
            "default",
            "disable",
            "edit",
            "enable",
            "from",
            "mail",
            "none",
            "oauth2",
        ),
        *(
            "passwd",
            "password",
            "port",
            "psk",
            "redacted",
            "secure-option",
            "server",
            "set",
            "smtp",
            "smtps",
            "ssl-protocol",
        ),
        *("starttls", "system", "user"),
    ]
)
_BETWEEN = re.compile(ESCAPE_SEQUENCE.pattern + r"|[\r\n\0]")
_BASE64 = f"{string.ascii_letters}{string.digits}+/"
_BASE64_AFTER = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_LINE = re.compile(r"[^\r\n]+")

Span = tuple[int, int]


class KnownSecrets:
    """Secrets as found in text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        values = {value for value in secrets if _worth_masking(value)}
        self._forms = _longest_first(form for value in values for form in _printed_forms(value))
        self._cores = _longest_first(core for value in values for core in _base64_cores(value))
        self._shortest = min(map(len, (*self._forms, *self._cores)), default=0)

    def masked(self, text: str) -> str:
        """Return the text with a mask for each secret; the line ends within it stay."""
        return _masked(text, self.spans(text))

    def spans(self, text: str) -> list[Span]:
        """Return where the secrets are, in order and without overlap."""
        if not self._shortest or len(text) < self._shortest:
            return []
        spans = self._found(_bare(text), text)
        if "\x1b" in text:
            # What looks like a terminal sequence may hold the beginning of a secret: `ESC =` is one.
            spans += self._found(text, text)
        return _merged(spans)

    def _found(self, shown: str, text: str) -> list[Span]:
        """Return where in a text the secrets of `shown` are, which is the text or what remains of it."""
        plain, base64_ = _occurrences(self._forms, shown), _occurrences(self._cores, shown)
        if not plain and not base64_:
            return []
        place = int if shown == text else _Places(text)
        spans = [(place(begin), place(end - 1) + 1) for begin, end in plain]
        for core_begin, core_end in base64_:
            begin, end = place(core_begin), place(core_end - 1) + 1
            if spans and spans[-1][0] <= begin and end <= spans[-1][1]:
                continue
            spans.append((_base64_begin(text, begin), _BASE64_AFTER.match(text, end).end()))  # type: ignore[union-attr]
        return spans


class _Places:
    """The places of the characters of a bare text in the text it was made of."""

    def __init__(self, text: str) -> None:
        self._bare = [0]  # for each piece between what was taken out: its place in the bare text
        self._text = [0]  # and in the text
        for match in _BETWEEN.finditer(text):
            bare = self._bare[-1] + match.start() - self._text[-1]
            if bare == self._bare[-1]:
                self._text[-1] = match.end()
            else:
                self._bare.append(bare)
                self._text.append(match.end())

    def __call__(self, bare: int) -> int:
        piece = bisect_right(self._bare, bare) - 1
        return self._text[piece] + bare - self._bare[piece]


def _bare(text: str) -> str:
    if "\x1b" in text:
        return _BETWEEN.sub("", text)
    return text.replace("\n", "").replace("\r", "").replace("\0", "")


def _masked(text: str, spans: list[Span]) -> str:
    parts = []
    last = 0
    for begin, end in spans:
        parts += [text[last:begin], _LINE.sub(MASK, text[begin:end])]
        last = end
    parts.append(text[last:])
    return "".join(parts)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _base64_begin(text: str, place: int) -> int:
    line = max(text.rfind("\n", 0, place) + 1, place - 65_536)
    return line + len(text[line:place].rstrip(_BASE64))


def _occurrences(words: Iterable[str], text: str) -> list[Span]:
    """Return where any of the words begins and ends; of several that begin at the same place the first given one."""
    # Not with an expression of all words: compiling it takes longer than looking for each in what a session prints.
    ends: dict[int, int] = {}
    for word in [word for word in words if word in text]:
        begin = text.find(word)
        while begin >= 0:
            ends.setdefault(begin, begin + len(word))
            begin = text.find(word, begin + 1)
    return sorted(ends.items())


def _longest_first(words: Iterable[str]) -> list[str]:
    bare = {_bare(word) for word in words}
    return sorted((word for word in bare if len(word) >= _SHORTEST_VALUE), key=len, reverse=True)


def _worth_masking(value: str) -> bool:
    return (
        len(value) >= _SHORTEST_VALUE
        and value.lower() not in _DEVICE_WORDS
        and not (value.isdigit() and len(value) < 6)
    )


def _printed_forms(value: str) -> set[str]:
    """Every way in which the value may be printed other than base64."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    in_json = json.dumps(value)[1:-1]
    in_html = html.escape(value)
    data = _encoded(value, "utf-8")
    forms = {
        value,
        escaped,
        in_json,
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(escaped)[1:-1],
        json.dumps(in_json)[1:-1],
        # JSON within a page, as Jinja writes it
        in_json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("'", "\\u0027"),
        repr(value)[1:-1],
        repr(data)[2:-1],
        in_html,
        html.escape(value, quote=False),
        in_html.replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        url_quote(data),
        url_quote(data, safe=""),
    }
    for encoding in _ENCODINGS:
        data = _encoded(value, encoding)
        forms |= {data.hex(), data.hex().upper(), data.decode("utf-8", "replace"), data.decode("latin-1")}
    return forms


def _encoded(value: str, encoding: str) -> bytes:
    """Return the bytes of a value, also of one that was read from bytes that are no text: each is a surrogate in it."""
    try:
        return value.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        return value.encode(encoding, "surrogatepass")


def _base64_cores(value: str) -> set[str]:
    """The characters that base64 of any text holding the value must contain, at each of the three alignments."""
    cores = set()
    for data in (_encoded(value, encoding) for encoding in _ENCODINGS):
        for before in range(3):
            encoded = base64.b64encode(b"\0" * before + data).decode("ascii").rstrip("=")
            # The first characters mix in what precedes, the last one what follows.
            start = (before * 8 + 5) // 6
            end = (before + len(data)) * 8 // 6
            core = encoded[start:end]
            cores |= {core, core.translate(_URL_SAFE)}
    return cores


_URL_SAFE = str.maketrans("+/", "-_")
