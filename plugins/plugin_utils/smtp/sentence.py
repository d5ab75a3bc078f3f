# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read one sentence that tells what became of a mail: a reply it quotes, or the words of some library."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .knowledge import Meaning, classify_reply, recognise

# A reply quoted in a sentence: `server replied 535 5.7.8 Error: ...`, `failed: 550 relay not permitted`. A number alone
# is none: sizes, times and queue ids look the same.
_ENHANCED_REPLY = re.compile(r"(?:^|[\s:('\"=])([2-5][0-5]\d)[ -]([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")
_PLAIN_REPLY = re.compile(
    r"(?:^|\b(?:repl(?:y|ied)|respon(?:se|ded)|code|status|failed|rejected|refused|said|says|answer(?:ed)?|returned|error|got|sent)"
    r"(?:\s+(?:with|was|is|by|from|the|server))*[\s:('\"=]+)([2-5][0-5]\d)[ -](?=[A-Za-z<#\"'])"
    r"(?!\w+=)(?!(?:bytes?|octets?|lines?|ms|milliseconds?|s|sec|seconds?|[kKMG]i?B|B)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """What a sentence says of an outcome; code, enhanced and text are those of the reply it quotes."""

    meaning: Meaning
    code: str = ""
    enhanced: str = ""
    text: str = ""


def read_sentence(sentence: str, stage: str) -> Sentence | None:
    """Read a sentence that tells an outcome: a quoted reply, or the words of some library. None for any other."""
    quoted = _ENHANCED_REPLY.search(sentence) or _PLAIN_REPLY.search(sentence)
    code, enhanced = (*quoted.groups(), "")[:2] if quoted else ("", "")
    text = sentence[quoted.end() :] if quoted else sentence
    if code[:1] in ("4", "5"):
        return Sentence(classify_reply(code, enhanced, text, stage), code, enhanced, text)
    meaning = recognise(sentence, code, enhanced)
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
