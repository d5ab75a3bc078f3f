# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What devices have printed, out of results that Ansible shows (`ok: [faz1] => {...}`) or that were saved as JSON."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Protocol

from ..redact.redactor import MASK, Redactor

_BEGINS = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*[\[{]\s*[\[{\"]|^\w+: \[[^\]\n]{1,200}\][^\n]{0,200} => \{", re.MULTILINE)
_VALUE = re.compile(r"(?:^|=> )(?=[\[{])", re.MULTILINE)
# More is read as it is.
_MOST = 16 * 1024 * 1024
_MOST_BROKEN = 20
_BLOCK = 64 * 1024


class _Bytes(Protocol):
    def read1(self, most: int, /) -> bytes: ...


def may_be_json(head: bytes) -> bool:
    """Return whether a file that begins so may have values of JSON."""
    return _BEGINS.search(head) is not None


class JsonText:
    """A file in which the lines of its strings stand in place of each value of JSON that has such; the rest is as it was."""

    def __init__(self, source: _Bytes) -> None:
        self._source = source
        self._beginning: io.BytesIO | None = None

    def read1(self, most: int, /) -> bytes:
        """Return some of the next bytes, b"" at the end. Raises what the source raises."""
        if self._beginning is None:
            data = bytearray()
            while len(data) <= _MOST and (block := self._source.read1(_BLOCK)):
                data += block
            self._beginning = io.BytesIO(data if len(data) > _MOST else _with_lines(bytes(data)))
        return self._beginning.read(most) or self._source.read1(most)


def _with_lines(data: bytes) -> bytes:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data
    parts: list[str] = []
    end = broken = 0
    decoder = json.JSONDecoder()
    for found in _VALUE.finditer(text):
        if found.end() < end:
            continue
        try:
            value, after = decoder.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            broken += 1
            if broken == _MOST_BROKEN:
                break
            continue
        if _has_lines(value):
            parts += [text[end : found.end()], *(f"\n{line}" for line in _lines_of(value))]
            end = after
    return "".join([*parts, text[end:]]).encode() if parts else data


def _has_lines(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_lines, value.values()))
    if isinstance(value, list):
        return sum(isinstance(each, str) for each in value) > 1 or any(map(_has_lines, value))
    return isinstance(value, str) and "\n" in value.strip()


def _lines_of(value: Any, name: str = "") -> Iterator[str]:
    """Yield the lines of the strings in a value. One of a single line, and one below the name of a secret, stays with its name."""
    secret = name if name and _is_secret(name) else ""
    if isinstance(value, dict):
        for key, each in value.items():
            if f"{key}_lines" not in value:  # which has the same
                yield from _lines_of(each, secret or key)
    elif isinstance(value, list):
        for each in value:
            yield from _lines_of(each, secret)
    elif isinstance(value, str):
        as_it_was = secret or (name and "\n" not in value.strip())
        yield from [f"{json.dumps(name)}: {json.dumps(value)}"] if as_it_was else value.splitlines()


@lru_cache
def _is_secret(name: str) -> bool:
    """Return whether a value would be masked because of the name before it."""
    return MASK in Redactor().text(f'{json.dumps(name)}: "x1y2z3"')
