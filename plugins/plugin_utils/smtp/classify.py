# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name the cause behind one line of text, whoever printed it."""

from __future__ import annotations

import re
from functools import cache
from typing import TypedDict

from ..templates import find as templates
from .context import SendContext
from .conversation import Conversation
from .knowledge import causes
from .onward import is_reported, onward
from .sentence import Sentence, read_sentence
from .speech import REMARK, speech
from .step import ALONE, Step
from .verdict import Verdict, judge

# qmail-send logs what is said of a delivery with an underscore for each blank, and a slash for the end of each line.
_JOINED = re.compile(r"(?<!\S)[^\s_]+(?:_[^\s_]+){2,}/(?!\S)")
_END_OF_LINE = re.compile(r"(?<![/:])/(?=[A-Z\d]|$)")
# Where a line of a reply goes on in the middle of a sentence.
_NEXT_LINE = re.compile(r"\r?\n[2-5]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3} )?(?=[a-z])")
_NAMED_GROUP = re.compile(r"\(\?P<(?!TEXT_)\w+>")


class Classified(TypedDict):
    """What one line of text means."""

    text: str
    stage: str
    cause: str
    code: str | None
    enhanced: str | None
    temporary: bool | None
    owner: str
    evidence: str
    rule: str
    confidence: str


def classify(text: str, stage: str = "") -> Classified:
    """Return what a line means, as docs/design.md says. `stage` is where it was said, "" if that is not known.

    rule: what decided, a row of `steps` in reasons.yml. evidence: the text, the words or the code that did.
    Marks of a dialogue and the prefix of debug output do not matter. What nothing recognises has the cause `unknown`; a
    line on its own is `accepted` only when it quotes the reply by which a server takes a mail over. Never raises.
    """
    told = sentence_of(text, stage)
    cause = causes()[told.meaning.cause if told else "unknown"]
    stage = (told.meaning.stage if told else "") or stage or ("" if cause.stage == "any" else cause.stage)
    code = told.code if told else ""
    rule = told.meaning.rule if told else None
    if cause.name not in ("accepted", "unknown") and is_reported(stage, text):
        cause = onward(cause)
    refusal = code or (told.enhanced if told else "")
    temporary = refusal.startswith("4") if refusal[:1] in ("4", "5") else cause.temporary
    return {
        "text": text,
        "stage": stage,
        "cause": cause.name,
        "code": code or None,
        "enhanced": (told.enhanced if told else "") or None,
        "temporary": temporary if cause.name not in ("accepted", "unknown") else None,
        "owner": cause.owner,
        "evidence": str(rule or ""),
        "rule": rule.kind if rule else "nothing",
        "confidence": rule.confidence if rule else "low",
    }


def sentence_of(text: str, stage: str = "") -> Sentence | None:
    """Return what a line tells of an outcome, with or without its prefix and mark; None when nothing knows it."""
    sentence = _sentence(text)
    told = read_sentence(sentence, stage, alone=True)
    # What looks like a mark may belong to the text: an IMAP server greets with an asterisk.
    return read_sentence(text, stage, alone=True) if told is None and sentence != text else told


def judge_text(text: str) -> Verdict:
    """Return the verdict on a line by itself, with the reasons `judge` gives."""
    sentence = _sentence(text)
    if read_sentence(sentence, "", alone=True) is None:
        sentence = text
    conversation = Conversation()
    conversation.add(Step(1, speech(REMARK, "", sentence), ALONE))
    return judge(conversation, SendContext()).verdict()


def _sentence(text: str) -> str:
    """The text without the function and line of debug output, without the mark of a dialogue, with blanks between words."""
    for name in ("fazmaild_debug", "smtp_dialogue"):
        found = _any_rule(name).match(text)
        if found is not None and (said := f"TEXT_{found.lastgroup}") in found.re.groupindex:
            text = found[said] or ""
    if "\n" in text:
        text = _NEXT_LINE.sub(" ", text)
    if "_" not in text or "/" not in text:
        return text
    return _JOINED.sub(lambda joined: _END_OF_LINE.sub(". ", joined[0].replace("_", " ")), text)


@cache
def _any_rule(name: str) -> re.Pattern[str]:
    """What matches each text that one of the rules matches, with a group for each rule and for its TEXT: the first says all."""
    ways = []
    for number, rule in enumerate(templates.template(name).compiled.states["Start"]):
        regex = rule.regex.replace("(?P<TEXT>", f"(?P<TEXT_rule{number}>")
        ways.append(f"(?P<rule{number}>{_NAMED_GROUP.sub('(?:', regex)})")
    return re.compile("|".join(ways))
