# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of causes, of texts and of reply codes, read from the YAML files beside this one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from ..regex.digits import may_find
from ..yaml_file import read_beside
from . import codes
from .phrases import Phrase, grammar
from .vocabulary import Text, vocabulary

# What cannot be the matter with the device's own connection where a server has replied.
BEFORE_A_REPLY = ("config", "queue", "dns", "route", "tcp")
_HOST = re.compile(r"[a-z\d]\.[a-z]")
# Between single marks only what is ordinary words: programs put names and data between such.
_QUOTATION = re.compile(r"\"[^\"]*\"|(?<![\w'])'[A-Z]?[a-z]+ [A-Za-z ]*'(?![\w)}\]])")
# Longer texts hardly ever come twice, and would fill the memory.
_LONGEST = 500
# What stands beside a number of a library, or begins its name.
SIGNS_OF_NUMBERS = (
    "errno",
    "curl",
    "eai",
    "gai",
    "getaddrinfo",
    "error:",
    "econn",
    "ehost",
    "enet",
    "enotfound",
    "epipe",
    "etimedout",
    "winsock",
    "wsae",
    "socketexception",
    "socket error",
)
_OPENSSL_CODE = re.compile(r"\berror:([0-9A-Fa-f]{8})\b")


@dataclass(frozen=True)
class Cause:
    """One row of causes.yml."""

    name: str
    stage: str
    owner: str
    also: tuple[str, ...]
    standard: str
    temporary: bool | None
    explanation: str
    plain: str
    plain_remedy: str
    remedy: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Rule:
    """What made a text mean a cause.

    kind: a row of reasons.yml: text, number, enhanced_code, reply_code or reply_class. detail: the row's text, the number
    or the code. library, grade: who says it and how that is known, of a vocabulary row; "" for codes. who, what: of a phrase,
    the names in phrases.yml of what it is about ("" if of anything) and of what is the matter.
    """

    kind: str
    detail: str
    library: str = ""
    grade: str = ""
    who: str = ""
    what: str = ""

    @property
    def confidence(self) -> str:
        """Return how sure a verdict is that rests on this rule: high | medium | low."""
        return _CONFIDENCE.get(self.kind, "high")

    def __str__(self) -> str:
        return _RULE_IN_WORDS[self.kind].format(detail=self.detail, library=self.library)


# Words that nobody has listed are less sure than a text or a code; words that several causes share, less again.
_CONFIDENCE = {"phrase": "medium", "weak_phrase": "low", "no_reason": "low"}
_RULE_IN_WORDS = {
    "text": "{library}: {detail}",
    "number": "number {detail}",
    "phrase": "{detail}",
    "weak_phrase": "{detail}",
    "no_reason": "reply code {detail} without a reason",
    "enhanced_code": "enhanced status code {detail}",
    "reply_code": "reply code {detail}",
    "reply_class": "reply code {detail}",
}


@dataclass(frozen=True)
class Meaning:
    """What a text was taken for: a cause, the stage the text itself points to ("" if none), and the rule that decided."""

    cause: str
    stage: str
    rule: Rule | None = None
    loose: bool = False  # by a listed text beside which other words may say more
    aside: bool = False  # by a text that stands where no fact is told: "if your mailbox is full, ..."


@cache
def causes() -> dict[str, Cause]:
    """Return all causes by name, in the order of causes.yml."""
    return {
        row["cause"]: Cause(
            name=row["cause"],
            stage=row["stage"],
            owner=row["owner"],
            also=tuple(row["also"]),
            standard=str(row["standard"]),
            temporary=row["temporary"],
            explanation=row["explanation"],
            plain=row["plain"],
            plain_remedy=row["plain_remedy"],
            remedy=tuple(row["remedy"]),
        )
        for row in read_beside(__file__, "causes.yml")["causes"]
    }


@cache
def stages() -> list[str]:
    """Return the stages in the order in which a mail passes them."""
    names: list[str] = read_beside(__file__, "causes.yml")["stages"]
    return names


def reasons() -> dict[str, dict[str, str]]:
    """Return reasons.yml: the words for everything a verdict says beside its cause."""
    words: dict[str, dict[str, str]] = read_beside(__file__, "reasons.yml")
    return words


def preload() -> None:
    """Read causes and texts now, so that processes forked later have them."""
    causes()
    vocabulary()
    _numbers()


def recognise(text: str, code: str = "", enhanced: str = "") -> Meaning | None:
    """Return what a listed text means, or a number in it that a library prints; None when nothing knows it."""
    return (_first if len(text) > _LONGEST else _known)(text, code, enhanced)


def _first(text: str, code: str, enhanced: str) -> Meaning | None:
    return next(listed_meanings(text, code, enhanced), None)


# Logs repeat themselves, and so do lists of errors.
_known = lru_cache(maxsize=2048)(_first)


def may_have_number_like(folded: str) -> bool:
    """Return whether a text may have a number of a library that folds to this one (`regex.digits`)."""
    return any(may_find(pattern, folded) for pattern in (*(pattern for pattern, __ in _numbers()), _OPENSSL_CODE))


def understand(text: str, stage: str = "") -> Meaning | None:
    """Return what a sentence means by what its words say together; None when they say nothing."""
    reading = grammar().read(text, stage)
    return _of_phrase(reading.phrase, reading.stage) if reading.phrase else None


def classify_reply(code: str, enhanced: str, text: str, stage: str) -> Meaning:
    """Return what a negative reply means. `server_refused` where it gives no reason."""
    return (_first_of_reply if len(text) > _LONGEST else _known_reply)(code, enhanced, text, stage)


def _first_of_reply(code: str, enhanced: str, text: str, stage: str) -> Meaning:
    return next(reply_meanings(code, enhanced, text, stage))


_known_reply = lru_cache(maxsize=2048)(_first_of_reply)


@lru_cache(maxsize=1024)
def all_reply_meanings(code: str, enhanced: str, text: str, stage: str) -> tuple[Meaning, ...]:
    """Return what `reply_meanings` yields: the same replies fail many mails."""
    return tuple(reply_meanings(code, enhanced, text, stage))


def reply_meanings(code: str, enhanced: str, text: str, stage: str) -> Iterator[Meaning]:
    """Yield all that a negative reply may mean, at least one; what counts most comes first.

    A text that is listed under a name counts more than one that anybody may say, strong words more than a code, and a
    code that names a cause more than weak words.
    """
    bare = _QUOTATION.sub(" ", text) if _may_quote(text) else text
    if bare != text:
        # What is quoted counts where nothing else says what is the matter.
        for meaning in reply_meanings(code, enhanced, bare, stage):
            if meaning.rule and meaning.rule.kind in ("text", "phrase"):
                yield meaning
    loose, asides = [], []
    unquoted: set[str] | None = None  # the causes of texts outside of quotation marks
    for meaning in _meanings(text, code, enhanced, code or enhanced):
        if meaning.stage == "route" and code.startswith("5"):
            continue  # "Permission denied" is an error of a socket where no server says it.
        if meaning.aside:
            # "If you were told 'blocked', ..." says less than any reason.
            if unquoted is None and bare != text:
                unquoted = {each.cause for each in _meanings(bare, code, enhanced, code or enhanced)}
            if unquoted is None or meaning.cause in unquoted:
                asides.append(meaning)
        # What is said of a recipient says nothing of a login; with 502 the server knows the command, and does not offer it.
        elif (
            _is_loose(meaning)
            or (meaning.stage == "rcpt_to" and codes.stage_of(code) == "auth")
            or (meaning.cause == "protocol_error" and code == "502" and stage in ("starttls", "auth"))
        ):
            loose.append(meaning)
        else:
            yield meaning
    named = codes.narrow(enhanced, code)
    whose = causes()[named].stage if named == "sender_rejected" else ""  # "5.1.7 ... is not a valid address"
    reading = grammar().read(text, stage or codes.stage_of(code) or whose, code or enhanced[:1])
    stage = stage or reading.stage or codes.stage_of(code)
    if reading.phrase and reading.phrase.strong:
        agreed = (meaning for meaning in loose if reading.phrase and meaning.cause == reading.phrase.cause)
        yield next(agreed, _of_phrase(reading.phrase, reading.stage))
    # What stands before a reason says less than a code does.
    yield from (meaning for meaning in loose if meaning.rule and meaning.rule.grade == "assumed")
    if named:
        yield Meaning(named, "", Rule("enhanced_code", enhanced))
    yield from loose
    weak = reading.phrase if reading.phrase and not reading.phrase.strong else None
    if weak and weak.cause != "server_refused":
        yield _of_phrase(weak, reading.stage)
    for kind, detail, cause in codes.wide(code, enhanced, stage):
        if weak and (weak.who == "policy" or weak.what == "unexplained") and kind != "enhanced_code":
            # That a rule refused it is a reason, though not which rule; so is it that the server names none.
            yield _of_phrase(weak, reading.stage)
        # What a reply denies is not its reason, and its stage knows no better one.
        if kind != "reply_class" or not grammar().denies(text):
            yield Meaning(cause, "", Rule(kind, detail))
    yield from asides
    if weak:
        yield _of_phrase(weak, reading.stage)
    yield Meaning("server_refused", "", Rule("no_reason", code or enhanced))


def _may_quote(text: str) -> bool:
    return '"' in text or "'" in text


def _is_loose(meaning: Meaning) -> bool:
    """Whether other words of a reply may say more than this listed text."""
    return meaning.loose or meaning.stage in BEFORE_A_REPLY


def listed_meanings(text: str, code: str = "", enhanced: str = "") -> Iterator[Meaning]:
    """Yield what listed texts and numbers mean, except those whose words are denied here, or are only quoted."""
    found = list(_meanings(text, code, enhanced, code))
    if found and _may_quote(text):
        outside = {each.cause for each in _meanings(_QUOTATION.sub(" ", text), code, enhanced, code)}
        found.sort(key=lambda meaning: (bool(outside) and meaning.cause not in outside, meaning.loose))
    else:
        found.sort(key=lambda meaning: meaning.loose)
    yield from found


def _meanings(text: str, code: str, enhanced: str, refusal: str) -> Iterator[Meaning]:
    """What listed texts mean, and numbers. `refusal`: the code of the reply that this is ("" if it is none)."""
    words = told = facts = ""
    for row in vocabulary().matching(text, code, enhanced):
        if row.loose and row.library == "generic" and "." in text:
            words = words or _without_names(text)
            if not row.matches(words, words.lower(), code, enhanced):
                continue
        told = told or grammar().told(text, refusal) or " "
        if told is text or row.matches(told, told.lower(), code, enhanced):
            facts = facts or (grammar().certain(text) if refusal else told) or " "
            yield _meaning(row, aside=facts is not text and not row.matches(facts, facts.lower(), code, enhanced))
        elif _denies_itself(row):
            yield _meaning(row)
    for number, spelled in _spelled_numbers(text):
        if (known := next(vocabulary().matching(spelled), None)) is not None:
            yield _meaning(known, Rule("number", f"{number}: {spelled}", known.library, known.evidence))


@cache
def _denies_itself(row: Text) -> bool:
    """Whether a listed text has a "not" of its own, so that it is no denial of it: "not listed in the directory"."""
    # What stands in a gap of its expression is no word of its own: "the queue isn't paused".
    return not row.loose and grammar().told(own := row.matched(row.sample)) != own


def _without_names(text: str) -> str:
    """A text without addresses and names of hosts, whose words say nothing: `user-unknown.example.com`."""
    return " ".join(part for part in text.split(" ") if "@" not in part and not _HOST.search(part)) or " "


def _of_phrase(phrase: Phrase, stage: str) -> Meaning:
    kind = "phrase" if phrase.strong else "weak_phrase"
    return Meaning(phrase.cause, stage, Rule(kind, phrase.words, who=phrase.who, what=phrase.what))


def _meaning(row: Text, rule: Rule | None = None, aside: bool = False) -> Meaning:
    stage = row.stage if row.stage != "any" else ""
    return Meaning(row.cause, stage, rule or Rule("text", row.text, row.library, row.evidence), row.loose, aside)


def _spelled_numbers(text: str) -> Iterator[tuple[str, str]]:
    """The numbers in a text that stand for an error of some library, with the words the library has for them."""
    lowered = text.lower()
    if not any(map(lowered.__contains__, SIGNS_OF_NUMBERS)):
        return
    for pattern, table in _numbers():
        if (match := pattern.search(text)) and (spelled := table.get(match[1])):
            yield match[1], spelled
    if match := _OPENSSL_CODE.search(text):
        packed = int(match[1], 16)
        # The library's number is in the high bits: 20 is SSL. OpenSSL 3 keeps 23 bits for the reason, 1.1 twelve.
        reason = packed & 0x7FFFFF if packed >> 23 == 20 else packed & 0xFFF if packed >> 24 == 20 else 0
        if spelled := read_beside(__file__, "numbers.yml")["openssl_reason"].get(reason):
            yield match[1], spelled


@cache
def _numbers() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    tables = {
        kind: {str(number): text for number, text in rows.items()}
        for kind, rows in read_beside(__file__, "numbers.yml").items()
    }
    return [
        (re.compile(r"\b(?:WSA)?(E(?:AI_|CONN|HOST|NET|NOTFOUND|PIPE|TIMEDOUT)[A-Z]*)\b"), tables["name"]),
        (re.compile(r"\berrno\W{0,3}0*(\d{1,3})\b", re.I), tables["errno"]),
        (
            re.compile(
                r"\b(?:winsock|wsae\w+|socketexception|socket error)(?: error)?(?: code)?\W{0,3}(1[01]0\d\d)\b", re.I
            ),
            tables["winsock"],
        ),
        (re.compile(r"\bcurl\W{0,3}(?:(?:error|code|rc|result)\W{0,3})?(\d{1,2})\b", re.I), tables["curl"]),
        (re.compile(r"\b(?:EAI|gai|getaddrinfo)\w*\W{0,3}?(-\d{1,2})\b", re.I), tables["gai"]),
    ]
