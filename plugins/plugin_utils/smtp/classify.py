# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name the cause behind one line of text, whoever printed it."""

from __future__ import annotations

from typing import Any

from ..text.parse import run
from .knowledge import causes
from .sentence import read_sentence


def classify(text: str) -> dict[str, Any]:
    """Return text, stage, cause, code, enhanced, temporary, owner and evidence of a line, as docs/design.md says.

    Marks of a dialogue and the prefix of debug output do not matter. What nothing recognises has the cause `unknown`; a
    line on its own is `accepted` only when it quotes the reply by which a server takes a mail over. Never raises.
    """
    # What looks like a mark may belong to the text: an IMAP server greets with an asterisk.
    told = read_sentence(_sentence(text), "") or read_sentence(text, "")
    cause = causes()[told.meaning.cause if told else "unknown"]
    stage = (told.meaning.stage if told else "") or ("" if cause.stage == "any" else cause.stage)
    code = told.code if told else ""
    temporary = code.startswith("4") if code[:1] in ("4", "5") else cause.temporary
    return {
        "text": text,
        "stage": stage,
        "cause": cause.name,
        "code": code or None,
        "enhanced": (told.enhanced if told else "") or None,
        "temporary": temporary if cause.name not in ("accepted", "unknown") else None,
        "owner": cause.owner,
        "evidence": told.meaning.decided_by if told else "",
    }


def _sentence(text: str) -> str:
    """The text without the function and line of debug output, and without the mark of a dialogue."""
    for template in ("fazmaild_debug", "smtp_dialogue"):
        rows = run(template, [text]).rows
        text = str(rows[0].get("text", "")) if rows else text
    return text
