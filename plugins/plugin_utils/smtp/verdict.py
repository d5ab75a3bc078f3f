# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One verdict per send: outcome, stage, cause, evidence, owner, remedy, and why it is this and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NotRequired, TypedDict

from .context import COUNTERS, SendContext
from .conversation import Conversation
from .decision import Decision, Lost, decide, order_of_stages
from .failures import Binding
from .knowledge import Cause, Rule, causes
from .onward import ONWARD, is_onward, onward
from .progress import peer_in
from .sends import of_test
from .speech import REMARK
from .step import Step


class EvidenceLine(TypedDict):
    """A line that shows something; `source` is the template that read it."""

    line: int
    text: str
    source: str


class VerdictReply(TypedDict):
    """The server's reply that a verdict rests on."""

    code: str
    enhanced: str | None
    text: str


class RuleUsed(TypedDict):
    """The rule of the vocabulary, the phrase, or the code, that decided. who, what: see Rule; only of a phrase."""

    text: str
    library: str
    grade: str
    who: NotRequired[str]
    what: NotRequired[str]


class LostCause(TypedDict):
    """What could have become the cause, and why it did not: a word of `lost` in reasons.yml."""

    cause: str
    stage: str
    line: int
    text: str
    because: str


class Why(TypedDict):
    """What decided, what else was found, and what would prove more, in the words of reasons.yml."""

    decided: str
    line: int | None
    rule: RuleUsed | None
    lost: list[LostCause]
    missing: list[str]


class Verdict(TypedDict):
    """What became of one send; schemas/parse.json has the same as a schema. `line` is where the send begins."""

    line: int
    outcome: str
    stage: str
    cause: str
    temporary: bool | None
    reply: VerdictReply | None
    owner: str
    explanation: str
    remedy: list[dict[str, str]]
    stages_reached: list[str]
    warnings: list[str]
    evidence: list[EvidenceLine]
    confidence: str
    why: Why


@dataclass(slots=True, eq=False)
class Judgement:
    """What became of one send, which begins at this line, in a few words. To say all, its `verdict`, takes much longer."""

    line: int
    conversation: Conversation
    context: SendContext
    decision: Decision
    contradicting: Sequence[str] = ()
    onward: bool = field(init=False)

    def __post_init__(self) -> None:
        self.onward = is_onward(self.decision)

    @property
    def stage(self) -> str:
        stage = causes()[self.decision.cause].stage
        return self.decision.stage or ("" if stage == "any" else stage)

    @property
    def owner(self) -> str:
        return self._cause.owner

    @property
    def _cause(self) -> Cause:
        cause = causes()[self.decision.cause]
        return onward(cause) if self.onward else cause

    def verdict(self) -> Verdict:
        conversation, context, decision = self.conversation, self.context, self.decision
        cause = self._cause
        temporary = decision.temporary if decision.temporary is not None else cause.temporary
        reached = {*conversation.reached, *(["accepted"] if decision.outcome == "accepted" else [])}
        return {
            "line": self.line,
            "outcome": decision.outcome,
            "stage": self.stage,
            "cause": decision.cause,
            "temporary": temporary if decision.outcome == "failed" else None,
            "reply": _reply(*decision.reply) if decision.reply else None,
            "owner": self.owner,
            "explanation": cause.explanation,
            "remedy": _remedy(self),
            "stages_reached": sorted(reached, key=order_of_stages().__getitem__),
            "warnings": list(dict.fromkeys([*_warnings(self), *self.contradicting])),
            "evidence": _evidence(decision, context),
            "confidence": decision.confidence,
            "why": _why(decision, context),
        }


def judge(conversation: Conversation, context: SendContext, line: int = 1) -> Judgement:
    """Return what became of one send, which begins at this line."""
    conversation.finish()
    return Judgement(line, conversation, context, decide(conversation, context))


def judge_test(steps: Iterable[Step], context: SendContext, line: int = 1) -> Judgement:
    """Return what became of the send of a test, whose capture may also hold what the device sent meanwhile."""
    tested = of_test(steps, context)
    decision = decide(tested.conversation, tested.context)
    elsewhere = [
        Lost(other.cause, other.stage, other.steps[0], because)
        for other, because in tested.others
        if other.steps and other.cause not in (decision.cause, "unknown")
    ]
    decision = replace(decision, lost=[*decision.lost, *elsewhere])
    if not tested.contradicted:
        return Judgement(line, tested.conversation, tested.context, decision)
    if decision.outcome == "accepted":
        return Judgement(line, tested.conversation, tested.context, decision, ["another_mail_failed"])
    decision = replace(decision, confidence="low")
    return Judgement(line, tested.conversation, tested.context, decision, ["another_mail_was_accepted"])


def _why(decision: Decision, context: SendContext) -> Why:
    """Why this verdict: what decided, what else was found and why it lost, and what would prove more.

    The words for `decided`, `because` and `missing` are in reasons.yml.
    """
    rule = decision.rule
    deciding = next(iter(decision.steps), None) if decision.decided not in ("counters", "queue", "nothing") else None
    return {
        "decided": decision.decided,
        "line": deciding.line if deciding else None,
        "rule": _used(rule) if rule else None,
        "lost": [
            {
                "cause": each.cause,
                "stage": each.stage,
                "line": each.step.line,
                "text": each.step.text,
                "because": each.because,
            }
            for each in decision.lost
        ],
        "missing": _missing(decision, context),
    }


def _missing(decision: Decision, context: SendContext) -> list[str]:
    missing = []
    if decision.decided != "final_reply":
        missing.append("final_reply")
    if context.rose("sent") is None:
        missing.append("counters")
    elif not context.rose("sent"):
        missing.append("sent_counter")
    return missing


def _warnings(judgement: Judgement) -> list[str]:
    conversation, context, decision = judgement.conversation, judgement.context, judgement.decision
    secure_option = (context.entry or {}).get("secure_option", "default" if context.entry is not None else "")
    implicit = secure_option == "smtps" or conversation.implicit_tls
    clear = conversation.mail_begun and not conversation.tls and not implicit
    accepted, failed = decision.outcome == "accepted", decision.outcome == "failed"
    sent_rose, failed_rose = context.rose("sent"), context.rose("failed")
    refused = any(each.binding is Binding.RECIPIENT for each in conversation.failures)
    shown = {
        "interleaved": conversation.interleaved,
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
        "counters_went_back": context.went_back,
        ONWARD: judgement.onward,
        f"daemon_{context.daemon}": context.held and decision.cause != "queue_blocked",
    }
    return [warning for warning, holds in shown.items() if holds]


def _evidence(decision: Decision, context: SendContext) -> list[EvidenceLine]:
    rows: list[EvidenceLine] = [
        {"line": step.line, "text": step.text, "source": step.source} for step in decision.steps
    ]
    for counter in COUNTERS:
        if context.rose(counter):
            text = f"{counter}: {context.before[counter]} -> {context.after[counter]}"
            rows.append({"line": context.after["line"], "text": text, "source": "fazmaild_statistics"})
    return rows


def _reply(code: str, enhanced: str, text: str) -> VerdictReply:
    return {"code": code, "enhanced": enhanced or None, "text": text.strip()}


def _remedy(judgement: Judgement) -> list[dict[str, str]]:
    """Return the remedies of a cause for the mail server of an entry, else for the one that the client names, if any is known."""
    decision, context = judgement.decision, judgement.context
    if not causes()[decision.cause].remedy:
        return []
    reply = decision.reply or ()
    said = " ".join(filter(None, [part.strip() for part in reply]))
    entry = context.entry or {}
    server, port, user = (str(entry.get(name, "")) for name in ("server", "port", "user"))
    named = _peer(decision, judgement.conversation) if not (server and port) else None
    host, other_port = named or ("", "")
    # An address tells of no provider.
    domain = server or ("" if ":" in host or host[-1:].isdigit() else host)
    server, port = server or host, port or other_port
    of_cause = decision.cause, judgement.onward
    return [dict(step) for step in _filled_in(*of_cause, context.entry_id, said, domain, server, port, user)]


def _peer(decision: Decision, conversation: Conversation) -> tuple[str, str] | None:
    """Return the host and port that a client connected to, or tried to: what the evidence says, else what was said last."""
    told = (step.text for step in (*decision.steps, *reversed(conversation.steps)) if step.speaker == REMARK)
    return next(filter(None, map(peer_in, told)), None)


# Many mails fail for the same reason.
@lru_cache(maxsize=256)
def _filled_in(
    cause: str, is_onward: bool, entry_id: str, said: str, domain: str, server: str, port: str, user: str
) -> list[dict[str, str]]:
    """Put what is known of the entry, and the reply that decided, in place of the words in angle brackets."""
    known = {"<id>": entry_id, "<reply>": said or "not seen", "<server>": server, "<port>": port, "<user>": user}
    steps = []
    for remedy in (onward(causes()[cause]) if is_onward else causes()[cause]).remedy:
        if "only_for" in remedy and domain and not domain.lower().endswith(tuple(remedy["only_for"].split())):
            continue
        filled = dict(remedy)
        for key, text in remedy.items():
            for word, value in known.items():
                name = word[1:-1]
                # A value that is itself to be changed stays a placeholder: `set server <server>`.
                is_new = f"set {name} {word}" in text or f"{name}: {word}" in text
                if value and (word == "<id>" or not is_new):
                    text = text.replace(word, f'"{value}"' if word == "<id>" and " " in value else value)
            filled[key] = text
        steps.append(filled)
    return steps


def _used(rule: Rule) -> RuleUsed:
    used: RuleUsed = {"text": rule.detail, "library": rule.library, "grade": rule.grade}
    return {**used, "who": rule.who, "what": rule.what} if rule.what else used
