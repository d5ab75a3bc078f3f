# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One verdict per send: outcome, stage, cause, evidence, owner, remedy, and why it is this and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .circumstances import COUNTERS, Circumstances
from .conversation import Conversation
from .decision import Finding, Lost, decide
from .knowledge import causes, stages
from .sends import of_test
from .step import Step


def judge(conversation: Conversation, around: Circumstances) -> dict[str, Any]:
    """Return the verdict on one send, in the form of docs/design.md."""
    conversation.finish()
    return _verdict(conversation, around, decide(conversation, around))


def judge_test(steps: Iterable[Step], around: Circumstances) -> dict[str, Any]:
    """Return the verdict on the send of a test, whose capture may also hold what the device sent meanwhile."""
    tested = of_test(steps, around)
    finding = decide(tested.conversation, tested.around)
    elsewhere = [
        Lost(other.cause, other.stage, other.steps[0], "other_send")
        for other in tested.others
        if other.steps and other.cause not in (finding.cause, "unknown")
    ]
    finding = replace(finding, lost=[*finding.lost, *elsewhere])
    if not tested.contradicted:
        return _verdict(tested.conversation, tested.around, finding)
    if finding.outcome == "accepted":
        return _verdict(tested.conversation, tested.around, finding, ["another_mail_failed"])
    finding = replace(finding, confidence="low")
    return _verdict(tested.conversation, tested.around, finding, ["another_mail_was_accepted"])


def _verdict(
    conversation: Conversation, around: Circumstances, finding: Finding, contradicting: Iterable[str] = ()
) -> dict[str, Any]:
    cause = causes()[finding.cause]
    temporary = finding.temporary if finding.temporary is not None else cause.temporary
    reached = {*conversation.reached, *(["accepted"] if finding.outcome == "accepted" else [])}
    return {
        "outcome": finding.outcome,
        "stage": finding.stage or ("" if cause.stage == "any" else cause.stage),
        "cause": finding.cause,
        "temporary": temporary if finding.outcome == "failed" else None,
        "reply": _reply(*finding.reply) if finding.reply else None,
        "owner": cause.owner,
        "explanation": cause.explanation,
        "remedy": [_filled_in(step, around) for step in cause.remedy],
        "stages_reached": sorted(reached, key=stages().index),
        "warnings": list(dict.fromkeys([*_warnings(conversation, around, finding), *contradicting])),
        "evidence": _evidence(finding, around),
        "confidence": finding.confidence,
        "why": _why(finding, around),
    }


def _why(finding: Finding, around: Circumstances) -> dict[str, Any]:
    """Why this verdict: what decided, what else was found and why it lost, and what would prove more.

    The words for `decided`, `because` and `missing` are in reasons.yml.
    """
    rule = finding.rule
    deciding = next(iter(finding.steps), None) if finding.decided not in ("counters", "queue", "nothing") else None
    return {
        "decided": finding.decided,
        "line": deciding.line if deciding else None,
        "rule": {"text": rule.detail, "library": rule.library, "grade": rule.grade} if rule else None,
        "lost": [
            {
                "cause": each.cause,
                "stage": each.stage,
                "line": each.step.line,
                "text": each.step.text,
                "because": each.because,
            }
            for each in finding.lost
        ],
        "missing": _missing(finding, around),
    }


def _missing(finding: Finding, around: Circumstances) -> list[str]:
    missing = []
    if finding.decided != "final_reply":
        missing.append("final_reply")
    if around.rose("sent") is None:
        missing.append("counters")
    elif not around.rose("sent"):
        missing.append("sent_counter")
    return missing


def _warnings(conversation: Conversation, around: Circumstances, finding: Finding) -> list[str]:
    secure_option = (around.entry or {}).get("secure_option", "default" if around.entry is not None else "")
    implicit = secure_option == "smtps" or conversation.implicit_tls
    clear = conversation.mail_begun and not conversation.tls and not implicit
    accepted, failed = finding.outcome == "accepted", finding.outcome == "failed"
    sent_rose, failed_rose = around.rose("sent"), around.rose("failed")
    refused = any(each.stage == "rcpt_to" for each in conversation.failures)
    shown = {
        "clear_text": clear,
        "starttls_not_used": clear and (secure_option == "default" or "STARTTLS" in conversation.extensions),
        "credentials_in_clear": conversation.credentials_in_clear and not implicit,
        "certificate_not_verified": conversation.unverified,
        "deprecated_tls": conversation.old_tls,
        "failed_counter_rose": not failed and failed_rose,
        "sent_counter_did_not_rise": accepted and sent_rose is False,
        "another_mail_was_accepted": failed and conversation.accepted is not None,
        "sent_counter_rose": not accepted and sent_rose and not failed_rose,
        "some_recipients_refused": accepted and refused,
        "counters_went_back": around.went_back,
        "daemon_paused": around.paused and finding.cause != "queue_blocked",
    }
    return [warning for warning, holds in shown.items() if holds]


def _evidence(finding: Finding, around: Circumstances) -> list[dict[str, Any]]:
    rows = [{"line": step.line, "text": step.text, "source": step.source} for step in finding.steps]
    for counter in COUNTERS:
        if around.rose(counter):
            text = f"{counter}: {around.before[counter]} -> {around.after[counter]}"
            rows.append({"line": around.after["line"], "text": text, "source": "fazmaild_statistics"})
    return rows


def _reply(code: str, enhanced: str, text: str) -> dict[str, str | None]:
    return {"code": code, "enhanced": enhanced or None, "text": text.strip()}


def _filled_in(remedy: Mapping[str, str], around: Circumstances) -> dict[str, str]:
    """Put what is known of the entry in place of the words in angle brackets."""
    known = {"<id>": around.entry_id}
    for name in ("server", "port", "user"):
        known[f"<{name}>"] = str((around.entry or {}).get(name, ""))
    filled = {}
    for key, text in remedy.items():
        for word, value in known.items():
            # A value that is itself to be changed stays a placeholder: `set server <server>`.
            if (value and f"set {word[1:-1]} {word}" not in text and f"{word[1:-1]}: {word}" not in text) or (
                word == "<id>" and value
            ):
                text = text.replace(word, f'"{value}"' if word == "<id>" and " " in value else value)
        filled[key] = text
    return filled
