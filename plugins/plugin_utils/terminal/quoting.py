# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quote values for the CLI of FortiAnalyzer and FortiManager, read quoted values back, and escape text for a terminal.

The manuals say that a backslash escapes and that quotation marks come in pairs (FMG 7.2.7, FAZ 6.4.9 CLI reference).
"""

from __future__ import annotations

import re
import unicodedata

from ..errors import FazmailError
from .clean import PAGER_MARK

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class UnsafeValueError(FazmailError):
    """A value holds a character that the interactive CLI would act upon instead of storing it."""

    cause = "option"


def quote(value: str) -> str:
    """Return the value in double quotes, as one word of a command line.

    Raises UnsafeValueError for control characters, line separators and lone surrogates, for `?`, which the CLI
    takes as a request for help even inside quotes, and for the mark of the pager, which is taken out of what the device
    shows. Nothing is silently removed.
    """
    if PAGER_MARK in value:
        raise UnsafeValueError(f"holds {PAGER_MARK}, which is taken for the end of a page where the value is read back")
    for character in value:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise UnsafeValueError(f"holds the control character U+{ord(character):04X}")
        if character == "?":
            raise UnsafeValueError("holds a question mark, which the CLI takes as a request for help")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquote(token: str) -> str:
    """Return the value of one word as `show` prints it, quoted or bare."""
    token = token.strip()
    if len(token) >= 2 and token[0] == token[-1] and token[0] in "\"'":
        token = token[1:-1]
    return _ESCAPED.sub(r"\1", token)


def escaped(text: str) -> str:
    """Return a text with escapes in place of the characters that do something to a terminal."""
    return text if text.isprintable() else "".join(_escaped(character) for character in text)


def escaped_lines(text: str) -> str:
    """Return a text of several lines as a terminal may safely show it: line ends and tabs stay, all else is as in `escaped`."""
    return "\n".join("\t".join(map(escaped, line.split("\t"))) for line in text.split("\n"))


def _escaped(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        number = ord(character)
        return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
    return character
