# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell apart the sends of one text, and find the one that a test made among those the device made meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from .context import SendContext
from .conversation import FINAL_REPLY, REPORT, Conversation
from .decision import Decision, decide
from .step import Step

Send = TypeVar("Send", bound=Conversation)


class Splitter(Generic[Send]):
    """Tells the sends of one device apart, step by step: by queue entry where lines name one, else where another send begins.

    new: makes the conversation of a send.
    """

    def __init__(self, new: Callable[[], Send]) -> None:
        self.open: dict[str, Send] = {}  # by queue entry; the latest is last
        self._latest: Send | None = None
        self._new = new

    def send_of(self, step: Step, over: bool = False) -> Send:
        """Return the send that a step belongs to, known or new, which has no steps yet. The step is not added.

        over: the send of the same queue entry is over, although no step says so.
        """
        current = self.open.get(step.entry)
        if current is None:
            session = self.open.get(step.process) if step.delivery is not None and step.process else None
            if session is not None and not session.deliveries:
                return session  # the mail whose session was logged as well
            if self._latest is not None and self._latest.may_end_with(step):
                return self._latest
        elif not (over or current.begins_another(step)):
            return current
        self.open.pop(step.entry, None)
        begun = self.open[step.entry] = self._latest = self._new()
        if current is not None and step.says.verb == "MAIL":
            begun.follow(current)
        return begun

    def forget(self, send: Send) -> None:
        """Forget a send that is over: what comes next for its queue entry is another one."""
        entry = send.steps[0].entry
        if self.open.get(entry) is send:
            del self.open[entry]
        if self._latest is send:
            self._latest = None


def split(steps: Iterable[Step]) -> list[Conversation]:
    """Return the sends among some steps, in the order in which they begin."""
    splitter, found = Splitter(Conversation), []
    for step in steps:
        send = splitter.send_of(step)
        if not send.steps:
            found.append(send)
        send.add(step)
    for send in found:
        send.finish()
    return found


@dataclass(frozen=True)
class Tested:
    """The send of a test, what is known around it, and what became of the other sends in its capture.

    others: what became of each, and why it is not the one, a row of `lost` in reasons.yml. contradicted: one of them, which may
    be the same mail, came to the opposite end.
    """

    conversation: Conversation
    context: SendContext
    others: Sequence[tuple[Decision, str]] = ()
    contradicted: bool = False


def of_test(steps: Iterable[Step], context: SendContext) -> Tested:
    """Choose the send of the test whose capture these steps are.

    A send to another recipient, or by another sender, is another mail. Of those left, what the test command printed
    counts first, then the send with both addresses of the test; else one that failed, for a test that failed must not
    be covered by an alert that was accepted meanwhile.
    """
    sends = split(steps)
    for send in sends:
        if _reports_on_another(send, context):
            send.accepted = None
    own = [send for send in sends if not _to_another(send, context)]
    own = [send for send in own if not _by_another(send, context)] or own
    owned = {id(send) for send in own}
    silent = replace(context, before={}, after={}, daemon="")
    ended = [
        (decide(send, silent), "other_recipient" if _to_another(send, context) else "other_sender")
        for send in sends
        if id(send) not in owned
    ]
    outcomes = [decision.outcome for decision, __ in ended]
    context = replace(context, others={"sent": outcomes.count("accepted"), "failed": outcomes.count("failed")})
    if not own:
        return Tested(Conversation(), context, ended)
    found = {id(send): decide(send, silent) for send in own}
    failed = [send for send in own if found[id(send)].outcome == "failed"]
    accepted = [send for send in own if found[id(send)].outcome == "accepted"]
    printed = [send for send in failed if any(step.of_command for step in found[id(send)].steps)]
    proven = [send for send in (*failed, *accepted) if _with_both_addresses(send, context)]
    proven.sort(key=lambda send: send.steps[0].line)
    replied = [send for send in accepted if found[id(send)].decided == FINAL_REPLY]
    chosen = (printed or proven or failed or replied or accepted or own)[-1]
    if printed:
        chosen = _in_full(chosen, failed, found)
    against = accepted if found[id(chosen)].outcome == "failed" else failed
    ended += [(found[id(send)], "other_send") for send in own if send is not chosen]
    return Tested(chosen, context, ended, contradicted=bool(against))


def _reports_on_another(send: Conversation, context: SendContext) -> bool:
    """Return whether the test command has printed a success that does not name the recipient of the test."""
    accepted = send.accepted
    if accepted is None or accepted.proof != REPORT or not accepted.step.of_command:
        return False
    return context.recipient.lower() not in accepted.step.text.lower()


def _in_full(printed: Conversation, failed: Iterable[Conversation], found: Mapping[int, Decision]) -> Conversation:
    """The send that tells at which stage the printed failure came about, where debug shows one that failed alike."""
    cause = found[id(printed)].cause
    shown = (send for send in failed if send is not printed and found[id(send)].cause == cause)
    return next((send for send in shown if found[id(send)].stage), printed)


def _to_another(send: Conversation, context: SendContext) -> bool:
    return bool(context.recipient and any(send.recipients)) and context.recipient.lower() not in send.recipients


def _by_another(send: Conversation, context: SendContext) -> bool:
    """The device may put the entry's own address in place of the one the test was given."""
    known = {context.sender.lower(), str((context.entry or {}).get("from", "")).lower()} - {""}
    return bool(context.sender and send.sender) and send.sender not in known


def _with_both_addresses(send: Conversation, context: SendContext) -> bool:
    return (
        bool(context.recipient)
        and context.recipient.lower() in send.recipients
        and send.sender == context.sender.lower()
    )
