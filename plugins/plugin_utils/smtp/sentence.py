# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read one sentence that tells what became of a mail: a reply it quotes, or the words of some library."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from . import codes
from .knowledge import (
    BEFORE_A_REPLY,
    Meaning,
    Rule,
    causes,
    classify_reply,
    listed_meanings,
    recognise,
    reply_meanings,
    understand,
)
from .phrases import grammar
from .step import Delivery, Step

# A reply quoted in a sentence: `server replied 535 5.7.8 Error: ...`, `failed: 550 relay not permitted`. A number alone
# is none: sizes, times and queue ids look the same.
_ENHANCED_REPLY = re.compile(r"(?:^|[\s:;('\"=])([23][0-5]\d|[45]\d\d)[ -]#?([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")
_PLAIN_REPLY = re.compile(
    r"(?:^|\b(?:repl(?:y|ied)|respon(?:se|ded)|code|status|failed|rejected|refused|said|says|answer(?:ed)?|returned|error|got|sent)"
    r"(?:\s+(?:with|was|is|by|from|the|server))*[\s:('\"=]+|\bsmtp;\s*|(?:[\]>)]|:\d{1,5}):\s+)"
    r"(2[0-5]\d|3[35]4|[45]\d\d)[ -]\s*(?=[^\W\d_]|[<#\"'\[(]|\d{1,3}\.\d{1,3}\.\d)"
    r"(?!(?!ip=)\w+=)(?!(?:bytes?|octets?|lines?|ms|milliseconds?|s|sec|seconds?|[kKMG]i?B|B)\b)",
    re.IGNORECASE,
)
# A line that somebody asks about, and that is a code and nothing that explains it: `550`, `554 : (RTR:BL)`.
_BARE_REPLY = re.compile(r"\s*([45][0-5]\d)(?:\s*$|[ -](?!\s*\d))")
# In a line that somebody asks about a number after a mark is one, too: `remote server was: 550 ...`, `kim@example.com... 550 ...`.
_REPLY_AFTER_MARK = re.compile(
    r"([45]\d\d)[ -](?:(?<=[:;='\"(<]\d{3}.)|(?<=[:;='\"(<] \d{3}.)|(?<=\.\.\. \d{3}.)|(?<=\bwith \d{3}.))(?<!443.|465.|587.)"
    r"[\s:-]*(?=[^\W\d_]|[<#\"'\[(])(?!bytes?\b|lines?\b(?! too)|[kMG]i?B\b|of\b)",
    re.IGNORECASE,
)
MAY_BE_CODE = re.compile(r"(?<!\w)[2-5]\d\d[ -]", re.ASCII)
# What others have written: the subject of a mail, the text of an event, the name of a user or of a device.
WRITTEN_BY_OTHERS = re.compile(
    r"\b(?:subject|title|msg|message|event|text|desc(?:ription)?|body|user(?:name)?|login|host(?:name)?|device|name)"
    r"\s*[=:]?\s*(?:\".*\"|\"[^\"]*$|(?<![\w' ])'.*(?:'|$))"
    r"|\b(?:subject|title)\s*[=:].*|\b(?:msg|message|event|text|desc(?:ription)?|body)=.*"
    r"|\b(?:\w*user(?:name)?|host(?:name)?|device|name)=\S+",
    re.IGNORECASE,
)
_HEADING = re.compile(r"\b(?:subject|title)\s*:", re.IGNORECASE)
# `mail sent: 250 ...`, `send mail done, task 1: 250 ...`, `Test mail was sent to noc@example.com: 250 ...`
_REPORT = re.compile(
    r"(?:\*+ )?(?:(?:the|this|test) )*"
    r"(?:(?:(?:e-?)?mail|message) (?:(?:\d+|was|is|has been|successfully) )*(?:sent|delivered|accepted|taken over|done)"
    r"|(?:send|sending)(?: (?:the |test )?(?:e-?)?mail)?(?: (?:is|was))? (?:done|ok|finished|complete[d]?|succeeded))"
    r"(?! (?:if|when|unless|before|once|after)\b)(?:(?!\b(?:not|no|but|if|unless|expect\w*|before|should|would|fail\w*|error)\b)[^\"'=])*?"
    r"[\s:,]250[ -](?:2\.\d+\.\d+ )?[^\"']*$",
    re.IGNORECASE,
)
# `host mx[192.0.2.1] said: 550 5.1.1 ...`, `Deferred: 451 4.3.5 ...`, `250 2.0.0 Ok: queued as 1`
_QUOTED_IN_LOG = re.compile(r"(?:^|said:\s*|[:(]\s*|\")([2-5][0-5]\d)[ -](?:([245]\.\d{1,3}\.\d{1,3})\s+)?")
_IN_REPLY_TO = re.compile(
    r"in reply to (?:end of )?([A-Z]+)(?: (?:FROM|TO))? command|after ([A-Z]+)|while sending ([A-Z]+)", re.IGNORECASE
)
_STAGE_BY_COMMAND = {
    "EHLO": "ehlo", "HELO": "ehlo", "STARTTLS": "starttls", "AUTH": "auth", "MAIL": "mail_from", "RCPT": "rcpt_to", "DATA": "body",
}  # fmt: skip

# What a reply without an error may mean: servers of other protocols greet like that, too.
_OF_SUCCESS = ("accepted", "not_smtp_service")
# Longer sentences hardly ever come twice, and would fill the memory.
_LONGEST = 512
# Where servers speak of the sender, the recipient and the mail: what many say of one of these may be said of another, too.
_BY_SERVERS = ("", "mail_from", "rcpt_to", "body")
# Causes of texts that anybody may say and that only sum up what other words may tell: "the handshake failed, no shared cipher".
_SUMMARIES = ("tls_handshake_failed",)


@dataclass(frozen=True)
class Sentence:
    """What a sentence says of an outcome; code, enhanced and text are those of the reply it quotes."""

    meaning: Meaning
    code: str = ""
    enhanced: str = ""
    text: str = ""
    stage: str = ""


def read_sentence(sentence: str, stage: str, alone: bool = False) -> Sentence | None:
    """Read a sentence that tells an outcome: a quoted reply, or the words of some library. None for any other.

    What somebody else has written into it, such as the subject of a mail, is left out. A sentence that stands `alone` is
    given because something failed: it is also understood where nobody has listed its words.
    """
    return (_read if len(sentence) > _LONGEST else _known)(sentence, stage, alone)


def _read(sentence: str, stage: str, alone: bool) -> Sentence | None:
    sentence = _own_words(sentence)
    quoted = _quoted_reply(sentence, alone)
    code, enhanced = (*quoted.groups(), "")[:2] if quoted else ("", "")
    text = sentence[quoted.end() :] if quoted else sentence
    if alone and quoted and grammar().explains(text):
        return None
    if alone and quoted and quoted.start(1) > 0:
        before = sentence[: quoted.start() + 1]
        if grammar().is_untold(sentence, quoted.start(1)):
            return None
        # `after RCPT TO:<...>: host ...: 550 ...`
        stage = stage or grammar().read(before).stage or grammar().command(before)
    if code[:1] in ("4", "5"):
        enhanced = enhanced or codes.enhanced_in(text, code)
        return Sentence(classify_reply(code, enhanced, text, stage), code, enhanced, text)
    if alone and not code and (enhanced := codes.enhanced_in(sentence)):
        if grammar().is_untold(sentence, sentence.index(enhanced)):
            return None
        # With a code of the network, a mail server tells of its own way to the next one: that one has said nothing.
        own = recognise(sentence, "", enhanced) if enhanced[1:4] == ".4." else None
        if own is None or own.stage not in BEFORE_A_REPLY:
            own = classify_reply("", enhanced, sentence, stage)
        return Sentence(own, "", enhanced, sentence)
    if quoted and quoted.start(1) == 0:
        meaning = _of_success(sentence, code, enhanced, stage if alone else "")
    else:
        meaning = recognise(sentence, code, enhanced)
    if alone and not code:
        meaning = _understood(meaning, sentence, stage)
    if meaning is None:
        return None
    if meaning.cause == "not_smtp_service" and stage not in ("", "greeting", "ehlo"):
        return None  # libcurl's `weird server reply` about a server that has spoken SMTP until now
    if meaning.cause == "greeting_timeout" and stage not in ("", "greeting"):
        # libcurl says of every reply that did not come what others say of the greeting only.
        meaning = Meaning("connection_lost", stage, meaning.rule)
    if meaning.cause != "accepted":
        return Sentence(meaning)
    return Sentence(meaning, code, enhanced, text) if code == "250" and enhanced[:1] in ("", "2") else None


def _understood(listed: Meaning | None, sentence: str, stage: str) -> Meaning | None:
    """What a sentence means whose words may say more than the listed text in it."""
    sums_up = (
        listed is not None
        and listed.cause in _SUMMARIES
        and listed.rule is not None
        and listed.rule.library == "generic"
    )
    if listed is not None and not sums_up and not (listed.loose and listed.stage in _BY_SERVERS):
        return listed
    understood = understand(sentence, stage)
    if listed is None or understood is None:
        return listed or understood
    is_of_it = not sums_up or causes()[understood.cause].stage == causes()[listed.cause].stage
    return understood if is_of_it and understood.rule and understood.rule.kind == "phrase" else listed


def _of_success(text: str, code: str, enhanced: str, stage: str) -> Meaning | None:
    """What a line means that is a reply without an error: whatever it announces or denies, nothing was refused."""
    of_code = Meaning("accepted", "", Rule("reply_code", code)) if code == "250" and stage == "body" else None
    listed = (each for each in listed_meanings(text, code, enhanced) if each.cause in _OF_SUCCESS)
    return next(listed, of_code)


# Programs say the same of each mail.
_known = lru_cache(maxsize=2048)(_read)


def _quoted_reply(sentence: str, alone: bool) -> re.Match[str] | None:
    """The reply that a sentence is or quotes. Most sentences have no number that could be its code."""
    if not MAY_BE_CODE.search(sentence):
        return _BARE_REPLY.match(sentence) if alone else None
    enhanced = _ENHANCED_REPLY.search(sentence) if "." in sentence else None
    quoted = enhanced or _PLAIN_REPLY.match(sentence) or _PLAIN_REPLY.search(sentence)
    return quoted or ((_BARE_REPLY.match(sentence) or _REPLY_AFTER_MARK.search(sentence)) if alone else None)


def reports_delivery(step: Step) -> bool:
    """Return whether a program says in a line of its own that the mail was sent, and quotes the reply by which it was taken.

    What has no form of a program's line may be anybody's text, so it reports nothing.
    """
    return step.source != "vocabulary" and _REPORT.match(step.text) is not None


def read_delivery(delivery: Delivery) -> Sentence:
    """Return what a mail server's log says of a recipient: the reply of the next server, or its own trouble."""
    text = delivery.text
    quoted = _QUOTED_IN_LOG.search(text)
    found = _IN_REPLY_TO.search(text)
    stage = _STAGE_BY_COMMAND.get(next(filter(None, found.groups())).upper(), "") if found else ""
    if quoted is not None:
        code, enhanced = quoted[1], quoted[2] or ""
        words = text[quoted.end() :]
        meaning = classify_reply(code, enhanced or delivery.dsn, words, stage or "rcpt_to")
        return Sentence(meaning, code, enhanced or delivery.dsn, words, stage or meaning.stage or "rcpt_to")
    meaning = _by_words_or_code(delivery)
    return Sentence(meaning, "", delivery.dsn, text, stage or meaning.stage)


def _by_words_or_code(delivery: Delivery) -> Meaning:
    # `connect to relay.example.net[192.0.2.25]:25: Connection refused`: names are no words.
    meaning = recognise(delivery.text.rpartition(": ")[2], "", delivery.dsn) or recognise(
        delivery.text, "", delivery.dsn
    )
    if meaning is not None and not (delivery.dsn.startswith("5") and causes()[meaning.cause].temporary):
        return meaning
    # A permanent code is right where the words are those of some trouble that passes: sendmail calls each of them
    # `Service unavailable`.
    if delivery.dsn or delivery.status == "failed":
        return next(reply_meanings("", delivery.dsn, "", ""))
    return Meaning("unknown", "")


def _own_words(sentence: str) -> str:
    return (
        WRITTEN_BY_OTHERS.sub(lambda found: found[0].partition(" ")[0].partition("=")[0], sentence)
        if "=" in sentence or '"' in sentence or "'" in sentence or (":" in sentence and _HEADING.search(sentence))
        else sentence
    )
