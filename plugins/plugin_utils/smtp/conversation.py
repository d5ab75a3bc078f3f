# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow one mail through its SMTP session: who said what, which stages were passed, what went wrong.

Only positions and reply codes are used here; what a text means is looked up in `knowledge`. Replies are bound to the
command they answer, so that a 250 counts as acceptance only where it answers the end of the message.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

from . import progress
from .failures import Failures, SendFailure
from .knowledge import Meaning, classify_reply, recognise
from .sentence import Sentence, read_sentence
from .step import CLIENT, SERVER, Step

_REPLY = re.compile(r"^([2-5][0-5]\d)(?:([ -])(?:([245]\.\d{1,3}\.\d{1,3})(?:\s+|$))?(.*))?$", re.DOTALL)
_VERB = re.compile(r"^(EHLO|HELO|LHLO|STARTTLS|AUTH|MAIL|RCPT|DATA|BDAT|RSET|NOOP|VRFY|QUIT)\b", re.IGNORECASE)
_STAGE_OF = {
    "": "greeting",
    "EHLO": "ehlo",
    "HELO": "ehlo",
    "LHLO": "ehlo",
    "STARTTLS": "starttls",
    "AUTH": "auth",
    "MAIL": "mail_from",
    "RCPT": "rcpt_to",
    "DATA": "data",
    "BDAT": "body",
    ".": "body",
}
# A client may send these without waiting for an answer (RFC 2920); after any other it has to wait.
_PIPELINED = frozenset({"MAIL", "RCPT", "RSET"})
# What a client says only between mails: where it follows the message, the log has left out the dot and its answer.
_BETWEEN_MAILS = re.compile(r"^(?:RSET|QUIT|MAIL FROM:.*)$", re.IGNORECASE)
# What the next mail of a session finds done; the other stages belong to one mail.
_OF_SESSION = frozenset({"dns", "route", "tcp", "greeting", "ehlo", "starttls", "tls", "auth"})
_OF_MAIL = frozenset({"rcpt_to", "data", "body"})
_ADDRESS = re.compile(r"^(?:MAIL FROM|RCPT TO):\s*<([^<>]*)>", re.IGNORECASE)


@dataclass(frozen=True)
class Acceptance:
    """The reply by which a server took the mail over."""

    step: Step
    code: str
    enhanced: str
    text: str


@dataclass(frozen=True)
class Success:
    """A stage that was passed, and the step that shows it."""

    stage: str
    step: Step


@dataclass
class Conversation:
    """What the steps of one send add up to. `sender` and `recipients` are the addresses of its envelope, lower case."""

    steps: list[Step] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    failures: Failures = field(default_factory=Failures)
    accepted: Acceptance | None = None
    extensions: set[str] = field(default_factory=set)
    greeted: bool = False
    authenticated: bool = False
    mail_begun: bool = False
    tls: bool = False
    old_tls: bool = False
    unverified: bool = False  # TLS goes on although nobody has checked the server's certificate
    implicit_tls: bool = False  # the client connects to a port that is TLS from the first byte
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    starttls_tried: bool = False
    credentials_in_clear: bool = False
    ended: bool = False  # a QUIT, an acceptance or a closing sentence: what begins anew is another send
    successes: list[Success] = field(default_factory=list)  # in order
    _command: str = ""  # the client's last verb
    _pending: deque[str] = field(
        default_factory=deque
    )  # verbs whose answer is still to come, all but the last pipelined
    _content: bool = False  # 354 was given: what the client says is the message
    _challenged: bool = False
    _reply: list[str] = field(default_factory=list)
    _reply_step: Step | None = None

    def begins_another(self, step: Step) -> bool:
        """Say whether this step belongs to a new send: a session begins, or the next mail of the same one."""
        if step.speaker == CLIENT:
            # After a refused sender the client may log in and try the same mail again; without that it is the next one.
            ends = _OF_MAIL | {"mail_from"} if self._command in ("MAIL", "RSET") else _OF_MAIL
            over = self.accepted is not None or self.failures.at(ends)
            verb = _verb(step.text)
            return (verb == "MAIL" and over and not self._content) or (verb in ("EHLO", "HELO") and self.ended)
        if step.speaker == SERVER:
            greeted_again = self.greeted and (self.mail_begun or bool(self.failures))
            encrypts = bool(self._pending) and self._pending[-1] == "STARTTLS"
            return (self.ended or greeted_again) and step.text.startswith("220") and not encrypts
        if not self.ended:
            return False
        told = read_sentence(step.text, self._now())
        return progress.begins(step.text) if told is None else self._is_of_another(step, told)

    def next(self, step: Step) -> Conversation:
        """Return the conversation of the send that this step begins, with what it finds done in its session."""
        if step.speaker != CLIENT or _verb(step.text) != "MAIL":
            return Conversation()
        return Conversation(
            reached=[stage for stage in self.reached if stage in _OF_SESSION],
            extensions=self.extensions,
            greeted=self.greeted,
            authenticated=self.authenticated,
            tls=self.tls,
            old_tls=self.old_tls,
            unverified=self.unverified,
            implicit_tls=self.implicit_tls,
            starttls_tried=self.starttls_tried,
            credentials_in_clear=self.credentials_in_clear,
            _command=self._command,
        )

    def add(self, step: Step) -> None:
        """Take in the next step."""
        if step.speaker != SERVER:
            self.finish()
        self.steps.append(step)
        if step.speaker == SERVER:
            self._server(step)
        elif step.speaker == CLIENT:
            self._client(step)
        else:
            self._remark(step)

    def finish(self) -> None:
        """Take a reply whose last line never came as it is."""
        if self._reply_step is not None:
            self._complete()

    def _server(self, step: Step) -> None:
        match = _REPLY.match(step.text)
        if match is None:
            if self._reply_step is None:
                self._remark(step)
            return
        if self._reply and not self._reply[0].startswith(match[1]):
            self._complete()
        self._reply.append(step.text)
        self._reply_step = step
        if match[2] != "-":
            self._complete()

    def _complete(self) -> None:
        lines, step = self._reply, self._reply_step
        self._reply, self._reply_step = [], None
        if step is None:
            return
        parts = [match for line in lines if (match := _REPLY.match(line))]
        code = parts[0][1]
        enhanced = next((part[3] for part in parts if part[3]), "")
        texts = [part[4] or "" for part in parts]
        self._answered(step, code, enhanced, texts)

    def _answered(self, step: Step, code: str, enhanced: str, texts: list[str]) -> None:
        text = " ".join(part for part in texts if part)
        self._challenged = code == "334"
        if self._challenged and (meaning := recognise(text, code)) is not None:
            # A server that refuses a token says why in a challenge; the reply that follows is the one to a bad password.
            self._fail(step, "auth", meaning, code, "", text)
        if code[0] == "3" and code != "354":
            return
        stage = self._stage_of_answer()
        if code[0] in "45":
            if stage or code == "421":
                stage = stage or self._now() or "greeting"
                self._fail(step, stage, classify_reply(code, enhanced, text, stage), code, enhanced, text)
        elif code[0] == "2" and enhanced and enhanced[0] != "2":
            pass  # a reply that contradicts itself proves nothing
        elif stage == "body":
            if code == "250":
                self._accept(step, code, enhanced, text)
        elif stage == "greeting" and code == "220":
            self.greeted = True
            self._reach("tcp", "greeting")
        elif stage == "ehlo" and code == "250":
            self.extensions = {word.upper() for line in texts[1:] for word in line.replace("=", " ").split()}
            self._reach("greeting", "ehlo")
        elif stage == "starttls" and code == "220":
            self._reach("starttls")
        elif stage == "auth" and code == "235":
            self.authenticated = True
            self._reach("auth")
        elif stage == "data" and code == "354":
            self._content = True
            self._reach("data")
        elif stage in ("mail_from", "rcpt_to") and code in ("250", "251", "252"):
            self._reach(stage)

    def _stage_of_answer(self) -> str:
        """The stage of what this reply answers; "" when nothing waits for one, so that it proves nothing."""
        if self._pending:
            return _STAGE_OF.get(self._pending.popleft(), "")
        if self._content:
            # Logs leave the message out, and the dot that ends it.
            self._content = False
            return "body"
        return "" if self._command or self.greeted else "greeting"

    def _client(self, step: Step) -> None:
        text = step.text.strip()
        if self._content and text == ".":
            self._content = False
            self._say(".")
            return
        if self._content and not _BETWEEN_MAILS.match(text):
            return
        self._content = False
        if self._challenged:
            self._challenged = False
            return
        verb = _verb(text)
        if not verb:
            return
        if verb in ("EHLO", "HELO") and self._command == "STARTTLS" and "starttls" in self.reached:
            self._tls_up("")
        if verb == "STARTTLS":
            self.starttls_tried = True
        elif verb == "AUTH" and not self.tls:
            self.credentials_in_clear = True
        elif verb == "MAIL":
            self.mail_begun = True
            self.sender = _address(text)
        elif verb == "RCPT":
            self.recipients.append(_address(text))
        elif verb == "QUIT":
            self.ended = True
        self._say(verb)

    def _say(self, verb: str) -> None:
        # Whoever speaks on without waiting has had the answer: it is missing from the log.
        if self._pending and self._pending[-1] not in _PIPELINED:
            self._pending.pop()
        self._pending.append(verb)
        self._command = verb

    def _remark(self, step: Step) -> None:
        self.unverified = self.unverified or progress.unverified(step.text)
        self.implicit_tls = self.implicit_tls or progress.implicit_tls(step.text)
        if self._closing(step) or progress.denied(step.text):
            return
        if progress.encrypted(step.text):
            self._tls_up(step.text)
        elif progress.connected(step.text):
            self._reach("dns", "tcp")
        elif progress.resolved(step.text):
            self._reach("dns")

    def _closing(self, step: Step) -> bool:
        """Take in a sentence that tells an outcome, if this is one."""
        told = read_sentence(step.text, self._now())
        if told is None:
            return False
        if told.meaning.cause == "accepted":
            self._accept(step, told.code, told.enhanced, told.text)
        else:
            stage = (self._now() if told.code else "") or told.meaning.stage or self._now()
            self._fail(step, stage, told.meaning, told.code, told.enhanced, told.text)
            self.ended = step.source != "smtp_dialogue" and not step.text.startswith("*")
        return True

    def _is_of_another(self, step: Step, told: Sentence) -> bool:
        """Say whether a sentence tells the outcome of another send, and does not sum up what is known of this one."""
        if told.meaning.cause == "accepted":
            return self.accepted is None or self.accepted.text not in step.text
        if self._command == "QUIT" and (told.meaning.cause == "connection_lost" or not self.failures):
            return self.accepted is not None and told.meaning.cause != "connection_lost"
        if not told.code and self.failures.answered_at(told.meaning.stage):
            return False  # the client's word for the reply it got
        # One failure is told in different words by those who meet it; the same words again are the next failure.
        return self.failures.told_in_words_of(step.text) or not self.failures.may_be(told.meaning)

    def _fail(self, step: Step, stage: str, meaning: Meaning, code: str, enhanced: str, text: str) -> None:
        if self._command == "QUIT" and meaning.cause == "connection_lost":
            return  # that is what QUIT is for
        self.failures.append(SendFailure(step, stage, meaning, code, enhanced, text.strip(), len(self.successes)))

    def _accept(self, step: Step, code: str, enhanced: str, text: str) -> None:
        # The server's own words are better evidence than the client's summary of them.
        if self.accepted is None or step.speaker == SERVER:
            self.accepted = Acceptance(step, code, enhanced, text)
        self._reach("body", "accepted")
        self.ended = True

    def _tls_up(self, text: str) -> None:
        self.tls = True
        self.old_tls = self.old_tls or progress.old_tls(text)
        self._reach("tls")

    def _now(self) -> str:
        """The stage the session is at: where the next thing that goes wrong goes wrong."""
        if self._content:
            return "body"
        if self._command and self._command != "QUIT":
            return _STAGE_OF.get(self._command, "")
        return "greeting" if "tcp" in self.reached and not self.greeted else ""

    def _reach(self, *stages: str) -> None:
        self.successes += [Success(stage, self.steps[-1]) for stage in stages]
        self.reached += [stage for stage in stages if stage not in self.reached]


def _verb(text: str) -> str:
    match = _VERB.match(text.strip())
    return match[1].upper() if match else ""


def _address(text: str) -> str:
    match = _ADDRESS.match(text.strip())
    return match[1].lower() if match else ""
