# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find unknown secrets by the text around them: configuration lines, SMTP logins, keys, packets, errors that repeat a value."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from ..regex.digits import WORDS, may_contain, may_find
from ..terminal.clean import ESCAPE_SEQUENCE
from .known_secrets import MASK

_SECRET_OPTION = (
    # Bounds: within a line that is one endless word each of them would look again at all the rest.
    # A number may follow (`passwd2`, `auth-password-l1`); `history0` is an earlier password.
    r"(?:[\w-]{0,40}(?:passwd|password|passphrase|secret|pwd|psk[\w-]{0,40}|(?<!public-)key|(?<![a-z])token|passw?|community"
    r"|history(?=\d))(?:-?l?\d{1,2})?(?![\w-]))"
)
# What programs other than the device call such a thing; a plain `key` or `pass` may be anything there.
# `update_password`, an option of system_mail, says when to send one.
_SECRET_NAME = r"(?<!update_)(?:passwd|password|passphrase|secret|pwd|psk|(?:api|access|private|encryption)[_-]?key|(?<![a-z])token)"
# Remedies say `set passwd <password>`: a word to fill in, not a value.
_NO_VALUE = rf"(?:(?:ENC\s+)?{MASK}|<(?:[a-z]+-)?(?:password|secret)>|(?:enable|disable)\s*$)"
# What is printed where a value is not shown: `passwd : *`, `password = (not set)`, `passwd: <password>`.
_NOT_SHOWN = r"[*(<]"
_MECHANISM = "PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5|NTLM"
# Words of which one is in the lower case of every line that a pattern fits; the pattern; what the secret becomes.
_PATTERNS = (
    # set passwd "..." and set passwd ENC ...
    (
        ("set",),
        re.compile(rf"(\b(?:un)?set\s+[\"']?{_SECRET_OPTION}[\"']?\s+)(?!{_NO_VALUE})(ENC\s+)?\S.*", re.I),
        rf"\1\2{MASK}",
    ),
    # error lines that repeat the rejected value
    (
        ("node_check",),
        re.compile(rf"(node_check_object fail! for {_SECRET_OPTION}\s+)(?!{MASK})\S.*", re.I),
        rf"\1{MASK}",
    ),
    (
        ("attribute '",),
        re.compile(rf"(attribute '{_SECRET_OPTION}' value ')(?!{MASK}').*(?=')", re.I),
        rf"\1{MASK}",
    ),
    (("enc",), re.compile(rf"(\bENC\s+)(?!{MASK})\S+"), rf"\1{MASK}"),
    # AUTH PLAIN <initial response>; a sentence such as "AUTH LOGIN failed" has no base64 of four or more characters
    (
        ("auth ", "auth=", "authenticate"),
        re.compile(
            rf"(\bAUTH(?:ENTICATE)?[ =](?:{_MECHANISM})\s+)(?=[A-Za-z0-9+/]*[A-Z0-9+/=])"
            rf"(?!(?:{_MECHANISM}|GSSAPI|DIGEST-MD5|SCRAM-\S+)\b)[A-Za-z0-9+/]{{4,}}={{0,2}}"
        ),
        rf"\1{MASK}",
    ),
    # A packet as `diagnose sniffer packet` dumps it at levels 2, 3, 5 and 6: nobody knows what mail or login is in it.
    (
        ("0x",),
        re.compile(rf"^([^A-Za-z]*0x[0-9a-f]{{4}}\s+)(?!{MASK})[0-9a-f]{{2}}(?:[0-9a-f]{{2}})?(?:\s.*)?$"),
        rf"\1{MASK}",
    ),
    # The key of a TLS session, as `openssl s_client` prints it.
    (
        ("master-key", "resumption psk"),
        re.compile(r"(\b(?:Master-Key|Resumption PSK)\s*:\s*)[0-9A-F]{2,}"),
        rf"\1{MASK}",
    ),
    (("bearer",), re.compile(r"(\bBearer\s+)[\w.~+/-]{8,}=*"), rf"\1{MASK}"),
    # passwd: ... of YAML and JSON, password=... of everything else. Behind a colon within a sentence there is no value.
    (
        ("pass", "secret", "pwd", "psk", "key", "token"),
        re.compile(
            rf"((?:(?:^\s*(?:-\s+)?|[{{,;(]\s*)[\"']?[\w-]{{0,40}}{_SECRET_NAME}[\"']?\s*:|{_SECRET_NAME}[\"']?\s*=)\s*)"
            rf"(?!{_NO_VALUE}|{_NOT_SHOWN})(?:\"[^\"]*\"?|'[^']*'?|[^\s\"',;}}]+)",
            re.I,
        ),
        rf"\1{MASK}",
    ),
    # https://user:password@host, curl --user user:password, swaks --auth-password password
    (("://",), re.compile(rf"(://[^/\s:@]*:)(?!{_NOT_SHOWN})[^/\s@]+(?=@)"), rf"\1{MASK}"),
    (
        ("-u",),
        re.compile(rf"((?:^|\s)(?:--user|-u)[ =][\"']?[^\s:\"']+:)(?!{_NOT_SHOWN})[^\s\"']+"),
        rf"\1{MASK}",
    ),
    (
        ("pass",),
        re.compile(rf"((?:^|\s)--[a-z-]{{0,30}}pass(?:word|wd)?[ =][\"']?)(?!{_NOT_SHOWN})[^\s\"']+"),
        rf"\1{MASK}",
    ),
    (
        ("authorization",),
        re.compile(rf"(\bAuthorization:\s*[\w-]+\s+)(?!{_NOT_SHOWN})\S+", re.I),
        rf"\1{MASK}",
    ),
)
_SET_SECRET = re.compile(rf"\bset\s+{_SECRET_OPTION}|node_check_object fail! for {_SECRET_OPTION}", re.I)
_REJECTED_VALUE = re.compile(r"(value parse error before ')[^']*(?='|$)")
# An error follows within this many lines of the `set` that it is about.
_ERROR_WITHIN = 6
# A 334 that is a reply: behind a mark or alone, with only base64 after it. A counter of 334 is none.
_CHALLENGE = re.compile(r"(?:^|[<>:*~'-]\s{0,2}|[<>],\"?)334(?:[ -][A-Za-z0-9+/=]*)?(?:\"?,)?\s*(?:\\r\\n)?['\"]?$")
_REPLY = re.compile(r"(?:^|[\s<:>])[2-5]\d\d[ -]")
# Base64 comes in groups of four characters; other words at a line's end are left alone.
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)"
_BASE64_AT_END = re.compile(rf"(^|[\s>:*~'\"-]|[<>],){_BASE64}(['\"]?,?\s*)$")
_RESPONSE_WITHIN = 2
# The program or function that a line begins with, behind a prompt and a time stamp.
_PROGRAM = re.compile(
    r"(?:[\w.~-]{1,64} ?(?:\([^()]{1,64}\) ?)?[#$] )?(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+)?\[?([A-Za-z_]\w*)(?=[:(\[])"
)
# A sentence that ends in a plain word or number: base64 of a name or password hardly ever is one.
_SENTENCE = re.compile(r"\w (?:[a-z]+|[0-9a-f]+)\s*$")
# A client that says AUTH says user and password next, whatever the log has of the server between them.
_LOGIN = re.compile(rf"(?:^|[\s<>:,\"'])AUTH[ =](?:{_MECHANISM})\b", re.I)
# Other commands, and the replies to a login, end it.
_LOGIN_OVER = re.compile(
    r"(?:^|[\s<>:,\"'])(?:(?:EHLO|HELO|DATA|QUIT|RSET)\b|(?:MAIL FROM|RCPT TO):|(?:235|5\d\d|4\d\d)[ -])", re.I
)
_LOGIN_WITHIN = 12
# A line that has nothing but base64 behind the mark of a client, or alone: an ordinary word there is none.
_ONLY_BASE64 = re.compile(
    r"^(.*(?:[<>~]|CLIENT:|SERVER:|C:|send:)\s*b?[\"']?|.*,[<>],\"?|(?:\s*|.*[:|*-]\s+[\"']?)(?![A-Z]?[a-z]+\W*$|[A-Z]+\W*$))"
    rf"(?=[A-Za-z0-9+/]{{4}}){_BASE64}((?:\\r\\n)?[\"']?,?\s*)$"
)
# What FortiOS puts into the mail that carries a one-time code.
_ONE_TIME_CODE = re.compile(
    r"(\b(?:AuthCode|token code|one-time (?:code|password)|verification code|OTP)\b\D{0,20}?)(\d{4,10})\b", re.I
)
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_END = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
# The name of an entry is the secret there.
_COMMUNITIES = re.compile(r"\bconfig system snmp community\s*$")
_COMMUNITIES_END = re.compile(r"^(?:end\b|config system\b)")
_COMMUNITY_LINES = 1000
_COMMUNITY = re.compile(rf"(\bset name\s+)(?!{MASK})\S.*")
# A key of 16384 bits has some 200 lines; when one was cut off, what comes behind is to be read again.
_KEY_LINES = 250
_FAR = 1000
# What makes a difference in a line, and words of which one is in the lower case of every such line.
_ANY = (
    *((hints, pattern) for hints, pattern, __ in _PATTERNS),
    (("334",), _CHALLENGE),
    (("private key",), _KEY_BEGIN),
    (("snmp community",), _COMMUNITIES),
    (("set", "node_check"), _SET_SECRET),
    (("auth",), _LOGIN),
    (("code", "otp", "one-time"), _ONE_TIME_CODE),
)
_HINTS = sorted({hint for hints, __ in _ANY for hint in hints})


class SecretLines:
    """Masks lines in their order; what it saw in one decides about those after it. The number of lines stays."""

    def __init__(self) -> None:
        self._key_lines = 0  # how many more lines may belong to a key
        self._community_lines = 0  # how many more lines may belong to the table of SNMP communities
        self._since_challenge = self._since_secret = self._since_login = _FAR
        self._challenger = ""  # the program that printed the latest challenge
        self.awaiting = False  # the next line is one of those that are masked because of an earlier one

    def masked(self, lines: list[str]) -> list[str]:
        """Return the next lines, with masks."""
        changed = self.masks(lines, hinted(lines))
        if not changed:
            return lines
        masked = list(lines)
        for place, line in changed.items():
            masked[place] = line
        return masked

    def masks(
        self, lines: Sequence[str], places: Sequence[int], is_mute: Callable[[int], bool] = lambda place: False
    ) -> dict[int, str]:
        """Return the lines that are masked among the next ones, by their position.

        places: the positions of those that may hold a secret, or begin what is masked in later lines. is_mute: tells of any
        other position whether it is proven that its line is not `may_answer`.
        """
        changed: dict[int, str] = {}
        following = iter((*places, len(lines)))
        hint = next(following)
        place = 0
        while True:
            if not self.awaiting:
                place = hint
            if place == len(lines):
                return changed
            line = lines[place]
            if (
                place != hint
                and self._key_lines == 0
                and self._community_lines == 0
                and self._since_challenge > _RESPONSE_WITHIN
                and is_mute(place)
            ):
                self._since_login += self._since_login <= _LOGIN_WITHIN
                self._since_secret += self._since_secret <= _ERROR_WITHIN
                self._look_ahead()
            elif (masked := self._line(line)) is not line:
                changed[place] = masked
            if place == hint:
                hint = next(following)
            place += 1

    def _line(self, line: str) -> str:
        bare = ESCAPE_SEQUENCE.sub("", line) if "\x1b" in line else line
        text = bare.rstrip("\r")
        masked = self._text(text)
        self._look_ahead()
        # Colours are lost only where something was masked.
        return line if masked == text else masked + bare[len(text) :]

    def _look_ahead(self) -> None:
        self.awaiting = (
            self._key_lines > 0
            or self._community_lines > 0
            or self._since_challenge <= _RESPONSE_WITHIN
            or self._since_login <= _LOGIN_WITHIN
            or self._since_secret <= _ERROR_WITHIN
        )

    def _text(self, line: str) -> str:
        low = line.lower()
        if self._key_lines or ("private key" in low and _KEY_BEGIN.search(line)):
            self._key_lines = 0 if _KEY_END.search(line) else (self._key_lines or _KEY_LINES) - 1
            return MASK
        if self._community_lines:
            self._community_lines = 0 if _COMMUNITIES_END.match(line) else self._community_lines - 1
            line = _COMMUNITY.sub(rf"\1{MASK}", line)
        if "snmp community" in low and _COMMUNITIES.search(line):
            self._community_lines = _COMMUNITY_LINES
        # An AUTH exchange: 334, the client's base64, 334, base64. The answers may be a line or two further down.
        if "334" in line and _CHALLENGE.search(line):
            self._since_challenge = 0
            self._challenger = _program_of(line)
        elif self._since_challenge <= _RESPONSE_WITHIN and _REPLY.search(line):
            self._since_challenge = _FAR
        elif self._since_challenge <= _RESPONSE_WITHIN:
            self._since_challenge += 1
            if not (_SENTENCE.search(line) and _program_of(line) not in ("", self._challenger)):
                line = _BASE64_AT_END.sub(rf"\1{MASK}\2", line)
        line = self._login(line, low)
        # A rejected password is repeated in the error below its `set`.
        if self._since_secret <= _ERROR_WITHIN:
            self._since_secret += 1
            line = _REJECTED_VALUE.sub(rf"\g<1>{MASK}", line)
        if ("set" in low or "node_check" in low) and _SET_SECRET.search(line):
            self._since_secret = 0
        for hints, pattern, replacement in _PATTERNS:
            for hint in hints:
                if hint in low:
                    line = pattern.sub(replacement, line)
                    break
        return line

    def _login(self, line: str, low: str) -> str:
        if "auth" in low and _LOGIN.search(line):
            self._since_login = 0
        elif self._since_login <= _LOGIN_WITHIN:
            if _LOGIN_OVER.search(line):
                self._since_login = _FAR
            else:
                self._since_login += 1
                line = _ONLY_BASE64.sub(rf"\1{MASK}\2", line)
        return _ONE_TIME_CODE.sub(rf"\g<1>{MASK}", line) if "code" in low or "otp" in low or "one-time" in low else line


def hinted(lines: Sequence[str]) -> list[int]:
    """Return the positions of the lines that any pattern may fit, or any state begin at.

    Nearly all lines of a log are none: each hint is looked for in all of them at once.
    """
    low = "\n".join(lines).lower()
    present = [hint for hint in _HINTS if hint in low]
    if not present:
        return []
    ends = list(accumulate(len(line) + 1 for line in lines))
    if len(low) + 1 != ends[-1]:  # a letter that is two in lower case: places do not fit
        return [place for place, line in enumerate(lines) if any(hint in line.lower() for hint in present)]
    places = set()
    for hint in present:
        found = low.find(hint)
        while found >= 0:
            place = bisect_right(ends, found)
            places.add(place)
            found = low.find(hint, ends[place])
    return sorted(places)


def _program_of(line: str) -> str:
    """Return the name of the program or function that a line begins with, "" when it has none."""
    match = _PROGRAM.match(line)
    return match[1] if match else ""


def may_answer(folded: str) -> bool:
    """Return whether a line that folds to this one (`fold_words`), and holds no secret of its own, may be masked because of an earlier login
    or `set`, or end that. Behind a challenge, others may be, too."""
    return any(may_find(pattern, WORDS)(folded) for pattern in (_LOGIN_OVER, _ONLY_BASE64, _REJECTED_VALUE))


def may_hold_secret(folded: str) -> bool:
    """Return whether a line that folds to this one (`fold_words`) may hold a secret, or begin what is masked in later lines."""
    low = folded.lower()
    return any(
        any(may_contain(hint, low) for hint in hints) and may_find(pattern, WORDS)(folded) for hints, pattern in _ANY
    )
