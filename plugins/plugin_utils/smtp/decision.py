# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what became of one send: which failure counts, what proves acceptance, and why everything else lost.

`accepted` needs positive proof: a 250 that answers the end of the message, a program's own line on the mail that it has
delivered, or a sent counter that rose while nothing failed. Where one source says accepted and another says failed, it is
failed with low confidence: never the other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile

from .context import SendContext
from .conversation import DELIVERY, FINAL_REPLY, Acceptance, Conversation
from .failures import VAGUE, Binding, SendFailure
from .knowledge import Meaning, Rule, all_reply_meanings, listed_meanings, stages
from .speech import SERVER
from .step import Step

_EVIDENCE_OF_UNKNOWN = 20
# Why what a text may also mean is not the cause, by the kind of rule that says so; other kinds look at codes.
_LOWER = {"text": "lower_row", "number": "lower_row", "phrase": "other_words", "weak_phrase": "other_words"}
# What a client meets when it goes on after a failure at one of these stages: the earlier failure is the cause.
_FOLLOWS = {
    "auth_required": ("auth",),
    "relay_denied": ("auth",),
    "encryption_required": ("starttls", "tls"),
    "greeting_timeout": ("greeting",),
}
# What a mail may not have lost at an earlier stage, so that a command is not refused for that.
_NEEDED = {"rcpt_to": ("mail_from",), "data": ("mail_from", "rcpt_to")}


@dataclass(slots=True, eq=False)
class Lost:
    """Something that could have become the cause, and why it did not: a row of `lost` in reasons.yml."""

    cause: str
    stage: str
    step: Step
    because: str


@dataclass(slots=True, eq=False)
class Decision:
    """What became of a send. decided: the row of `steps` in reasons.yml that decided; rule: the text or code that did."""

    outcome: str
    cause: str
    stage: str
    confidence: str
    decided: str
    rule: Rule | None = None
    steps: Sequence[Step] = ()
    reply: tuple[str, str, str] | None = None
    temporary: bool | None = None
    lost: Sequence[Lost] = ()


def decide(conversation: Conversation, context: SendContext) -> Decision:
    """Return what became of a send, by its text first and by the counters around it where the text is silent."""
    failure, lost = _decisive(conversation)
    accepted = conversation.accepted
    if conversation.interleaved and not conversation.deliveries:
        return _interleaved(conversation, failure, lost)
    contradicting = _contradicting(conversation)
    if accepted is not None and contradicting is None:
        overcome = [] if failure is None else [_lost(failure, "overcome")]
        return Decision(
            "accepted",
            "accepted",
            "accepted",
            _confidence(accepted, context),
            accepted.proof,
            steps=[accepted.step],
            reply=(accepted.code, accepted.enhanced, accepted.text) if accepted.code else None,
            lost=[*lost, *overcome],
        )
    if accepted is not None and contradicting is not None:
        failure = contradicting if failure is None or not _after(failure, accepted) else failure
    if failure is not None:
        return _failed(conversation, failure, lost, context)
    lost = [*lost, *(Lost("accepted", "accepted", step, "unbound") for step in conversation.mentions[:1])]
    return _by_offer(conversation, context, lost) or _by_counters(conversation, context, lost)


def _confidence(accepted: Acceptance, context: SendContext) -> str:
    """The confidence of an acceptance: high only by itself when the server's reply to the message is there."""
    sent, failed = context.rose("sent"), context.rose("failed")
    if failed:
        return "low"
    if accepted.proof == FINAL_REPLY:
        return "medium" if sent is False else "high"
    return "low" if sent is False else "high" if sent else "medium"


def _interleaved(conversation: Conversation, failure: SendFailure | None, lost: list[Lost]) -> Decision:
    """Whose reply is whose nobody can tell, so that nothing in such a text proves anything."""
    if failure is not None:
        lost = [*lost, _lost(failure, "interleaved")]
    if conversation.accepted is not None:
        lost = [*lost, Lost("accepted", "accepted", conversation.accepted.step, "interleaved")]
    last = conversation.reached[-1] if conversation.reached else ""
    return Decision("unknown", "unknown", last, "low", "nothing", steps=_last(conversation), lost=lost)


def _lost(failure: SendFailure, because: str) -> Lost:
    return Lost(failure.meaning.cause, failure.stage, failure.step, because)


def _decisive(conversation: Conversation) -> tuple[SendFailure | None, list[Lost]]:
    """The last failure that was not overcome, unless it only is a consequence of an earlier one; and the others."""
    if not conversation.failures:
        return None, []
    overcome = _overcome(conversation)
    because = dict.fromkeys(overcome, "overcome")
    candidates = [each for each in conversation.failures if id(each) not in overcome]
    in_vain = set() if "rcpt_to" in conversation.reached else _in_vain(candidates)
    because |= dict.fromkeys(in_vain, "in_vain")
    candidates = [each for each in candidates if id(each) not in in_vain]
    winner: SendFailure | None = None
    if candidates:
        telling = [each for each in candidates if each.meaning.cause not in VAGUE]
        winner = telling[-1] if telling else candidates[-1]
        if telling:
            because |= {id(each): "consequence" for each in candidates if each.meaning.cause in VAGUE}
        if (origin := _origin(conversation, winner)) is not None:
            because[id(winner)] = "follows"
            winner = origin
        winner = _in_the_words_of_the_server(candidates, winner)
    lost = [
        Lost(each.meaning.cause, each.stage, each.step, because.get(id(each), "earlier"))
        for each in conversation.failures
        if winner is None or each.meaning.cause != winner.meaning.cause
    ]
    return winner, lost


@cache
def order_of_stages() -> dict[str, int]:
    """Return the places of the stages in the order in which a mail passes them."""
    return {stage: place for place, stage in enumerate(stages())}


def _overcome(conversation: Conversation) -> set[int]:
    """The failures after which the send got further, by id(): another address answered, another mechanism was accepted.

    What the test command printed is not overcome by what the daemon's debug tells, nor the other way.
    """
    order, successes = order_of_stages(), conversation.successes
    furthest = {True: -1, False: -1}  # how far the send got afterwards, as the test command tells it, and as debug does
    seen, found = len(successes), set()
    for failure in reversed(conversation.failures):
        while seen > failure.successes:
            seen -= 1
            stage, step = successes[seen]
            if stage != "accepted" and order[stage] > furthest[step.of_command]:
                furthest[step.of_command] = order[stage]
        stage = failure.stage
        if stage in order and stage not in ("rcpt_to", "body") and order[stage] <= furthest[failure.step.of_command]:
            found.add(id(failure))
    return found


def _origin(conversation: Conversation, failure: SendFailure) -> SendFailure | None:
    """The earlier failure that made the client meet this one; None when there is none."""
    if not (origins := _FOLLOWS.get(failure.meaning.cause)):
        return None
    passed = {stage: number for number, (stage, __) in enumerate(conversation.successes)}
    for each in reversed(conversation.failures):
        follows = each.stage in origins and each.meaning.cause != failure.meaning.cause
        # Getting further without the login is not overcoming it: only the login itself is.
        if follows and passed.get(each.stage, -1) < each.successes:
            return each
    return None


def _in_the_words_of_the_server(failures: Sequence[SendFailure], failure: SendFailure) -> SendFailure:
    """A client sums up in its own words what the server or the system has said: theirs are the better evidence."""
    if failure.step.speaker == SERVER:
        return failure
    for each in reversed(failures):
        same = each.meaning.cause == failure.meaning.cause or each.stage == failure.stage
        answered = each.code and (each.step.speaker == SERVER or not failure.code)
        if (answered and same) or (_of_library(failure) and not _of_library(each)):
            return each
    return failure


def _of_library(failure: SendFailure) -> bool:
    """libcurl has one result for many failures: 7 for all that keep it from connecting, 8 for replies it did not expect."""
    rule = failure.meaning.rule
    return not failure.code and rule is not None and rule.library == "libcurl"


def _in_vain(failures: Sequence[SendFailure]) -> set[int]:
    """The commands refused only because the mail had lost its sender or each of its recipients before, by id()."""
    first: dict[str, int] = {}
    for each in failures:
        first[each.stage] = min(each.step.line, first.get(each.stage, each.step.line))
    return {
        id(each)
        for each in failures
        if each.code and any(first.get(stage, each.step.line) < each.step.line for stage in _NEEDED.get(each.stage, ()))
    }


def _contradicting(conversation: Conversation) -> SendFailure | None:
    """The last failure that speaks against the acceptance: it came later, or another source tells of it."""
    accepted = conversation.accepted
    if accepted is None:
        return None
    against = (each for each in reversed(conversation.failures) if _contradicts(each, accepted, conversation))
    return next(against, None)


def _contradicts(failure: SendFailure, accepted: Acceptance, conversation: Conversation) -> bool:
    if accepted.proof == DELIVERY:
        return False  # of each recipient the latest line counts
    if not _after(failure, accepted) and failure.step.of_command == accepted.step.of_command:
        return False
    return not _may_follow(failure, accepted, conversation)


def _may_follow(failure: SendFailure, accepted: Acceptance, conversation: Conversation) -> bool:
    """Return whether a failure takes nothing back, though it comes after the acceptance.

    A server may end a session at any time with 421 (RFC 5321, 3.8), a connection may be lost once the server has the mail,
    a recipient may be refused while others are accepted, and a complaint without a reply about a stage that was passed
    is a warning.
    """
    if failure.step.of_command != accepted.step.of_command:
        return failure.meaning.cause in VAGUE and not failure.code
    if failure.code:
        return failure.code == "421" or failure.binding is Binding.RECIPIENT
    if failure.meaning.cause in VAGUE or failure.meaning.stage == "":
        return failure.meaning.cause in VAGUE
    return order_of_stages()[failure.meaning.stage] < order_of_stages()["mail_from"]


def _after(failure: SendFailure, accepted: Acceptance) -> bool:
    return failure.step.line > accepted.step.line


def _failed(conversation: Conversation, failure: SendFailure, lost: list[Lost], context: SendContext) -> Decision:
    cause = _refined(conversation, failure, context)
    same = [each for each in conversation.failures if each.meaning.cause == failure.meaning.cause]
    stage = failure.stage or failure.meaning.stage
    if not failure.code and failure.meaning.stage:
        stage = failure.meaning.stage
    stage = stage or next((each.stage for each in same if each.stage), "")
    if cause == "config_incomplete":
        stage = "config"
    code = failure.code or next((each.code for each in same if each.code), "")
    rule = failure.meaning.rule
    doubtful = conversation.accepted is not None or (context.rose("sent") and not context.rose("failed"))
    if conversation.accepted is not None:
        lost = [*lost, Lost("accepted", "accepted", conversation.accepted.step, "other_mail")]
    return Decision(
        outcome="failed",
        cause=cause,
        stage=stage,
        confidence="low" if doubtful or rule is None else rule.confidence,
        decided=rule.kind if rule else "nothing",
        rule=rule,
        steps=[
            *([conversation.accepted.step] if conversation.accepted is not None else []),
            *(each.step for each in same),
        ],
        reply=(failure.code, failure.enhanced, failure.text) if failure.code else None,
        temporary=code.startswith("4") if code else None,
        lost=[*lost, *_other_meanings(failure, cause)],
    )


def _other_meanings(failure: SendFailure, cause: str) -> Iterator[Lost]:
    """What else the words and codes of the failure could have meant, each cause once."""
    seen = {cause, failure.meaning.cause}
    text = failure.text or failure.step.text
    said = failure.code, failure.enhanced, text, failure.stage
    for meaning in all_reply_meanings(*said) if failure.code else _all_listed_meanings(text):
        kind = meaning.rule.kind if meaning.rule else ""
        if meaning.cause not in seen and kind != "no_reason":
            seen.add(meaning.cause)
            yield Lost(meaning.cause, meaning.stage or failure.stage, failure.step, _LOWER.get(kind, "by_code"))


@lru_cache(maxsize=1024)
def _all_listed_meanings(text: str) -> tuple[Meaning, ...]:
    return tuple(listed_meanings(text))


def _refined(conversation: Conversation, failure: SendFailure, context: SendContext) -> str:
    """Let the server's answer to EHLO and the entry decide where the words that were found leave something open; and
    what a client waited for in vain."""
    cause, entry = failure.meaning.cause, context.entry
    if entry is not None and not entry.get("server") and failure.meaning.stage in ("dns", "route", "tcp"):
        return "config_incomplete"
    if cause == "auth_credentials_invalid":
        told_by_challenge = any(each.meaning.cause == "oauth_token_failed" for each in conversation.failures)
        if told_by_challenge or (entry or {}).get("auth_type") == "oauth2":
            return "oauth_token_failed"
    bare_alert = "alert handshake failure" in failure.step.text
    if cause == "tls_cipher_mismatch" and bare_alert and (entry or {}).get("ssl_protocol") == "tlsv1.3":
        # GnuTLS says so, too, when it speaks no version that the client wants; here the client wants the newest only.
        return "tls_version_mismatch"
    offers_auth = "AUTH" in conversation.extensions
    if cause in ("auth_not_offered", "auth_mechanism_unsupported") and "ehlo" in conversation.reached:
        return "auth_mechanism_unsupported" if offers_auth else "auth_not_offered"
    if cause == "auth_credentials_invalid" and not failure.code and "ehlo" in conversation.reached and not offers_auth:
        return "auth_not_offered"  # a client, not the server, says that it could not log in
    if cause == "greeting_timeout" and "greeting" in conversation.reached:
        return "connection_lost"
    if cause == "connection_lost" and failure.stage == "tls":
        return "tls_handshake_failed"
    return cause


def _by_offer(conversation: Conversation, context: SendContext, lost: list[Lost]) -> Decision | None:
    """What the course of the dialogue shows although nobody has said it: something needed was not on offer."""
    if "ehlo" not in conversation.reached or conversation.mail_begun:
        return None
    if context.entry is None and not conversation.ended:
        return None  # the text may simply stop here
    offers_tls, offers_auth = "STARTTLS" in conversation.extensions, "AUTH" in conversation.extensions
    entry = context.entry or {}
    needs_tls = entry.get("secure_option") == "starttls" if context.entry else offers_auth
    needs_auth = entry.get("auth") == "enable" if context.entry else conversation.tls
    if not conversation.tls and not conversation.starttls_tried and not offers_tls and needs_tls:
        cause, stage = "starttls_unavailable", "starttls"
    elif not conversation.authenticated and not offers_auth and needs_auth:
        cause, stage = "auth_not_offered", "ehlo"
    else:
        return None
    return Decision("failed", cause, stage, "medium", "offer", steps=_offer(conversation), temporary=False, lost=lost)


def _offer(conversation: Conversation) -> list[Step]:
    """The lines of the server's last answer to EHLO."""
    steps = conversation.steps
    hello = ("EHLO", "HELO", "LHLO")
    asked = max((number for number, step in enumerate(steps) if step.text.strip()[:4].upper() in hello), default=-1)
    return list(takewhile(lambda step: step.speaker == SERVER, steps[asked + 1 :]))


def _by_counters(conversation: Conversation, context: SendContext, lost: list[Lost]) -> Decision:
    """What counters and queue say of a send whose text tells nothing."""
    sent, failed = context.rose("sent"), context.rose("failed")
    last = conversation.reached[-1] if conversation.reached else ""
    if sent and failed is False:
        return Decision("accepted", "accepted", "accepted", "medium", "counters", lost=lost)
    if not failed and (context.held or context.queue_full or context.rose("discarded")):
        return Decision("failed", "queue_blocked", "queue", "medium", "queue", lost=lost)
    if failed and sent is False:
        return Decision("failed", "unknown", last, "medium", "counters", steps=_last(conversation), lost=lost)
    return Decision("unknown", "unknown", last, "low", "nothing", steps=_last(conversation), lost=lost)


def _last(conversation: Conversation) -> list[Step]:
    return conversation.steps[-_EVIDENCE_OF_UNKNOWN:]
