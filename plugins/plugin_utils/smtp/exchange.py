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
from typing import Protocol

from .speech import Reply, Speech
from .step import Step


class Mail(Protocol):
    """What commands are sent for, and takes in the replies to them."""

    def answered(self, step: Step, reply: Reply, to: str, implied: bool = False) -> None:
        """Take in a reply. step: its last line that is there. to: what it answers, a verb in capitals or one of the words below.
        implied: the log does not show what it answers."""


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


class Exchange:
    """The commands and replies of one session, whose mails own them."""

    _reply_step: Step  # of the last of the open lines

    def __init__(self) -> None:
        self.command = ""  # the client's last verb
        self.interleaved = False  # two sessions run into each other
        self.content = False  # 354 was given: what the client says is the message
        self._pending: deque[tuple[str, Mail]] = deque()  # commands whose answer is still to come
        # Replies to a group that begins with the end of a message, until all are there.
        self._held: list[tuple[Mail, Step, Reply]] = []
        self.open: list[Reply] = []  # lines of a reply whose last line is still to come
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

    def awaits_end(self, owner: Mail) -> bool:
        """Return whether the answer to the end of this message may still come."""
        return (END, owner) in self._pending or (RECIPIENT, owner) in self._pending

    def client(self, owner: Mail, says: Speech) -> str:
        """Take in a line of the client; return its verb, or one of the words above, "" for what is no command."""
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
                return self._say(owner, END)
            if not _BETWEEN_MAILS.match(text):
                return ""
            self.content, self._left_content = False, True
        if self._challenged:
            self._challenged = False
            return ""
        if verb == "BDAT":
            return self._say(owner, END if _LAST_CHUNK.match(says.text) else CHUNK)
        if verb == "LHLO":
            self.lmtp = True
        elif verb == "MAIL":
            self._accepted = 0
            self._prdr = "PRDR" in says.text.upper().split()
        return self._say(owner, verb) if verb else ""

    def server(self, owner: Mail, step: Step) -> bool:
        """Take in a line of the server, and hand out the answers it completes; return whether it is of a reply."""
        line = step.says.reply
        if line is None:
            return bool(self.open)
        self._heard = True
        if line.complete and not self.open:
            self._bound(owner, step, line)
            return True
        before = self.open[-1].code if self.open else line.code
        if before != line.code and not (before[0] == "2" and line.code[0] in "45"):
            self.finish_reply(owner)
        self.open.append(line)
        self._reply_step = step
        if line.complete:
            self.finish_reply(owner)
        return True

    def finish_reply(self, owner: Mail) -> None:
        """Take a reply of several lines as it is, also when its last line never came."""
        lines, self.open = self.open, []
        if lines:
            last = lines[-1]
            enhanced = next((line.enhanced for line in lines if line.enhanced and line.code == last.code), "")
            texts = [text for line in lines for text in line.lines]
            self._bound(owner, self._reply_step, Reply(last.code, last.complete, enhanced, texts))

    def finish(self, owner: Mail) -> None:
        """Take what there is at the end of the text as it is."""
        if self.open:
            self.finish_reply(owner)
        if self._held:
            self._release()

    def _bound(self, owner: Mail, step: Step, reply: Reply) -> None:
        code, pending = reply.code, self._pending
        self._challenged = code == "334"
        if code[0] == "3" and code != "354":
            if self._challenged:
                owner.answered(step, reply, CHALLENGE)
            elif code == "353" and self._prdr and pending and pending[0][0] == END:
                pending.extendleft([(RECIPIENT, pending[0][1])] * self._accepted)
        elif self._held or (len(pending) > 1 and self._is_group(code)):
            self._held.append((owner, step, reply))
            if len(self._held) == len(pending) or _ONLY_FOR.get(code) in [verb for verb, __ in pending]:
                self._release()
        else:
            self._next(owner, step, reply)

    def _is_group(self, code: str) -> bool:
        """Whether it has to be seen whether there is a reply for each command: the first of them may be missing."""
        if self._pending[0][0] != END or code[0] != "2":
            return False
        following = [verb for verb, __ in self._pending if verb != END]
        return bool(following) and following != ["QUIT"]

    def _release(self) -> None:
        """Bind the replies that were held back; when there are too few, those to the first commands are missing."""
        held, self._held = self._held, []
        while len(self._pending) > len(held):
            self._pending.popleft()
        for owner, step, reply in held:
            if self._pending:
                self._next(owner, step, reply)

    def _next(self, owner: Mail, step: Step, reply: Reply) -> None:
        """Bind a reply to the first command that it may answer."""
        code, pending, to, implied = reply.code, self._pending, UNBOUND, False
        if (only := _ONLY_FOR.get(code)) and not (pending and pending[0][0] == only):
            verbs = [verb for verb, __ in pending]
            if only in verbs:
                for __ in range(verbs.index(only)):
                    pending.popleft()
            elif code == "221":
                return
        if pending:
            verb, owner = pending[0]
            if verb != "QUIT" or code in ("221", "421"):
                pending.popleft()
                to = verb
                if verb == "RCPT":
                    self._accepted += code[0] == "2"
                elif verb == "DATA" and code == "354":
                    self.content = True
            elif self._left_content and code[0] in "45":
                to = END  # nothing else answers QUIT: it is the answer to the message, if that ended here
        elif self.content:
            # Logs leave the message out, and the dot that ends it.
            self.content = False
            to, implied = END, True
        elif not self.command:
            to = GREETING
        owner.answered(step, reply, to, implied)

    def _say(self, owner: Mail, verb: str) -> str:
        pending = self._pending
        if pending:
            last = pending[-1][0]
            if last == verb and self._heard and verb in _NEVER_TWICE:
                self.interleaved = True
            if last not in _PIPELINED and not self._held:
                # Whoever speaks on without waiting has had the answer: it is missing from the log, unless it is one of those held back.
                pending.pop()
        replies = self._accepted if verb == END and self.lmtp else 1
        pending.extend([(verb, owner)] * max(1, replies))
        self.command = verb
        return verb
