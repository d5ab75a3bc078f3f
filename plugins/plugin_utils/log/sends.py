# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow the sends of one device through its log, and judge each of them as soon as it is over."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, TypedDict

from ..smtp.context import SendContext
from ..smtp.conversation import Conversation
from ..smtp.sends import Splitter
from ..smtp.step import Step
from ..smtp.verdict import Judgement, Verdict, judge, judge_test
from .clock import Zone, seconds_between
from .plain_dialogue import TEMPLATE as PLAIN
from .products import without_remedy

# More lines than any mail makes. What goes on and on is judged by that many, so that memory stays bounded.
LONGEST = 10_000
# Bytes, about, that the lines of all sends of a device may take while these go on, and those of a line beside its text.
MOST_KEPT = 10_000_000
_STEP = 300
CUT_SHORT = "cut_short"
# An SMTP client waits at most ten minutes for an answer (RFC 5321, 4.5.3.2): after this many seconds it is another send.
_LONGEST_SILENCE = 15 * 60
_TEN_MINUTES = len("2026-11-24 10:0")
_MOST_AT_ONCE = 64
# Mail servers try for days: so many of their mails are followed at once.
_MOST_DELIVERIES = 5_000
_MOST_ENTRIES = 1_000
_NO_CONTEXT = SendContext()


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a line is, and when it was printed ("" when it has no time stamp)."""

    line: int
    stamp: str


class SendRow(TypedDict):
    """A send as schemas/parse.json has it."""

    line: int
    last_line: int
    device: str
    origin: str
    function: str
    queue_entry: str
    start: str | None
    end: str | None
    zone: str
    seconds: int | None
    clock_went_back: bool
    outcome: str
    stage: str
    cause: str


@dataclass(frozen=True)
class Send:
    """A send that is over, and its verdict. entry: of the mail table that a test was made with, if it is known."""

    first: str
    last: str
    owner: str
    row: SendRow
    judged: Callable[[], Verdict]  # which takes as long as to read some lines
    entry_id: str = ""
    entry: Mapping[str, Any] | None = None

    @cached_property
    def verdict(self) -> Verdict:
        return self.judged()


@dataclass
class _Followed:
    """What a test and a send of a log have in common: where they begin and end, and the bytes that their lines take.

    first, last: stamps, "" as long as there is none. cut: it went on when it was judged.
    """

    begun: Moment
    steps: list[Step]
    function: str = ""
    first: str = ""
    last: str = ""
    kept: int = 0
    cut: bool = False

    def see(self, step: Step, stamp: str, function: str) -> int:
        """Take in where a line is; return the bytes that it takes."""
        if function and not self.function:
            self.function = function
        if stamp:
            self.last = stamp
            if not self.first:
                self.first = stamp
        taken = len(step.says.text) + _STEP
        self.kept += taken
        return taken


@dataclass
class _Test(_Followed):
    """A test that is on: what it is about, and all that was printed since."""

    context: SendContext = field(default_factory=SendContext)


@dataclass
class _Talk(_Followed):
    """A send that debug output tells of."""

    queue_entry: str = ""
    conversation: Conversation = field(default_factory=Conversation)

    @property
    def happened(self) -> bool:
        """Return whether anything of a send was seen in it."""
        talk = self.conversation
        talk.finish()
        looked = talk.ended or len(talk.steps) == 1
        if looked and not (talk.mail_begun or talk.failures) and talk.steps[0].source == PLAIN:
            return False  # somebody has looked whether a server answers, and perhaps said goodbye
        return bool(talk.reached or talk.failures or talk.accepted or talk.mail_begun)


class Sends:
    """The sends of one device. Each test command begins one, and so does what looks like a new beginning in a log.

    Of what is around a send, only the latest is kept: entries of the mail table, counters, the state of the daemon.
    """

    def __init__(self, device: str) -> None:
        self.device = device
        self.zone = Zone()
        self.product = ""  # another one of Fortinet, that has its own commands
        self._test: _Test | None = None
        self._talks: dict[str, _Talk] = {}  # by entry of the queue, "" where lines name none; the latest is last
        self._waiting: list[_Talk] = []  # those whose last answer comes when the next mail has begun
        self._kept = 0  # bytes of them
        self._splitter = Splitter()
        self._entries: dict[str, Mapping[str, Any]] = {}
        self._state = ""
        self._before: dict[str, Any] = {}  # the latest counters since the latest test, or before it
        self._after: dict[str, Any] = {}  # the first counters after the latest test

    def test(self, command: str, moment: Moment) -> list[Send]:
        """Begin the send of a test command; return those before it, which it ends."""
        ended = self.finish()
        entry_id, sender, recipient = _asked_for(command)
        context = SendContext(
            entry_id=entry_id,
            entry=self._entries.get(entry_id),
            before=self._before,
            sender=sender,
            recipient=recipient,
        )
        self._test = _Test(moment, [], first=moment.stamp, last=moment.stamp, context=context)
        self._before, self._after = {}, {}
        return ended

    def know(self, template: str, fields: Mapping[str, Any], line: int) -> None:
        """Keep what a record tells of the device beside its sends."""
        if template == "show_system_mail" and "id" in fields:
            self._entries.pop(str(fields["id"]), None)
            self._entries[str(fields["id"])] = fields
            if len(self._entries) > _MOST_ENTRIES:
                del self._entries[next(iter(self._entries))]
        elif template == "fazmaild_status":
            self._state = str(fields.get("state", "")) or self._state
        elif template == "fazmaild_statistics":
            # Counters that were read before an earlier test do not tell which of the two tests raised them.
            self._before = {"template": template, "line": line, **fields}
            self._after = self._after or self._before

    def step(self, step: Step, stamp: str, function: str) -> list[Send]:
        """Take in a line that tells of a send; return the sends that it ends."""
        ended: list[Send] = []
        if self._test is not None:
            self._test.cut = self._test.kept >= MOST_KEPT
            if not (self._test.cut or _is_over(self._test, stamp)):
                self._test.steps.append(step)
                self._test.see(step, stamp, function)
                return ended
            ended = self.finish()
        talk = self._talks.get(step.entry)
        if (
            talk is None
            or step.delivery is not None
            or _is_over(talk, stamp)
            or (step.says.opens and talk.conversation.begins_another(step))
        ):
            talk = self._talk_of(step, stamp, talk, ended)
        if len(self._talks) > (_MOST_DELIVERIES if step.delivery else _MOST_AT_ONCE):
            ended += self._ended(self._most_over(talk))
        talk.conversation.add(step)
        if self._waiting:
            ended += self._answered()
        self._kept += talk.see(step, stamp, function)
        if self._kept > MOST_KEPT:
            # Mails are short: the longest is the one that will not end.
            longest = max(self._talks.values(), key=lambda each: each.kept)
            longest.cut = True
            ended += self._ended(longest)
        return ended

    def _talk_of(self, step: Step, stamp: str, before: _Talk | None, ended: list[Send]) -> _Talk:
        """Return the send that a line belongs to, new or known. before: the latest one of its entry; add it when it is over."""
        conversation = self._splitter.send_of(step, over=before is not None and _is_over(before, stamp))
        if before is not None and before.conversation is conversation:
            return before
        talk = self._followed(step, conversation)
        if talk is None:
            ended += self._given_up(before)
            talk = self._begin(step, stamp, conversation)
        return talk

    def goes_on(self) -> bool:
        """Whether a send is going on: a test, or one that debug output tells of."""
        if self._test is not None:
            return True
        return any(not talk.conversation.ended for talk in self._talks.values())

    def finish(self) -> list[Send]:
        """End the sends that are being followed, and return them."""
        ended = [send for talk in [*self._waiting, *self._talks.values()] for send in self._ended(talk)]
        self._waiting = []
        if self._test is not None:
            ended.append(self._judged_test(self._test))
        self._test = None
        return ended

    def _followed(self, step: Step, conversation: Conversation) -> _Talk | None:
        """Return the send with this conversation that is followed under another entry than that of a step of it."""
        session = self._talks.get(step.process) if step.process else None
        if session is not None and session.conversation is conversation:
            return session
        if not conversation.steps:
            return None  # it begins here
        return next((each for each in self._talks.values() if each.conversation is conversation), None)

    def _most_over(self, but: _Talk) -> _Talk:
        """Return the send to end for want of room: one that is over, else the one that began first, which is cut then."""
        first = list(islice((each for each in self._talks.values() if each is not but), _MOST_AT_ONCE))
        for each in first:
            if each.conversation.ended or each.conversation.accepted is not None:
                return each
        first[0].cut = True
        return first[0]

    def _given_up(self, talk: _Talk | None) -> list[Send]:
        """Return the send whose place another one takes, if it is over: the answer to its message may still come."""
        if talk is None:
            return []
        if talk.conversation.waits:
            self._waiting.append(talk)
            return []
        return self._ended(talk)

    def _begin(self, step: Step, stamp: str, conversation: Conversation) -> _Talk:
        talk = self._talks[step.entry] = _Talk(
            Moment(step.line, stamp), conversation.steps, queue_entry=step.entry, conversation=conversation
        )
        return talk

    def _answered(self) -> list[Send]:
        """Return the sends that were waited for, as far as their last answer has come."""
        over = [talk for talk in self._waiting if not talk.conversation.waits]
        self._waiting = [talk for talk in self._waiting if talk.conversation.waits]
        return [send for talk in over for send in self._ended(talk)]

    def _ended(self, talk: _Talk) -> list[Send]:
        """Stop following a send; return it with its verdict, or nothing when nothing of a send was seen in it."""
        if self._talks.get(talk.queue_entry) is talk:
            del self._talks[talk.queue_entry]
        self._splitter.forget(talk.conversation)
        self._kept -= talk.kept
        if not talk.happened:
            return []
        judgement = judge(talk.conversation, _NO_CONTEXT, talk.begun.line)
        return [self._send(talk, judgement, "log", talk.queue_entry)]

    def _judged_test(self, test: _Test) -> Send:
        context = replace(test.context, after=self._after, paused=self._state == "paused")
        return self._send(test, judge_test(test.steps, context, test.begun.line), "test", "")

    def _send(self, seen: _Followed, judgement: Judgement, origin: str, queue_entry: str) -> Send:
        first, last, decision, product = seen.first, seen.last, judgement.decision, self.product

        def judged() -> Verdict:
            verdict = judgement.verdict()
            if seen.cut or len(seen.steps) >= LONGEST:
                verdict["warnings"] = [*verdict["warnings"], CUT_SHORT]
            return without_remedy(verdict, product) if product else verdict

        row: SendRow = {
            "line": seen.begun.line,
            "last_line": max([seen.begun.line, *(step.line for step in seen.steps[-1:])]),
            "device": self.device,
            "origin": origin,
            "function": seen.function,
            "queue_entry": queue_entry,
            "start": self.zone.written(first),
            "end": self.zone.written(last),
            "zone": self.zone.name,
            "seconds": seconds_between(first, last),
            "clock_went_back": bool(first and last < first),
            "outcome": decision.outcome,
            "stage": judgement.stage,
            "cause": decision.cause,
        }
        context = judgement.context
        return Send(first, last, judgement.owner, row, judged, context.entry_id, context.entry)


def _is_over(send: _Followed, stamp: str) -> bool:
    """Return whether a send is over although nothing says so: too long ago, or too long."""
    # Within the same ten minutes, which is so for nearly all lines, nothing has to be worked out.
    if send.last[:_TEN_MINUTES] == stamp[:_TEN_MINUTES] and len(send.steps) < LONGEST:
        return False
    if isinstance(send, _Talk) and send.conversation.deliveries:
        return False  # a mail server tries for days
    return (seconds_between(send.last, stamp) or 0) > _LONGEST_SILENCE or len(send.steps) >= LONGEST


def _asked_for(command: str) -> tuple[str, str, str]:
    """The entry, the sender and the recipient that a test command names; "" for what it does not."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    entry, sender, recipient, *__ = [*words[4:7], "", "", ""]
    return entry, sender, recipient
