# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow one mail: which stages were passed, what went wrong, and what proves that a server took it over.

Only positions and reply codes are used here; what a text means is looked up in `knowledge`. A 250 counts as acceptance only
where it answers the end of the message. Remarks tell of failures; they prove no acceptance, unless a program reports on the
mail that it has sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from . import progress
from .exchange import CHALLENGE, CHUNK, END, GREETING, RECIPIENT, UNBOUND, Exchange
from .failures import Binding, Failures, SendFailure
from .knowledge import Meaning, classify_reply, recognise
from .progress import NOTHING
from .remarks import read_remark
from .sentence import Sentence, read_delivery, read_sentence, reports_delivery
from .speech import CLIENT, REMARK, SERVER, Reply, address_of
from .step import ALONE, Delivery, Step

_STAGE_OF = {
    GREETING: "greeting",
    "EHLO": "ehlo",
    "HELO": "ehlo",
    "LHLO": "ehlo",
    "STARTTLS": "starttls",
    "AUTH": "auth",
    "MAIL": "mail_from",
    "RCPT": "rcpt_to",
    "DATA": "data",
    CHUNK: "body",
    RECIPIENT: "body",
    END: "body",
}
# The stages that are passed with a reply, by what it answers and its code.
_PASSED = {
    (GREETING, "220"): ("tcp", "greeting"),
    **dict.fromkeys([(hello, "250") for hello in ("EHLO", "HELO", "LHLO")], ("greeting", "ehlo")),
    ("STARTTLS", "220"): ("starttls",),
    ("AUTH", "235"): ("auth",),
    ("DATA", "354"): ("data",),
    **{(verb, code): (_STAGE_OF[verb],) for verb in ("MAIL", "RCPT") for code in ("250", "251", "252")},
}
# What the next mail of a session finds as it is, and which stages it finds done; the others belong to one mail.
_KEPT = (
    *("offer", "greeted", "tls", "old_tls", "unverified", "implicit_tls", "starttls_tried"),
    *("credentials_in_clear", "interleaved", "_exchange", "_notation", "_marks_server"),
)
_OF_SESSION = frozenset({"dns", "route", "tcp", "greeting", "ehlo", "starttls", "tls", "auth"})
_OF_MAIL = frozenset({"rcpt_to", "data", "body"})
_OF_MAIL_AND_SENDER = _OF_MAIL | {"mail_from"}
# What a connection that is up cannot run into any more.
_BEFORE_CONNECTION = frozenset({"config", "queue", "dns", "route", "tcp"})

# What proves an acceptance: the rows of `steps` in reasons.yml.
FINAL_REPLY, DELIVERY, REPORT = "final_reply", "delivery", "report"


@dataclass(slots=True, eq=False)
class Acceptance:
    """By what a mail is known to be taken over: `proof` is a row of `steps` in reasons.yml."""

    step: Step
    code: str
    enhanced: str
    text: str
    proof: str = FINAL_REPLY


@dataclass(slots=True, eq=False)
class Conversation:
    """What the steps of one send add up to. `sender` and `recipients` are the addresses of its envelope, lower case."""

    steps: list[Step] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    failures: Failures = field(default_factory=Failures)
    accepted: Acceptance | None = None
    offer: Sequence[str] = ()  # what the server says of itself when the client greets
    greeted: bool = False
    mail_begun: bool = False
    tls: bool = False
    old_tls: bool = False
    unverified: bool = False  # TLS goes on although nobody has checked the server's certificate
    implicit_tls: bool = False  # the client connects to a port that is TLS from the first byte
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    starttls_tried: bool = False
    credentials_in_clear: bool = False
    interleaved: bool = False  # lines of two sessions are mixed, and nothing tells them apart
    ended: bool = False  # a QUIT, an acceptance or a closing sentence: what follows is another send
    successes: list[tuple[str, Step]] = field(default_factory=list)  # stages that were passed, and what shows it
    mentions: list[Step] = field(default_factory=list)  # lines that quote an acceptance, and prove none
    deliveries: dict[str, Step] = field(default_factory=dict)  # the latest of a mail server's log on each recipient
    _exchange: Exchange = field(default_factory=Exchange)
    _notation: int = 0  # of the marks of this dialogue
    _marks_server: bool = False  # its replies have marks
    _gave_up: bool = False  # a sentence, and no more, says that it is over
    _task: str = ""

    @property
    def extensions(self) -> set[str]:
        """What the server offers, in capitals."""
        return {word.upper() for line in self.offer for word in line.replace("=", " ").split()}

    @property
    def authenticated(self) -> bool:
        """Whether a login was accepted."""
        return "auth" in self.reached

    @property
    def waits(self) -> bool:
        """Whether the answer to the end of the message may still come, although the next mail has begun."""
        return self._exchange.awaits_end(self)

    @property
    def _has_recipient(self) -> bool:
        """Whether there is anybody for whom the server can take the mail over, as far as the log shows its envelope."""
        return "rcpt_to" in self.reached or not (self.mail_begun or self.recipients)

    def may_end_with(self, step: Step) -> bool:
        """Return whether a line by itself is about the end of this session, which has brought its mail."""
        if self.accepted is None or step.delivery is not None or step.says.notation:
            return False
        if step.speaker == SERVER:
            return step.text.startswith("421")
        told = read_sentence(step.text, "") if step.speaker == REMARK else None
        return told is not None and told.meaning.cause != "accepted" and not self._is_of_another(step, told)

    def begins_another(self, step: Step) -> bool:
        """Return whether this step belongs to a new send: a session begins, or the next mail of the same one."""
        says = step.says
        if not says.opens or step.delivery is not None:
            return False
        if says.speaker == REMARK:
            return self.ended and self._remark_begins_another(step)
        if self._is_foreign(says.notation):
            return says.begins_session and not self._exchange.content
        if says.speaker == CLIENT:
            return self._client_begins_another(says.verb)
        return not self._exchange.encrypts and (
            self.ended or (self.greeted and (self.mail_begun or bool(self.failures)))
        )

    def _client_begins_another(self, verb: str) -> bool:
        command = self._exchange.command
        if verb == "MAIL" and not self._exchange.content:
            # After a refused sender the client may log in and try the same mail again; without that it is the next one.
            ends = _OF_MAIL_AND_SENDER if command in ("MAIL", "RSET") else _OF_MAIL
            return self.accepted is not None or self.failures.at(ends) or self.waits
        goes_on = self._gave_up and command == "STARTTLS" and "starttls" in self.reached
        return verb in ("EHLO", "HELO") and self.ended and not goes_on

    def _remark_begins_another(self, step: Step) -> bool:
        says = step.says
        if (told := says.told or read_remark(says)) is NOTHING:
            return False
        if told.task and self._task and told.task != self._task:
            return True
        sentence = None if says.silent else read_sentence(says.text, self._now())
        return told.begins if sentence is None else self._is_of_another(step, sentence)

    def follow(self, before: Conversation) -> None:
        """Begin the next mail of a session, with what it finds done in it."""
        self.reached = [stage for stage in before.reached if stage in _OF_SESSION]
        for name in _KEPT:
            setattr(self, name, getattr(before, name))

    def add(self, step: Step) -> None:
        """Take in the next step."""
        self.steps.append(step)
        if step.delivery is not None:
            self._delivered(step, step.delivery)
            return
        says, exchange = step.says, self._exchange
        speaker, notation = says.speaker, says.notation
        if speaker != REMARK and notation != self._notation and self._is_foreign(notation):
            return
        if speaker == SERVER:
            # Without a mark a line is no reply where replies have one, nor in a message.
            unmarked = not (notation or exchange.open)
            if unmarked and exchange.content:
                return
            if notation:
                self._notation, self._marks_server = notation, True
            if (unmarked and self._marks_server) or not exchange.server(self, step):
                self._remark(step)
            return
        if exchange.open:
            exchange.finish_reply(self)
        if speaker == REMARK:
            self._remark(step)
        else:
            self._notation = self._notation or notation
            self._client(step)

    def finish(self) -> None:
        """Take a reply whose last line never came as it is."""
        self._exchange.finish(self)

    def _is_foreign(self, notation: int) -> bool:
        """Whether a line has the marks of another program than this dialogue: somebody quotes it."""
        return notation != 0 and self._notation not in (0, notation)

    def _client(self, step: Step) -> None:
        exchange, verb = self._exchange, step.says.verb
        command, was_content = exchange.command, exchange.content
        said = exchange.client(self, step.says)
        if exchange.interleaved:
            self.interleaved = True
        if not said or (was_content and said == verb == "QUIT"):
            self.ended = self.ended or said == "QUIT"
            return
        if verb in ("EHLO", "HELO"):
            if command == "STARTTLS" and "starttls" in self.reached:
                self._tls_up("")
        elif verb == "STARTTLS":
            self.starttls_tried = True
        elif verb == "AUTH":
            self.credentials_in_clear = self.credentials_in_clear or not self.tls
        elif verb == "MAIL":
            self.mail_begun = True
            self.sender = address_of(step.text)
        elif verb == "RCPT":
            self.recipients.append(address_of(step.text))
        elif verb == "QUIT":
            self.ended = True
        self._gave_up = False

    def answered(self, step: Step, reply: Reply, to: str, implied: bool = False) -> None:
        """Take in the reply to a command of this mail, see `exchange`."""
        code, enhanced = reply.code, reply.enhanced
        if code[0] in "45":
            self._refused(step, reply, to)
        elif to == CHALLENGE:
            # A server that refuses a token says why in a challenge; the reply that follows is the one to a bad password.
            if (meaning := recognise(reply.text, code)) is not None:
                self._fail(step, "auth", meaning, code, "", reply.text)
        elif enhanced and enhanced[0] != "2":
            pass  # a reply that contradicts itself proves nothing
        elif (passed := _PASSED.get((to, code))) is not None:
            if to == GREETING:
                self.greeted = True
            elif "ehlo" in passed:
                self.offer = reply.lines[1:]
            self._reach(step, passed)
        elif to == END:
            if (
                code == "250"
                and reply.complete
                and self._has_recipient
                and not (implied and _is_vague(step.says.mark, reply))
            ):
                self._accept(step, code, enhanced, reply.text)
        elif to == UNBOUND and code == "220":
            self.interleaved = self.interleaved or (self.greeted and not self.ended and not self._exchange.command)

    def _refused(self, step: Step, reply: Reply, to: str) -> None:
        stage = _STAGE_OF.get(to, "")
        if not stage and to != UNBOUND and reply.code != "421":
            return  # the answer to RSET, NOOP and the like says nothing of the mail
        stage = stage or self._now() or ("" if self._exchange.command else "greeting")
        text = reply.text
        meaning = classify_reply(reply.code, reply.enhanced, text, stage)
        one_of_many = to in ("RCPT", RECIPIENT) or (to == END and self._exchange.lmtp)
        binding = Binding.RECIPIENT if one_of_many else Binding.NONE if to == UNBOUND else Binding.COMMAND
        self._fail(step, stage, meaning, reply.code, reply.enhanced, text, binding)

    def _delivered(self, step: Step, delivery: Delivery) -> None:
        self.deliveries[delivery.recipient] = step
        told = read_delivery(delivery)
        if delivery.status == "sent":
            if self.accepted is None or self.accepted.proof == DELIVERY:
                self.accepted = Acceptance(step, told.code, told.enhanced, told.text, DELIVERY)
            return
        if not told.code and any(each.step.delivery is None for each in self.failures):
            return  # the session was logged as well, and says more than this summary of it
        stage = told.stage or self._now()
        self._fail(step, stage, told.meaning, told.code, told.enhanced, told.text, Binding.RECIPIENT)

    def _remark(self, step: Step) -> None:
        says = step.says
        if (told := says.told or read_remark(says)) is NOTHING and step.source != ALONE:
            return
        self._task = told.task or self._task
        self.unverified = self.unverified or told.unverified
        self.implicit_tls = self.implicit_tls or told.implicit_tls
        if not says.silent and self._closing(step):
            return
        if told.encrypted:
            self._tls_up(says.text)
        elif told.connected:
            self._reach(step, ("dns", "tcp"))
        elif told.resolved:
            self._reach(step, ("dns",))

    def _closing(self, step: Step) -> bool:
        """Take in a sentence that tells an outcome, if this is one."""
        told = read_sentence(step.text, self._now(), alone=step.source == ALONE)
        if told is None:
            return False
        if told.meaning.cause == "accepted":
            if reports_delivery(step):
                self._accept(step, told.code, told.enhanced, told.text, REPORT)
            else:
                self.mentions.append(step)
            return True
        stage = (self._now() if told.code else "") or told.meaning.stage or self._now()
        self._fail(step, stage, told.meaning, told.code, told.enhanced, told.text)
        if step.source != "smtp_dialogue" and not step.says.mark:
            self._gave_up = self._gave_up or not self.ended
            self.ended = True
        return True

    def _is_of_another(self, step: Step, told: Sentence) -> bool:
        """Return whether a sentence tells the outcome of another send, and does not sum up what is known of this one."""
        command = self._exchange.command
        if told.meaning.cause == "accepted":
            return reports_delivery(step) and (self.accepted is None or self.accepted.text not in step.text)
        if self.accepted is not None and not told.code:
            # Whoever has a connection may lose it; a connection that cannot be made is that of another mail.
            return told.meaning.stage in _BEFORE_CONNECTION and not progress.tells_of_connection(step.text)
        if self.accepted is not None:
            return command == "QUIT" or self.accepted.proof == REPORT
        if command == "QUIT" and (told.meaning.cause == "connection_lost" or not self.failures):
            return False
        if not told.code and self.failures.answered_at(told.meaning.stage):
            return False  # the client's word for the reply it got
        # One failure is told in different words by those who meet it; the same words again are the next failure.
        if self.failures.told_in_words_of(step.text):
            return True
        return told.meaning.cause != "connection_lost" and not self.failures.may_be(told.meaning)

    def _fail(
        self,
        step: Step,
        stage: str,
        meaning: Meaning,
        code: str,
        enhanced: str,
        text: str,
        binding: Binding = Binding.NONE,
    ) -> None:
        if self._exchange.command == "QUIT" and meaning.cause == "connection_lost":
            return  # that is what QUIT is for
        passed = len(self.successes)
        self.failures.append(SendFailure(step, stage, meaning, code, enhanced, text.strip(), passed, binding))

    def _accept(self, step: Step, code: str, enhanced: str, text: str, proof: str = FINAL_REPLY) -> None:
        # The server's own words are better evidence than the client's summary of them.
        if self.accepted is None or proof == FINAL_REPLY:
            self.accepted = Acceptance(step, code, enhanced, text, proof)
        self._reach(step, ("body", "accepted"))
        self.ended = True

    def _tls_up(self, text: str) -> None:
        self.tls = True
        self.old_tls = self.old_tls or progress.old_tls(text)
        self._reach(self.steps[-1], ("tls",))

    def _now(self) -> str:
        """The stage the session is at: where the next thing that goes wrong goes wrong."""
        command = self._exchange.command
        if self._exchange.content:
            return "body"
        if command == "STARTTLS" and "starttls" in self.reached and not self._exchange.encrypts:
            return "tls"
        if command and command != "QUIT":
            return _STAGE_OF.get(command, "")
        return "greeting" if "tcp" in self.reached and not self.greeted else ""

    def _reach(self, step: Step, stages: Sequence[str]) -> None:
        for stage in stages:
            self.successes.append((stage, step))
            if stage not in self.reached:
                self.reached.append(stage)


def _is_vague(mark: str, reply: Reply) -> bool:
    """Return whether a 250 may as well answer something else than a message that the log leaves out.

    curl and logs of sessions leave each message out; of others the log may have lost the command that was answered.
    """
    if mark in ("<", "session"):
        return False
    meaning = recognise(reply.text, reply.code, reply.enhanced)
    return meaning is None or meaning.cause != "accepted"
