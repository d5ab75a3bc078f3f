# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bind each reply of a server to the command that it answers.

Replies come in the order of the commands (RFC 5321), also of pipelined ones (RFC 2920). The end of a message is a dot, or a
chunk that says LAST (RFC 3030). It is answered once, in LMTP once for each accepted recipient (RFC 2033), and with PRDR first
for each recipient and then for all. A log may lack any line, so a reply that fits no command is bound to none.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .speech import ReplyLine, Speech
from .step import Step

Owner = TypeVar("Owner")

# What a reply may answer besides a command by its verb.
GREETING, END, CHUNK, RECIPIENT, CHALLENGE, UNBOUND = "greeting", ".", "chunk", "recipient", "challenge", "unbound"

_LAST_CHUNK = re.compile(r"\s*BDAT\s+\d+\s+LAST\b", re.IGNORECASE)
# A client may send these without waiting for an answer (RFC 2920, 3030); after any other it has to wait.
_PIPELINED = frozenset({"MAIL", "RCPT", "RSET", END, CHUNK, RECIPIENT})
# What a client says only between mails: where it follows the message, the log has left out the dot, or the message has it.
_BETWEEN_MAILS = re.compile(r"^(?:RSET|QUIT|MAIL FROM:.*)$", re.IGNORECASE)
# A client that says one of these again has not seen the answer: two sessions run into each other.
_NEVER_TWICE = frozenset({"EHLO", "LHLO", "MAIL", "DATA"})
# Codes that only one command is answered with.
_ONLY_FOR = {"354": "DATA", "235": "AUTH", "221": "QUIT"}


@dataclass(slots=True, eq=False)
class Reply(Generic[Owner]):
    """A reply of one or more lines. The last line decides about its code (RFC 5321, 4.2.1).

    step: the last line of it that is there. lines: the texts of all lines. complete: the last line is there. to: what it
    answers, a verb in capitals or one of the words above. implied: the log does not show what it answers.
    """

    owner: Owner
    step: Step
    code: str
    enhanced: str
    lines: Sequence[str]
    complete: bool
    to: str = UNBOUND
    implied: bool = False

    @property
    def text(self) -> str:
        return " ".join([line for line in self.lines if line])


class Exchange(Generic[Owner]):
    """The commands and replies of one session. `Owner` is whatever the mails of the session are told apart by."""

    def __init__(self) -> None:
        self.command = ""  # the client's last verb
        self.interleaved = False  # two sessions run into each other
        self.content = False  # 354 was given: what the client says is the message
        self._pending: deque[tuple[str, Owner]] = deque()  # commands whose answer is still to come
        self._held: list[
            Reply[Owner]
        ] = []  # replies to a group that begins with the end of a message, until all are there
        self.open: list[ReplyLine] = []  # lines of a reply whose last line is still to come
        self._reply_step: Step | None = None
        self._challenged = False
        self._left_content = False  # what was said last may belong to the message
        self.lmtp = False
        self._prdr = False
        self._accepted = 0  # recipients of the mail
        self._heard = False

    @property
    def encrypts(self) -> bool:
        """Whether the next reply is that to STARTTLS."""
        return bool(self._pending) and self._pending[-1][0] == "STARTTLS"

    def awaits_end(self, owner: Owner) -> bool:
        """Return whether the answer to the end of this message may still come."""
        return any(each is owner and verb in (END, RECIPIENT) for verb, each in self._pending)

    def client(self, owner: Owner, says: Speech) -> str:
        """Take in a line of the client; return its verb, "." for the end of a message, "" for what is no command."""
        verb = says.verb
        if self._left_content and not verb:
            # It was a line of the message, for the message goes on.
            self._left_content, self.content = False, True
            if self._pending:
                self._pending.pop()
        self._left_content = False
        if self.content:
            text = says.text.strip()
            if text == ".":
                self.content = False
                self._say_end(owner)
                return END
            if not _BETWEEN_MAILS.match(text):
                return ""
            self.content, self._left_content = False, True
        if self._challenged:
            self._challenged = False
            return ""
        if verb == "BDAT":
            if _LAST_CHUNK.match(says.text):
                self._say_end(owner)
                return END
            self._say(owner, CHUNK)
        elif verb:
            if verb == "LHLO":
                self.lmtp = True
            elif verb == "MAIL":
                self._accepted = 0
                self._prdr = "PRDR" in says.text.upper().split()
            self._say(owner, verb)
        return verb

    def server(self, owner: Owner, step: Step) -> Sequence[Reply[Owner]] | None:
        """Take in a line of the server; return the answers it completes, None when it is no reply."""
        line = step.says.reply
        if line is None:
            return () if self.open else None
        self._heard = True
        if line.is_last and not self.open:
            return self._bound(Reply(owner, step, line.code, line.enhanced, (line.text,), True))
        answers: list[Reply[Owner]] = []
        before = self.open[-1].code if self.open else line.code
        if before != line.code and not (before[0] == "2" and line.code[0] in "45"):
            answers += self.finish_reply(owner)
        self.open.append(line)
        self._reply_step = step
        if line.is_last:
            answers += self._completed(owner, complete=True)
        return answers

    def finish_reply(self, owner: Owner) -> Sequence[Reply[Owner]]:
        """Return the answer that a reply is whose last line never came."""
        return self._completed(owner, complete=False) if self.open else ()

    def finish(self, owner: Owner) -> Sequence[Reply[Owner]]:
        """Return what the end of the text settles."""
        return [*self.finish_reply(owner), *self._release()]

    def _completed(self, owner: Owner, complete: bool) -> Sequence[Reply[Owner]]:
        lines, step = self.open, self._reply_step
        self.open, self._reply_step = [], None
        if step is None:
            return ()
        code = lines[-1].code
        enhanced = next((line.enhanced for line in lines if line.enhanced and line.code == code), "")
        return self._bound(Reply(owner, step, code, enhanced, [line.text for line in lines], complete))

    def _bound(self, reply: Reply[Owner]) -> Sequence[Reply[Owner]]:
        code = reply.code
        self._challenged = code == "334"
        if self._challenged:
            reply.to = CHALLENGE
            return (reply,)
        if code[0] == "3" and code != "354":
            if code == "353" and self._prdr and self._pending and self._pending[0][0] == END:
                mail = self._pending[0][1]
                self._pending.extendleft([(RECIPIENT, mail)] * self._accepted)
            return ()
        if self._held or (len(self._pending) > 1 and self._is_group(reply)):
            self._held.append(reply)
            tells_where = _ONLY_FOR.get(code) in [verb for verb, __ in self._pending]
            return self._release() if tells_where or len(self._held) == len(self._pending) else ()
        return (self._next(reply),)

    def _is_group(self, reply: Reply[Owner]) -> bool:
        """Whether it has to be seen whether there is a reply for each command: the first of them may be missing."""
        if self._pending[0][0] != END or reply.code[0] != "2":
            return False
        following = [verb for verb, __ in self._pending if verb != END]
        return bool(following) and following != ["QUIT"]

    def _release(self) -> Sequence[Reply[Owner]]:
        """Bind the replies that were held back; when there are too few, those to the first commands are missing."""
        held, self._held = self._held, []
        if not held:
            return ()
        while len(self._pending) > len(held):
            self._pending.popleft()
        return [self._next(reply) for reply in held if self._pending]

    def _next(self, reply: Reply[Owner]) -> Reply[Owner]:
        if only := _ONLY_FOR.get(reply.code):
            verbs = [verb for verb, __ in self._pending]
            if only in verbs:
                for __ in range(verbs.index(only)):
                    self._pending.popleft()
            elif reply.code == "221":
                return reply
        if self._pending:
            verb, reply.owner = self._pending[0]
            if verb == "QUIT" and reply.code not in ("221", "421"):
                # Nothing else answers QUIT: it is the answer to the message, if that ended here.
                if self._left_content and reply.code[0] in "45":
                    reply.to = END
                return reply
            self._pending.popleft()
            reply.to = verb
            if verb == "RCPT":
                self._accepted += reply.code[0] == "2"
            elif verb == "DATA" and reply.code == "354":
                self.content = True
        elif self.content:
            # Logs leave the message out, and the dot that ends it.
            self.content = False
            reply.to, reply.implied = END, True
        elif not self.command:
            reply.to = GREETING
        return reply

    def _say_end(self, owner: Owner) -> None:
        self._forget_answered()
        replies = max(1, self._accepted) if self.lmtp else 1
        self._pending.extend([(END, owner)] * replies)
        self.command = END

    def _say(self, owner: Owner, verb: str) -> None:
        if self._heard and verb in _NEVER_TWICE and self._pending and self._pending[-1][0] == verb:
            self.interleaved = True
        self._forget_answered()
        self._pending.append((verb, owner))
        self.command = verb

    def _forget_answered(self) -> None:
        """Whoever speaks on without waiting has had the answer: it is missing from the log, unless it is one of those held back."""
        if self._pending and not self._held and self._pending[-1][0] not in _PIPELINED:
            self._pending.pop()
