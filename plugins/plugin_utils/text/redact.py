# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove secrets from device text before anybody sees it: results, diffs, logs, exceptions, captures.

Two nets, because either alone has holes. Known values are found in every form a device or a mail library prints them:
as typed, escaped, and inside base64 at each of its three alignments (so also within an AUTH PLAIN response). Patterns
find secrets nobody told us: passwords in configuration lines, ENC tokens, what follows AUTH or a 334 reply, PEM keys.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote as url_quote

MASK = "<redacted>"

# Shorter values would mask ordinary words; only the patterns protect them.
_SHORTEST_VALUE = 4
# A password like these would turn half a configuration into masks and hide nothing: everybody knows the words.
_DEVICE_WORDS = frozenset(
    [
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
        "passwd",
        "port",
        "psk",
        "secure-option",
        "server",
        "set",
        "smtp",
        "smtps",
        "ssl-protocol",
        "starttls",
        "system",
        "user",
    ]
)

_SECRET_OPTION = r"(?:[\w-]*(?:passwd|password|passphrase|secret|private-key|psksecret|auth-pwd))"
# Remedies say `set passwd <password>`: a word to fill in, not a value.
_PLACEHOLDER = "<(?:password|secret)>"
_LINE_PATTERNS = (
    # set passwd "..." and set passwd ENC ...
    (
        re.compile(rf"(\b(?:un)?set\s+{_SECRET_OPTION}\s+)(?!(?:ENC\s+)?{MASK}|{_PLACEHOLDER})(ENC\s+)?\S.*", re.I),
        rf"\1\2{MASK}",
    ),
    # error lines that repeat the rejected value
    (re.compile(rf"(node_check_object fail! for {_SECRET_OPTION}\s+)(?!{MASK})\S.*", re.I), rf"\1{MASK}"),
    (re.compile(r"(\bENC\s+)(?!<redacted>)\S+"), rf"\1{MASK}"),
    # AUTH PLAIN <initial response>; a sentence such as "AUTH LOGIN failed" has no base64 of four or more characters
    (
        re.compile(
            r"(\bAUTH[ =](?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5|NTLM)\s+)(?=[A-Za-z0-9+/]*[A-Z0-9+/=])"
            r"(?!(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5|NTLM|GSSAPI|DIGEST-MD5|SCRAM-\S+)\b)[A-Za-z0-9+/]{4,}={0,2}"
        ),
        rf"\1{MASK}",
    ),
)
_SET_SECRET = re.compile(rf"\bset\s+{_SECRET_OPTION}\b", re.I)
_REJECTED_VALUE = re.compile(r"(value parse error before ')[^']*(?='|$)")
# A 334 that is a reply: behind a mark or alone, with nothing but base64 after it. A counter of 334 is none.
_CHALLENGE = re.compile(r"(?:^|[<>:*~'-]\s{0,2})334(?:[ -][A-Za-z0-9+/=]*)?\s*(?:\\r\\n)?['\"]?$")
_REPLY = re.compile(r"(?:^|[\s<:>])[2-5]\d\d[ -]")
_BASE64_AT_END = re.compile(r"(^|[\s>:*~'\"-])([A-Za-z0-9+/]{2,}={0,2})(['\"]?\s*)$")
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_PEM_END = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")


# Every line a pattern may touch has one of these; the others, nearly all of a log, cost one search.
_HINT = re.compile(r"(?i:set\s|node_check|value parse)|ENC\s|AUTH[ =]|334|-----")


class Redactor:
    """Masks known secrets and whatever looks like one. Line numbers stay as they were."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        values = sorted({value for value in secrets if _worth_masking(value)}, key=len, reverse=True)
        forms = sorted({form for value in values for form in _printed_forms(value)}, key=len, reverse=True)
        cores = sorted({core for value in values for core in _base64_cores(value)}, key=len, reverse=True)
        self._forms, self._cores = forms, cores
        self._plain = re.compile("|".join(re.escape(form) for form in forms)) if forms else None
        self._base64 = (
            re.compile(r"[A-Za-z0-9+/]*(?:" + "|".join(re.escape(core) for core in cores) + r")[A-Za-z0-9+/]*={0,2}")
            if cores
            else None
        )

    def text(self, text: str) -> str:
        """Return the text with every secret replaced by a mask; the number of lines does not change."""
        return "\n".join(self._lines(text.split("\n")))

    def data(self, value: Any) -> Any:
        """Return a copy of nested lists and dictionaries with each string redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.data(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(each) for each in value]
        return value

    def _lines(self, lines: Iterable[str]) -> Iterator[str]:
        in_key = False
        since_challenge = since_secret = 99
        for raw in lines:
            line = self._values(raw)
            if not in_key and since_challenge > 2 and since_secret > 6 and not _HINT.search(line):
                yield line
                continue
            if in_key or _PEM_BEGIN.search(line):
                in_key = _PEM_END.search(line) is None
                yield MASK
                continue
            # An AUTH exchange: 334, the client's base64, 334, base64. The answers may stand a line or two further down.
            if _CHALLENGE.search(line):
                since_challenge = 0
            elif since_challenge <= 2 and _REPLY.search(line):
                since_challenge = 99
            elif since_challenge <= 2:
                since_challenge += 1
                line = _BASE64_AT_END.sub(_mask_response, line)
            # A rejected password is repeated in the error below its `set`.
            if _SET_SECRET.search(line):
                since_secret = 0
            elif since_secret <= 6:
                since_secret += 1
                line = _REJECTED_VALUE.sub(rf"\g<1>{MASK}", line)
            for pattern, replacement in _LINE_PATTERNS:
                line = pattern.sub(replacement, line)
            yield line

    def _values(self, line: str) -> str:
        # Looking for a few plain words is much faster than the expressions, and nearly always enough.
        if self._plain is not None and any(form in line for form in self._forms):
            line = self._plain.sub(MASK, line)
        if self._base64 is not None and any(core in line for core in self._cores):
            line = self._base64.sub(MASK, line)
        return line


def _worth_masking(value: str) -> bool:
    return (
        len(value) >= _SHORTEST_VALUE
        and value.lower() not in _DEVICE_WORDS
        and not (value.isdigit() and len(value) < 6)
    )


def _printed_forms(value: str) -> set[str]:
    """Every way in which the value may be printed other than base64."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return {
        value,
        escaped,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(escaped)[1:-1],
        json.dumps(json.dumps(value)[1:-1])[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
        url_quote(value),
        url_quote(value, safe=""),
        value.encode("utf-16-le").hex(),
        value.encode("utf-8").hex(),
    }


def _base64_cores(value: str) -> set[str]:
    """The characters that base64 of any text holding the value must contain, at each of the three alignments."""
    data = value.encode("utf-8")
    cores = set()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode("ascii").rstrip("=")
        # The first characters mix in what stands before, the last one what stands behind.
        start = (before * 8 + 5) // 6
        end = (before + len(data)) * 8 // 6
        core = encoded[start:end]
        if len(core) >= _SHORTEST_VALUE:
            cores.add(core)
    return cores


def _mask_response(match: re.Match[str]) -> str:
    before, token, after = match.groups()
    # Base64 comes in groups of four characters; other words at a line's end are left alone.
    return f"{before}{MASK}{after}" if len(token) % 4 == 0 else match.group(0)
