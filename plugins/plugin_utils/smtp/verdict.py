# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One verdict per send: outcome, stage, cause, evidence, owner and remedy.

`accepted` needs positive proof: a 250 that answers the end of the message, or a sent counter that rose while nothing
failed. A text that nothing recognises makes `unknown`, with the last lines as evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from .conversation import SERVER, Conversation, Failure, Step
from .knowledge import causes, stages

_EVIDENCE_OF_UNKNOWN = 20
# What follows from another failure, and says nothing if there is an earlier one.
_CONSEQUENCES = frozenset({"connection_lost", "tls_handshake_failed", "unknown"})
# What a client meets when it goes on after a failure at one of these stages: the earlier failure is the cause.
_FOLLOWS = {
    "auth_required": ("auth",),
    "relay_denied": ("auth",),
    "encryption_required": ("starttls", "tls"),
}


@dataclass(frozen=True)
class Circumstances:
    """What else is known of a send, beside its dialogue.

    entry: the tested entry of `config system mail` under Python names, if it was read. before, after: the daemon's
    counters around the send, with their line numbers under `line`. paused: the daemon says it is paused.
    """

    entry_id: str = ""
    entry: Mapping[str, Any] | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    paused: bool = False

    def rose(self, counter: str) -> bool | None:
        """Say whether a counter rose; None when it was not read on both sides."""
        if counter not in self.before or counter not in self.after:
            return None
        return bool(self.after[counter] > self.before[counter])


@dataclass(frozen=True)
class _Finding:
    outcome: str
    cause: str
    stage: str
    confidence: str
    steps: Sequence[Step] = ()
    reply: dict[str, str | None] | None = None
    temporary: bool | None = None


def judge(conversation: Conversation, around: Circumstances) -> dict[str, Any]:
    """Return the verdict on one send, in the form of docs/design.md."""
    conversation.finish()
    finding = _finding(conversation, around)
    cause = causes()[finding.cause]
    temporary = finding.temporary if finding.temporary is not None else cause.temporary
    return {
        "outcome": finding.outcome,
        "stage": finding.stage or ("" if cause.stage == "any" else cause.stage),
        "cause": finding.cause,
        "temporary": temporary if finding.outcome == "failed" else None,
        "reply": finding.reply,
        "owner": cause.owner,
        "explanation": cause.explanation,
        "remedy": [_filled_in(step, around) for step in cause.remedy],
        "stages_reached": sorted(conversation.reached, key=stages().index),
        "warnings": _warnings(conversation, around, finding),
        "evidence": _evidence(finding, around),
        "confidence": finding.confidence,
    }


def _finding(conversation: Conversation, around: Circumstances) -> _Finding:
    sent, failed = around.rose("sent"), around.rose("failed")
    failure = _decisive(conversation)
    if (reply := conversation.accepted) is not None and not _fails_after(conversation, failure):
        confidence = "low" if failed else "high" if sent is not False else "medium"
        return _Finding(
            "accepted", "accepted", "accepted", confidence, [reply.step], _reply(reply.code, reply.enhanced, reply.text)
        )
    if failure is not None:
        return _failed(conversation, failure, "low" if conversation.accepted or (sent and not failed) else "high")
    if (position := _by_position(conversation, around)) is not None:
        return position
    if sent and failed is False:
        conversation.reached.append("accepted")
        return _Finding("accepted", "accepted", "accepted", "medium")
    if around.paused or (
        around.after and around.after.get("queue_length", 0) >= around.after.get("queue_limit", 1 << 30)
    ):
        return _Finding("failed", "queue_blocked", "queue", "medium")
    last = conversation.reached[-1] if conversation.reached else ""
    return _Finding("unknown", "unknown", last, "low", conversation.steps[-_EVIDENCE_OF_UNKNOWN:])


def _decisive(conversation: Conversation) -> Failure | None:
    """The last failure that was not overcome, unless it only is a consequence of an earlier one."""
    open_failures = [each for each in conversation.failures if not _overcome(conversation, each)]
    open_failures = [each for each in open_failures if not _in_vain(conversation, each, open_failures)]
    if not open_failures:
        return None
    telling = [each for each in open_failures if each.meaning.cause not in _CONSEQUENCES]
    last = telling[-1] if telling else open_failures[-1]
    for each in reversed(conversation.failures):
        # Getting further without the login is not overcoming it: only the login itself is.
        again = each.stage in conversation.successes[each.successes :]
        if (
            each.stage in _FOLLOWS.get(last.meaning.cause, ())
            and each.meaning.cause != last.meaning.cause
            and not again
        ):
            last = each
            break
    # A client sums up in its own words what the server has said: the server's words are the better evidence.
    for each in reversed(open_failures):
        if each.code and not last.code and (each.meaning.cause == last.meaning.cause or each.stage == last.stage):
            return each
    return last


def _in_vain(conversation: Conversation, failure: Failure, failures: Sequence[Failure]) -> bool:
    """Say whether a command was refused only because the mail had lost its sender or each of its recipients before."""
    needed = {"rcpt_to": ("mail_from",), "data": ("mail_from", "rcpt_to")}.get(failure.stage, ())
    earlier = any(each.stage in needed and each.step.line < failure.step.line for each in failures)
    return earlier and bool(failure.code) and "rcpt_to" not in conversation.successes


def _overcome(conversation: Conversation, failure: Failure) -> bool:
    """Say whether the send got further afterwards: another address answered, another mechanism was accepted."""
    order = stages()
    if failure.stage not in order or failure.stage in ("rcpt_to", "body"):
        return False
    later = conversation.successes[failure.successes :]
    return any(order.index(stage) >= order.index(failure.stage) for stage in later if stage != "accepted")


def _fails_after(conversation: Conversation, failure: Failure | None) -> bool:
    """Say whether something failed after the mail was accepted: then another mail is in this text, and it failed."""
    if failure is None or conversation.accepted is None or failure.meaning.cause in _CONSEQUENCES:
        return False
    return failure.step.line > conversation.accepted.step.line


def _failed(conversation: Conversation, failure: Failure, confidence: str) -> _Finding:
    cause = _refined(conversation, failure.meaning.cause)
    same = [each for each in conversation.failures if each.meaning.cause == failure.meaning.cause]
    stage = failure.stage or failure.meaning.stage
    if not failure.code and failure.meaning.stage:
        stage = failure.meaning.stage
    code = failure.code or next((each.code for each in same if each.code), "")
    return _Finding(
        outcome="failed",
        cause=cause,
        stage=stage,
        confidence=confidence if failure.meaning.cause != "unknown" else "low",
        steps=[each.step for each in same],
        reply=_reply(failure.code, failure.enhanced, failure.text) if failure.code else None,
        temporary=code.startswith("4") if code else None,
    )


def _refined(conversation: Conversation, cause: str) -> str:
    """Let the server's answer to EHLO decide where a client's own words are vague: nothing offered, or nothing usable."""
    if cause in ("auth_not_offered", "auth_mechanism_unsupported") and "ehlo" in conversation.reached:
        return "auth_mechanism_unsupported" if "AUTH" in conversation.extensions else "auth_not_offered"
    return cause


def _by_position(conversation: Conversation, around: Circumstances) -> _Finding | None:
    """What the course of the dialogue shows although nobody has said it: something needed was not on offer."""
    if "ehlo" not in conversation.reached or conversation.mail_begun:
        return None
    if around.entry is None and not conversation.ended:
        return None  # the text may simply stop here
    offers_tls, offers_auth = "STARTTLS" in conversation.extensions, "AUTH" in conversation.extensions
    entry = around.entry or {}
    steps = _offer(conversation)
    needs_tls = entry.get("secure_option") == "starttls" if around.entry else offers_auth
    if not conversation.tls and not conversation.starttls_tried and not offers_tls and needs_tls:
        return _Finding("failed", "starttls_unavailable", "starttls", "medium", steps, temporary=False)
    needs_auth = entry.get("auth") == "enable" if around.entry else conversation.tls
    if not conversation.authenticated and not offers_auth and needs_auth:
        return _Finding("failed", "auth_not_offered", "ehlo", "medium", steps, temporary=False)
    return None


def _offer(conversation: Conversation) -> list[Step]:
    """The lines of the server's last answer to EHLO."""
    steps = conversation.steps
    hello = ("EHLO", "HELO", "LHLO")
    asked = max((number for number, step in enumerate(steps) if step.text.strip()[:4].upper() in hello), default=-1)
    return list(takewhile(lambda step: step.speaker == SERVER, steps[asked + 1 :]))


def _warnings(conversation: Conversation, around: Circumstances, finding: _Finding) -> list[str]:
    warnings = []
    secure_option = (around.entry or {}).get("secure_option", "default" if around.entry is not None else "")
    if conversation.mail_begun and not conversation.tls and secure_option != "smtps":
        warnings.append("clear_text")
        if secure_option == "default" or "STARTTLS" in conversation.extensions:
            warnings.append("starttls_not_used")
    if conversation.credentials_in_clear and secure_option != "smtps":
        warnings.append("credentials_in_clear")
    if conversation.old_tls:
        warnings.append("deprecated_tls")
    if finding.outcome == "accepted" and around.rose("failed"):
        warnings.append("failed_counter_rose")
    if finding.outcome == "accepted" and around.rose("sent") is False:
        warnings.append("sent_counter_did_not_rise")
    if finding.outcome == "failed" and conversation.accepted is not None:
        warnings.append("another_mail_was_accepted")
    if finding.outcome == "failed" and around.rose("sent") and not around.rose("failed"):
        warnings.append("sent_counter_rose")
    if finding.outcome == "accepted" and any(each.stage == "rcpt_to" for each in conversation.failures):
        warnings.append("some_recipients_refused")
    return warnings


def _evidence(finding: _Finding, around: Circumstances) -> list[dict[str, Any]]:
    rows = [{"line": step.line, "text": step.text, "source": step.source} for step in finding.steps]
    if finding.outcome != "unknown":
        for counter in ("sent", "failed"):
            if around.rose(counter):
                rows.append(
                    {
                        "line": around.after["line"],
                        "text": f"{counter}: {around.before[counter]} -> {around.after[counter]}",
                        "source": "fazmaild_statistics",
                    }
                )
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
