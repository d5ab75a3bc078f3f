# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell apart the sends of one text, and find the one that a test made among those the device made meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .circumstances import Circumstances
from .conversation import Conversation
from .decision import Finding, decide
from .step import Step


def tell_apart(steps: Iterable[Step]) -> list[Conversation]:
    """Return the sends in the order in which they begin: by queue entry where lines name one, else by what begins anew."""
    found: list[Conversation] = []
    by_entry: dict[str, Conversation] = {}
    for step in steps:
        current = by_entry.get(step.entry)
        if current is None:
            current = Conversation()
        elif current.begins_another(step):
            current = current.next(step)
        if current is not by_entry.get(step.entry):
            found.append(current)
            by_entry[step.entry] = current
        current.add(step)
    for conversation in found:
        conversation.finish()
    return found


@dataclass(frozen=True)
class Tested:
    """The send of a test, what is known around it, and what became of the other sends in its capture.

    contradicted: one of them, which may be the same mail, came to the opposite end.
    """

    conversation: Conversation
    around: Circumstances
    others: Sequence[Finding] = ()
    contradicted: bool = False


def of_test(steps: Iterable[Step], around: Circumstances) -> Tested:
    """Choose the send of the test whose capture these steps are.

    A send to another recipient, or by another sender, is another mail. Of those left, what the test command printed
    counts first, then the send with both addresses of the test; else one that failed, for a test that failed must not
    be covered by an alert that was accepted meanwhile.
    """
    sends = tell_apart(steps)
    own = [send for send in sends if not _to_another(send, around)]
    own = [send for send in own if not _by_another(send, around)] or own
    owned = {id(send) for send in own}
    others = [send for send in sends if id(send) not in owned]
    silent = replace(around, before={}, after={}, paused=False)
    ended = [decide(send, silent) for send in others]
    outcomes = [finding.outcome for finding in ended]
    around = replace(around, others={"sent": outcomes.count("accepted"), "failed": outcomes.count("failed")})
    if not own:
        return Tested(Conversation(), around, ended)
    found = {id(send): decide(send, silent) for send in own}
    failed = [send for send in own if found[id(send)].outcome == "failed"]
    accepted = [send for send in own if found[id(send)].outcome == "accepted"]
    printed = [send for send in failed if any(step.of_command for step in found[id(send)].steps)]
    proven = [send for send in (*failed, *accepted) if _with_both_addresses(send, around)]
    proven.sort(key=lambda send: send.steps[0].line)
    chosen = (printed or proven or failed or accepted or own)[-1]
    if printed:
        chosen = _in_full(chosen, failed, found)
    against = accepted if found[id(chosen)].outcome == "failed" else failed
    ended += [found[id(send)] for send in own if send is not chosen]
    return Tested(chosen, around, ended, contradicted=bool(against))


def _in_full(printed: Conversation, failed: Iterable[Conversation], found: Mapping[int, Finding]) -> Conversation:
    """The send that tells at which stage the printed failure came about, where debug shows one that failed alike."""
    cause = found[id(printed)].cause
    shown = (send for send in failed if send is not printed and found[id(send)].cause == cause)
    return next((send for send in shown if found[id(send)].stage), printed)


def _to_another(send: Conversation, around: Circumstances) -> bool:
    return bool(around.recipient and any(send.recipients)) and around.recipient.lower() not in send.recipients


def _by_another(send: Conversation, around: Circumstances) -> bool:
    """The device may put the entry's own address in place of the one the test was given."""
    known = {around.sender.lower(), str((around.entry or {}).get("from", "")).lower()} - {""}
    return bool(around.sender and send.sender) and send.sender not in known


def _with_both_addresses(send: Conversation, around: Circumstances) -> bool:
    return (
        bool(around.recipient) and around.recipient.lower() in send.recipients and send.sender == around.sender.lower()
    )
