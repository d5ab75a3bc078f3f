# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speak SMTP with a server that may be anything: one command, one reply, each failure with its cause."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from .failure import ProbeError, ProbeReply, by_error, by_noise, by_reply
from .wire import Flood, Wire, shown

_REPLY = re.compile(rb"^([2-5][0-5]\d)(?:([ -])(?:([245]\.\d{1,3}\.\d{1,3})(?: |$))?(.*))?$", re.DOTALL)
_MOST_SHOWN = 60


class Dialogue:
    """What is said on one connection. `said` keeps it as text, without credentials. Its methods raise ProbeError."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.said: list[str] = []

    def reply(self, stage: str) -> ProbeReply:
        """Return the next reply, whatever its code."""
        parts: list[re.Match[bytes]] = []
        with failing(stage):
            while not parts or parts[-1][2] == b"-":
                line = self.wire.read_line()
                self._say("S", shown(line))
                part = _REPLY.match(line)
                if part is None:
                    raise by_noise(line, stage)
                parts.append(part)
        enhanced = next((part[3] for part in parts if part[3]), b"")
        return ProbeReply(parts[0][1].decode(), enhanced.decode(), tuple(shown(part[4] or b"") for part in parts))

    def ask(self, stage: str, line: str, visible: str = "") -> ProbeReply:
        """Send a line and return the reply. `visible` is what `said` keeps of a line that holds a secret."""
        self._say("C", visible or line)
        with failing(stage):
            self.wire.send_line(line.encode())
        return self.reply(stage)

    def expect(self, stage: str, line: str, code: str, visible: str = "") -> ProbeReply:
        """As ask, for a reply that must have this code."""
        reply = self.ask(stage, line, visible)
        if reply.code != code:
            raise by_reply(reply, stage)
        return reply

    def greeting(self) -> ProbeReply:
        """Return the greeting."""
        reply = self.reply("greeting")
        if reply.code != "220":
            raise by_reply(reply, "greeting")
        return reply

    def hello(self, name: str) -> tuple[str, ...]:
        """Introduce oneself; return what the server offers. A server of old gets HELO and offers nothing."""
        reply = self.ask("ehlo", f"EHLO {name}")
        if reply.code in ("500", "501", "502", "504"):
            self.expect("ehlo", f"HELO {name}", "250")
            return ()
        if reply.code != "250":
            raise by_reply(reply, "ehlo")
        return reply.lines[1:]

    def start_tls(self, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        """Ask for TLS in mid session and speak it from then on. ssl.SSLCertVerificationError is left to the caller."""
        self.expect("starttls", "STARTTLS", "220")
        if self.wire.pending:
            raise ProbeError("starttls", "protocol_error", "the server sent text between its 220 and the TLS handshake")
        return self.secure(context, host)

    def secure(self, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        """Speak TLS from now on. ssl.SSLCertVerificationError is left to the caller."""
        with failing("tls", ssl.SSLCertVerificationError):
            return self.wire.start_tls(context, host)

    def log_in(self, mechanism: str, user: str, password: str) -> ProbeReply:
        """Log in with PLAIN or LOGIN; return the last reply."""
        if mechanism == "PLAIN":
            return self.ask("auth", "AUTH PLAIN " + _base64(f"\0{user}\0{password}"), "AUTH PLAIN <credentials>")
        reply = self.ask("auth", "AUTH LOGIN")
        for secret in (user, password):
            if reply.code != "334":
                return reply
            reply = self.ask("auth", _base64(secret), "<credentials>")
        return reply

    def leave(self) -> None:
        """Say goodbye, and do not wait for an answer."""
        self._say("C", "QUIT")
        try:
            self.wire.send_line(b"QUIT")
        except OSError:
            return

    def _say(self, who: str, text: str) -> None:
        if len(self.said) < _MOST_SHOWN:
            self.said.append(f"{who}: {text[:500]}")


@contextmanager
def failing(stage: str, *left_alone: type[Exception]) -> Iterator[None]:
    """Turn the errors of a connection into failures at this stage."""
    try:
        yield
    except left_alone:
        raise
    except (OSError, Flood) as error:
        raise by_error(error, stage) from error


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
