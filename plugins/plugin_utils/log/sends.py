# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow the sends of one device through its log, and judge each of them as soon as it is over."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, TypedDict

from ..smtp.context import SendContext, daemon_state
from ..smtp.conversation import Conversation
from ..smtp.sends import Splitter
from ..smtp.step import Step
from ..smtp.verdict import Judgement, Verdict, judge, judge_test
from .clock import KnownDevice, seconds_between
from .plain_dialogue import TEMPLATE as PLAIN
from .products import without_remedy

# More lines than any mail makes. What goes on and on is judged by that many, so that memory stays bounded.
LONGEST = 10_000
# Bytes, about, that the lines of all sends of a device may take while these go on, and those of a line beside its text.
MOST_KEPT = 10_000_000
_STEP = 300
CUT_SHORT = "cut_short"
_REFUSAL = "cli_error"
# An SMTP client waits at most ten minutes for an answer (RFC 5321, 4.5.3.2): after this many seconds it is another send.
_LONGEST_SILENCE = 15 * 60
_TEN_MINUTES = len("2026-11-24 10:0")
# With more sends than these those are ended that are over; so many at most are followed at once.
_MOST_AT_ONCE = 64
_MOST = 5_000
_MOST_ENTRIES = 1_000
_NO_CONTEXT = SendContext()


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


@dataclass(eq=False)
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


@dataclass(slots=True, eq=False)
class _Test:
    """A test that is on: its line, what it is about, and all that was printed since. first, last: the stamps of that."""

    line: int
    first: str
    last: str
    context: SendContext
    steps: list[Step] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Talk(Conversation):
    """A send that debug output tells of. last: its latest stamp."""

    last: str = ""

    @property
    def size(self) -> int:
        """How many bytes its lines take, about."""
        return sum([len(step.says.text) for step in self.steps]) + _STEP * len(self.steps)

    @property
    def happened(self) -> bool:
        """Return whether anything of a send was seen in it."""
        self.finish()
        looked = self.ended or len(self.steps) == 1
        if looked and not (self.mail_begun or self.failures) and self.steps[0].source == PLAIN:
            return False  # somebody has looked whether a server answers, and perhaps said goodbye
        return bool(self.reached or self.failures or self.accepted or self.mail_begun)


class Sends:
    """The sends of one device. Each test command begins one, and so does what looks like a new beginning in a log.

    Of what is around a send, only the latest is kept: entries of the mail table, counters, the state of the daemon.
    """

    def __init__(self, device: KnownDevice) -> None:
        self._device = device
        self._test: _Test | None = None
        self._splitter = Splitter(_Talk)
        self._talks = self._splitter.open
        # Those whose place another one has taken: the answer to the message may still come.
        self._waiting: list[_Talk] = []
        self._kept = 0  # bytes that the lines of all these take
        self._entries: dict[str, Mapping[str, Any]] = {}
        self._state = ""
        self._before: dict[str, Any] = {}  # the latest counters since the latest test, or before it
        self._after: dict[str, Any] = {}  # the first counters after the latest test

    def test(self, command: str, line: int, stamp: str) -> list[Send]:
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
        self._test = _Test(line, stamp, stamp, context)
        self._before, self._after = {}, {}
        return ended

    def know(self, template: str, fields: Mapping[str, Any], line: int) -> None:
        """Keep what a record tells of the device beside its sends."""
        if template == "show_system_mail" and "id" in fields:
            self._entries.pop(str(fields["id"]), None)
            self._entries[str(fields["id"])] = fields
            if len(self._entries) > _MOST_ENTRIES:
                del self._entries[next(iter(self._entries))]
        elif template in ("fazmaild_status", "fazmaild_state"):
            self._state = daemon_state(fields) or self._state
        elif template == "fazmaild_statistics":
            # Counters that were read before an earlier test do not tell which of the two tests raised them.
            self._before = {"template": template, "line": line, **fields}
            self._after = self._after or self._before

    def daemon_told(self) -> None:
        """Take in a command that changes whether the daemon runs: what it said before no longer counts."""
        self._state = ""

    def step(self, step: Step) -> list[Send]:
        """Take in a line that tells of a send; return the sends that it ends."""
        ended: list[Send] = []
        if (test := self._test) is not None:
            cut = self._kept >= MOST_KEPT
            if not (cut or _is_over(test, step.stamp)):
                test.steps.append(step)
                test.last = step.stamp or test.last
                self._kept += len(step.says.text) + _STEP
                return ended
            ended = self.finish(cut)
        talk = self._talks.get(step.entry)
        if (
            talk is None
            or step.delivery is not None
            # Within the same ten minutes, which is so for nearly all lines, nothing has to be worked out.
            or not talk.last.startswith(step.stamp[:_TEN_MINUTES])
            or len(talk.steps) >= LONGEST
            or (step.says.opens and talk.begins_another(step))
        ):
            before, talk = talk, self._splitter.send_of(step, over=talk is not None and _is_over(talk, step.stamp))
            if not talk.steps:
                if before is not None and before.waits:
                    self._waiting.append(before)
                elif before is not None:
                    ended += self._ended(before)
                # Mail servers try for days.
                if len(self._talks) > (_MOST if step.delivery else _MOST_AT_ONCE):
                    ended += self._room(step.line)
        talk.add(step)
        if step.stamp:
            talk.last = step.stamp
        if self._waiting:
            over = [each for each in self._waiting if not each.waits]
            self._waiting = [each for each in self._waiting if each.waits]
            ended += [send for each in over for send in self._ended(each)]
        self._kept += len(step.says.text) + _STEP
        if self._kept > MOST_KEPT:
            # Mails are short: the longest is the one that will not end.
            ended += self._ended(max(self._talks.values(), key=lambda each: each.size), cut=True)
        return ended

    def goes_on(self) -> bool:
        """Whether a send is going on: a test, or one that debug output tells of."""
        if self._test is not None:
            return True
        return any(not talk.ended for talk in self._talks.values())

    def finish(self, cut: bool = False) -> list[Send]:
        """End the sends that are being followed, and return them. cut: the test goes on, but is too long."""
        ended = [send for talk in [*self._waiting, *self._talks.values()] for send in self._ended(talk)]
        self._waiting = []
        if (test := self._test) is not None:
            context = replace(test.context, after=self._after, daemon=self._state)
            judgement = judge_test(test.steps, context, test.line)
            if judgement.decision.decided == "counters" or not _is_refused(test.steps):
                ended.append(self._send(test, test.line, test.first, judgement, "test", "", cut))
        self._test, self._kept = None, 0
        return ended

    def _room(self, line: int) -> list[Send]:
        """Return the send that is ended because many are open. None is, as long as all go on and there is room.

        It is one that is over, else the one of which nothing was heard for longest, which is cut.
        """
        first = list(islice(self._talks.values(), _MOST_AT_ONCE))
        if (over := next((each for each in first if each.ended or each.accepted is not None), None)) is not None:
            return self._ended(over)
        silent = min(first, key=lambda each: each.steps[-1].line)
        if len(self._talks) > _MOST or line - silent.steps[-1].line > LONGEST:
            return self._ended(silent, cut=True)
        return []

    def _ended(self, talk: _Talk, cut: bool = False) -> list[Send]:
        """Stop following a send; return it with its verdict, or nothing when nothing of a send was seen in it.

        cut: it goes on.
        """
        self._splitter.forget(talk)
        self._kept -= talk.size
        if not talk.happened:
            return []
        begun = talk.steps[0]
        judgement = judge(talk, _NO_CONTEXT, begun.line)
        return [self._send(talk, begun.line, begun.stamp, judgement, "log", begun.entry, cut)]

    def _send(
        self, seen: _Test | _Talk, line: int, stamp: str, judgement: Judgement, origin: str, entry: str, cut: bool
    ) -> Send:
        steps, decision, context = seen.steps, judgement.decision, judgement.context
        device, product = self._device, self._device.product
        first, last = stamp or next((step.stamp for step in steps if step.stamp), ""), seen.last
        cut = cut or len(steps) >= LONGEST

        def judged() -> Verdict:
            verdict = judgement.verdict()
            if cut:
                verdict["warnings"] = [*verdict["warnings"], CUT_SHORT]
            return without_remedy(verdict, product) if product else verdict

        row: SendRow = {
            "line": line,
            "last_line": max(line, steps[-1].line if steps else 0),
            "device": device.name,
            "origin": origin,
            "function": next((step.function for step in steps if step.function), ""),
            "queue_entry": entry,
            "start": device.zone.written(first),
            "end": device.zone.written(last),
            "zone": device.zone.name,
            "seconds": seconds_between(first, last),
            "clock_went_back": bool(first and last < first),
            "outcome": decision.outcome,
            "stage": judgement.stage,
            "cause": decision.cause,
        }
        return Send(first, last, judgement.owner, row, judged, context.entry_id, context.entry)


def _is_over(send: _Test | _Talk, stamp: str) -> bool:
    """Return whether a send is over although nothing says so: too long ago, or too long."""
    if isinstance(send, _Talk) and send.deliveries:
        return False  # a mail server tries for days
    return (seconds_between(send.last, stamp) or 0) > _LONGEST_SILENCE or len(send.steps) >= LONGEST


def _is_refused(steps: Sequence[Step]) -> bool:
    """Return whether the command line itself has refused a test, so that nothing was sent. That something was not found is an answer."""
    said = [step.source == _REFUSAL and "not found" not in step.text for step in steps]
    return bool(said) and all(said)


def _asked_for(command: str) -> tuple[str, str, str]:
    """The entry, the sender and the recipient that a test command names; "" for what it does not."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    entry, sender, recipient, *__ = [*words[4:7], "", "", ""]
    return entry, sender, recipient
