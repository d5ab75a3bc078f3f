# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a probe got no further, in the words of causes.yml."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from ..smtp.knowledge import classify_reply, recognise
from .result import ReplyData
from .wire import Flood, shown

# The cause of a timeout at a stage; at all others the connection was lost.
_SILENCE = {"tcp": "connect_timeout", "greeting": "greeting_timeout", "tls": "tls_handshake_failed"}
# The cause of an error whose text is not recognised.
_UNEXPLAINED = {"tcp": "no_route", "tls": "tls_handshake_failed"}
_WAITED_FOR = {
    "tcp": "an answer to the connection attempt",
    "greeting": "the greeting",
    "tls": "the TLS handshake",
    "auth": "the answer to AUTH",
    "mail_from": "the answer to MAIL FROM",
    "rcpt_to": "the answer to RCPT TO",
}


@dataclass(frozen=True)
class ProbeReply:
    """One reply of a server: its code, its enhanced status code or "", and the text of each of its lines."""

    code: str
    enhanced: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(line for line in self.lines if line)

    def as_data(self) -> ReplyData:
        return {"code": self.code, "enhanced": self.enhanced or None, "text": self.text}


@dataclass(eq=False)
class ProbeError(Exception):
    """The end of a probe: the stage, the cause, and the text that proves it."""

    stage: str
    cause: str
    evidence: str
    reply: ProbeReply | None = None


def by_error(error: Exception, stage: str) -> ProbeError:
    """Return the failure for an error of the connection at this stage."""
    if isinstance(error, TimeoutError) and error.errno is None:
        waited = _WAITED_FOR.get(stage, f"the answer to {stage.upper()}")
        return ProbeError(stage, _SILENCE.get(stage, "connection_lost"), f"timed out waiting for {waited}")
    if isinstance(error, Flood):
        return ProbeError(
            stage, "not_smtp_service" if stage == "greeting" else "protocol_error", f"the server sent {error}"
        )
    text = _text(error)
    meaning = recognise(text)
    if meaning is not None:
        return ProbeError(meaning.stage or stage, meaning.cause, text)
    return ProbeError(stage, _UNEXPLAINED.get(stage, "connection_lost"), text)


def by_reply(reply: ProbeReply, stage: str) -> ProbeError:
    """Return the failure for a negative reply at this stage."""
    evidence = " ".join(part for part in (reply.code, reply.enhanced, reply.text) if part)
    if reply.code[:1] not in ("4", "5"):
        return ProbeError(stage, "protocol_error", evidence, reply)
    return ProbeError(stage, classify_reply(reply.code, reply.enhanced, reply.text, stage).cause, evidence, reply)


def by_noise(line: bytes, stage: str) -> ProbeError:
    """Return the failure for a line that is not an SMTP reply."""
    return ProbeError(stage, "not_smtp_service" if stage == "greeting" else "protocol_error", shown(line[:200]))


def _text(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
