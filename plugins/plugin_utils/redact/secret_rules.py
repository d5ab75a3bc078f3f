# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an unknown secret looks like, by the text around it: configuration lines, SMTP logins, keys, packets, errors that repeat a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from ..regex.digits import may_contain, may_find
from ..regex.literals import lines_with
from .known_secrets import MASK

# The names of the rules that may fit a line.
Doubts: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True)
class SecretRule:
    """An expression, and words of which one is in the lower case of every line that it fits. mask: what takes the place of
    what it fits."""

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    mask: str = ""

    def may_fit(self, low: str, doubts: Doubts) -> bool:
        """Return whether the expression may fit a line that is so in lower case, and that has such doubts."""
        if self.name in doubts:
            for hint in self.hints:
                if hint in low:
                    return True
        return False

    def fits(self, line: str, low: str, doubts: Doubts) -> bool:
        return self.may_fit(low, doubts) and self.pattern.search(line) is not None

    def masked(self, line: str, low: str, doubts: Doubts) -> str:
        return self.pattern.sub(self.mask, line) if self.may_fit(low, doubts) else line


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
MASKS = (
    # set passwd "..." and set passwd ENC ...
    SecretRule(
        "set",
        ("set",),
        re.compile(rf"(\b(?:un)?set\s+[\"']?{_SECRET_OPTION}[\"']?\s+)(?!{_NO_VALUE})(ENC\s+)?\S.*", re.I),
        rf"\1\2{MASK}",
    ),
    # error lines that repeat the rejected value
    SecretRule(
        "node_check",
        ("node_check",),
        re.compile(rf"(node_check_object fail! for {_SECRET_OPTION}\s+)(?!{MASK})\S.*", re.I),
        rf"\1{MASK}",
    ),
    SecretRule(
        "attribute",
        ("attribute '",),
        re.compile(rf"(attribute '{_SECRET_OPTION}' value ')(?!{MASK}').*(?=')", re.I),
        rf"\1{MASK}",
    ),
    SecretRule("ENC", ("enc",), re.compile(rf"(\bENC\s+)(?!{MASK})\S+"), rf"\1{MASK}"),
    # AUTH PLAIN <initial response>; a sentence such as "AUTH LOGIN failed" has no base64 of four or more characters
    SecretRule(
        "initial response",
        ("auth ", "auth=", "authenticate"),
        re.compile(
            rf"(\bAUTH(?:ENTICATE)?[ =](?:{_MECHANISM})\s+)(?=[A-Za-z0-9+/]*[A-Z0-9+/=])"
            rf"(?!(?:{_MECHANISM}|GSSAPI|DIGEST-MD5|SCRAM-\S+)\b)[A-Za-z0-9+/]{{4,}}={{0,2}}"
        ),
        rf"\1{MASK}",
    ),
    # A packet as `diagnose sniffer packet` dumps it at levels 2, 3, 5 and 6: nobody knows what mail or login is in it.
    SecretRule(
        "packet",
        ("0x",),
        re.compile(rf"^([^A-Za-z]*0x[0-9a-f]{{4}}\s+)(?!{MASK})[0-9a-f]{{2}}(?:[0-9a-f]{{2}})?(?:\s.*)?$"),
        rf"\1{MASK}",
    ),
    # The key of a TLS session, as `openssl s_client` prints it.
    SecretRule(
        "session key",
        ("master-key", "resumption psk"),
        re.compile(r"(\b(?:Master-Key|Resumption PSK)\s*:\s*)[0-9A-F]{2,}"),
        rf"\1{MASK}",
    ),
    SecretRule("bearer", ("bearer",), re.compile(r"(\bBearer\s+)[\w.~+/-]{8,}=*"), rf"\1{MASK}"),
    # passwd: ... of YAML and JSON, password=... of everything else. Behind a colon within a sentence there is no value.
    SecretRule(
        "value",
        ("pass", "secret", "pwd", "psk", "key", "token"),
        re.compile(
            rf"((?:(?:^\s*(?:-\s+)?|[{{,;(]\s*)[\"']?[\w-]{{0,40}}{_SECRET_NAME}[\"']?\s*:|{_SECRET_NAME}[\"']?\s*=)\s*)"
            rf"(?!{_NO_VALUE}|{_NOT_SHOWN})(?:\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\s\"',;}}]+)",
            re.I,
        ),
        rf"\1{MASK}",
    ),
    # https://user:password@host, curl --user user:password, swaks --auth-password password
    SecretRule("address", ("://",), re.compile(rf"(://[^/\s:@]*:)(?!{_NOT_SHOWN})[^/\s@]+(?=@)"), rf"\1{MASK}"),
    SecretRule(
        "user option",
        ("-u",),
        re.compile(rf"((?:^|\s)(?:--user|-u)[ =][\"']?[^\s:\"']+:)(?!{_NOT_SHOWN})[^\s\"']+"),
        rf"\1{MASK}",
    ),
    SecretRule(
        "password option",
        ("pass",),
        re.compile(rf"((?:^|\s)--[a-z-]{{0,30}}pass(?:word|wd)?[ =][\"']?)(?!{_NOT_SHOWN})[^\s\"']+"),
        rf"\1{MASK}",
    ),
    SecretRule(
        "authorization",
        ("authorization",),
        re.compile(rf"(\bAuthorization:\s*[\w-]+\s+)(?!{_NOT_SHOWN})\S+", re.I),
        rf"\1{MASK}",
    ),
)
SET_SECRET = SecretRule(
    "secret",
    ("set", "node_check"),
    re.compile(rf"\bset\s+{_SECRET_OPTION}|node_check_object fail! for {_SECRET_OPTION}", re.I),
)
REJECTED_VALUE = SecretRule(
    "rejected value", ("value parse",), re.compile(r"(value parse error before ')[^']*(?='|$)"), rf"\g<1>{MASK}"
)
# A 334 that is a reply: behind a mark or alone, with only base64 after it. A counter of 334 is none.
CHALLENGE = SecretRule(
    "challenge",
    ("334",),
    re.compile(r"(?:^|[<>:*~'-]\s{0,2}|[<>],\"?)334(?:[ -][A-Za-z0-9+/=]*)?(?:\"?,)?\s*(?:\\r\\n)?['\"]?$"),
)
# What one side says begins a line, or stands behind the mark of a direction, a colon or a quotation mark. A number or a word within a
# line of another program is neither a reply nor a command, and would end what a secret still answers; nor is a part of a time (10:00:01:412).
_SAID = r"(?:^\s*|[<>*~'\"-]\s{0,2}|(?<!\d):\s{0,2}|:\s{1,2}|[<>],\"?)"
# A time or a size is no reply either: `used: 412 ms`. An enhanced status code tells one anywhere.
_TEXT = r"[ -](?!(?:[mun]?s|secs?|seconds?|[kKMGT]?i?[bB]|[bB]ytes?)\b|\s*[<>*~-])"
_ENHANCED = r"\s(?:2\d\d[ -]2|4\d\d[ -]4|5\d\d[ -]5)\.\d{1,3}\.\d{1,3}\b"
REPLY = SecretRule("reply", ("",), re.compile(rf"{_SAID}[2-5]\d\d{_TEXT}|{_ENHANCED}"))
# Base64 comes in groups of four characters; other words at a line's end are left alone.
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)"
RESPONSE = SecretRule("response", ("",), re.compile(rf"(^|[\s>:*~'\"-]|[<>],){_BASE64}(['\"]?,?\s*)$"), rf"\1{MASK}\2")
# A client that says AUTH says user and password next, whatever the log has of the server between them.
LOGIN = SecretRule("login", ("auth",), re.compile(rf"(?:^|[\s<>:,\"'])AUTH[ =](?:{_MECHANISM})\b", re.I))
# Other commands, and the replies to a login, end it.
LOGIN_OVER = SecretRule(
    "login over",
    ("",),
    re.compile(
        rf"{_SAID}(?:(?:EHLO|HELO)\b|(?:DATA|QUIT|RSET)(?:\\r\\n)?\W*$|(?:MAIL FROM|RCPT TO):|(?:235|[45]\d\d){_TEXT})|{_ENHANCED}",
        re.I,
    ),
)
# A line that has nothing but base64 behind the mark of a client, or alone: an ordinary word there is none.
ONLY_RESPONSE = SecretRule(
    "only response",
    ("",),
    re.compile(
        r"^(.*(?:[<>~]|CLIENT:|SERVER:|C:|send:)\s*b?[\"']?|.*,[<>],\"?|(?:\s*|.*[:|*-]\s+[\"']?)(?![A-Z]?[a-z]+\W*$|[A-Z]+\W*$))"
        rf"(?=[A-Za-z0-9+/]{{4}}){_BASE64}((?:\\r\\n)?[\"']?,?\s*)$"
    ),
    rf"\1{MASK}\2",
)
# What FortiOS puts into the mail that carries a one-time code.
ONE_TIME_CODE = SecretRule(
    "code",
    ("code", "otp", "one-time"),
    re.compile(
        r"(\b(?:AuthCode|token code|one-time (?:code|password)|verification code|OTP)\b\D{0,20}?)(\d{4,10})\b", re.I
    ),
    rf"\g<1>{MASK}",
)
KEY_BEGIN = SecretRule("private key", ("private key",), re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"))
# The name of an entry is the secret there.
COMMUNITIES = SecretRule("communities", ("snmp community",), re.compile(r"\bconfig system snmp community\s*$"))
# What finds a secret in a line, or begins what is masked in later ones.
_ALONE = (*MASKS, CHALLENGE, KEY_BEGIN, COMMUNITIES, SET_SECRET, LOGIN, ONE_TIME_CODE)
# What finds one because of an earlier line, or ends that.
_BEHIND = (REPLY, RESPONSE, LOGIN_OVER, ONLY_RESPONSE, REJECTED_VALUE)
_NAMES_ALONE = frozenset(rule.name for rule in _ALONE)
# Of a line of which nothing is known.
ALL: Doubts = _NAMES_ALONE.union(rule.name for rule in _BEHIND)


def hinted(lines: Sequence[str], places: Sequence[int], doubts: Doubts) -> list[int]:
    """Return those of the positions of some lines that may hold a secret by themselves, or begin what is masked in later lines.

    Nearly all lines of a log are none: each hint is looked for in all of them at once. doubts: what may fit any of them.
    """
    text = "\n".join([lines[place] for place in places]).lower()
    return [places[number] for number in lines_with(text, _hints(doubts))]


@lru_cache
def _hints(doubts: Doubts) -> list[str]:
    return sorted({hint for rule in _ALONE if rule.name in doubts for hint in rule.hints})


@lru_cache
def masks_of(doubts: Doubts) -> list[SecretRule]:
    """Return the rules of `MASKS` that may fit."""
    return [rule for rule in MASKS if rule.name in doubts]


def is_safe(doubts: Doubts) -> bool:
    """Return whether a line holds no secret by itself, and begins nothing that is masked in later lines."""
    return doubts.isdisjoint(_NAMES_ALONE)


def doubts_about(folded: str) -> Doubts:
    """Return which rules may fit a line that folds to this one (`fold_words`)."""
    low = folded.lower()
    return frozenset(
        rule.name
        for rule in (*_ALONE, *_BEHIND)
        if any(may_contain(hint, low) for hint in rule.hints) and may_find(rule.pattern, folded)
    )
