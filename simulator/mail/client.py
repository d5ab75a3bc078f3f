# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail daemon's SMTP client: it really connects, and tells every step as an event."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import os
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..network.hosts import Fault, Place
from ..network.packets import Trail
from .events import Event, Result, Stage
from .opening import open_connection
from .settings import MailSettings

Tell = Callable[[Event], None]

# What the resolver of the C library says.
_DNS_TEXTS: dict[Fault, str] = {
    "nxdomain": "Name or service not known",
    "dns-timeout": "Temporary failure in name resolution",
}
_LINE_LIMIT = 65536
# What Postfix's client says it was doing when no reply came.
_DOING: dict[Stage, str] = {
    "greeting": "receiving the initial server greeting",
    "ehlo": "performing the EHLO handshake",
    "starttls": "performing the STARTTLS handshake",
    "auth": "performing SASL authentication",
    "sender": "sending MAIL FROM",
    "recipient": "sending RCPT TO",
    "data": "sending DATA command",
    "body": "sending end of data -- message may be sent more than once",
    "closed": "sending QUIT",
}


@dataclass(frozen=True)
class Message:
    """A mail to send: envelope, and the name the device gives in EHLO."""

    sender: str
    recipient: str
    hostname: str
    serial: str


class SendError(Exception):
    """The mail was not taken. `reason` is a reply of the server or an error text."""

    def __init__(self, stage: Stage, reason: str, number: int = 0) -> None:
        super().__init__(reason)
        self.stage: Stage = stage
        self.reason = reason
        self.number = number


@dataclass(frozen=True)
class Reply:
    """A reply of the server, of one line or more."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.lines[-1]


async def send(
    settings: MailSettings, place: Place, message: Message, tell: Tell, timeout: float, trail: Trail
) -> Result:
    """Send one mail. `timeout`: seconds for the connection and for each reply. Never raises for a failed delivery.

    trail: what the packets are shown to.
    """
    tell(Event("begin"))
    client = _Client(settings, place, message, tell, timeout, trail)
    try:
        reason = await client.deliver()
    except SendError as error:
        tell(Event("failed", error.reason, error.stage, error.number))
        return Result(False, error.reason, error.stage)
    finally:
        await client.close()
    tell(Event("accepted", reason, number=250))
    return Result(True, reason)


class _Client:
    def __init__(
        self, settings: MailSettings, place: Place, message: Message, tell: Tell, timeout: float, trail: Trail
    ) -> None:
        self.settings = settings
        self.place = place
        self.message = message
        self.tell = tell
        self.timeout = timeout
        self.trail = trail
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter | None = None
        self.features: dict[str, str] = {}

    async def deliver(self) -> str:
        """Do the whole dialogue; return the reply to the final dot. Raises SendError."""
        if self._needs_token and not self.settings.oauth_secret:
            raise SendError("auth", "no OAuth 2.0 access token")
        await self._connect()
        await self._expect("greeting", 220)
        await self._hello()
        await self._start_tls()
        await self._authenticate()
        await self._command("sender", f"MAIL FROM:<{self.message.sender}>", 250)
        await self._command("recipient", f"RCPT TO:<{self.message.recipient}>", 250, 251)
        await self._command("data", "DATA", 354)
        self._write(self._body())
        # The body is not shown by any mail client's debug; the dot that ends it is.
        self._send_line(".")
        reply = await self._expect("body", 250)
        with contextlib.suppress(SendError):
            await self._command("closed", "QUIT", 221)
        return reply.text

    async def close(self) -> None:
        self.trail.ended()
        if self.writer is not None:
            self.writer.close()
            with contextlib.suppress(OSError, ssl.SSLError, asyncio.TimeoutError):
                await asyncio.wait_for(self.writer.wait_closed(), 1)

    @property
    def _needs_token(self) -> bool:
        return self.settings.authenticate and self.settings.auth_type == "oauth2"

    # -- steps -------------------------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        fault = self.place.fault
        if fault in _DNS_TEXTS:
            if fault == "dns-timeout":
                await asyncio.sleep(self.timeout)
            raise SendError("dns", _DNS_TEXTS[fault])
        self.tell(Event("resolved", self.place.address))
        self.tell(Event("connect", self.place.address))
        implicit = self.settings.secure == "smtps"
        try:
            opening = open_connection(self.place, self.trail, _LINE_LIMIT)
            self.reader, self.writer = await asyncio.wait_for(opening, self.timeout)
        except TimeoutError:
            raise SendError("timeout", os.strerror(errno.ETIMEDOUT), errno.ETIMEDOUT) from None
        except OSError as error:
            raise _system_error(error.errno or errno.EIO) from None
        self.tell(Event("connected", self.place.address))
        if implicit:
            await self._wrap()

    async def _hello(self) -> None:
        reply = await self._command("ehlo", f"EHLO {self.message.hostname}")
        if reply.code == 421:
            raise SendError("ehlo", reply.text, reply.code)
        if reply.code != 250:
            await self._command("ehlo", f"HELO {self.message.hostname}", 250)
            self.features = {}
            return
        words = [line[4:].upper().partition(" ") for line in reply.lines[1:]]
        self.features = {name: arguments for name, __, arguments in words}

    async def _start_tls(self) -> None:
        secure = self.settings.secure
        if secure not in ("default", "starttls"):
            return
        if "STARTTLS" not in self.features:
            if secure == "starttls":
                # In the words of Postfix's client.
                raise SendError("starttls", f"TLS is required, but was not offered by host {self.settings.server}")
            return
        reply = await self._command("starttls", "STARTTLS")
        if reply.code != 220:
            if secure == "starttls":
                raise SendError("starttls", reply.text, reply.code)
            return
        await self._wrap()
        await self._hello()

    async def _wrap(self) -> None:
        assert self.writer is not None
        try:
            await self.writer.start_tls(
                self.settings.tls_context(),
                server_hostname=self.settings.server,
                ssl_handshake_timeout=self.timeout,
            )
        except ssl.SSLError as error:
            raise SendError("tls", f"SSL_connect error: {_tls_text(error)}") from None
        except OSError as error:
            raise SendError("tls", f"SSL_connect error: {_handshake_text(error)}") from None
        tls = self.writer.get_extra_info("ssl_object")
        self.tell(Event("tls", f"{tls.version()} {tls.cipher()[0]}"))

    async def _authenticate(self) -> None:
        settings = self.settings
        if not settings.authenticate or settings.auth_type == "certificate":
            return
        offered = self.features.get("AUTH", "").split()
        if self._needs_token:
            await self._present_token(offered)
            return
        # The order is the server's. NTLM is not supported by the device (stated by the vendor's article).
        mechanism = next((each for each in offered if each in ("LOGIN", "PLAIN")), None)
        if mechanism is None:
            if not offered:
                raise SendError("auth_none", "the server does not offer AUTH")
            raise SendError(
                "auth_none", f"the server offers no supported AUTH mechanism (offered: {' '.join(offered)})"
            )
        user, password = settings.user.encode(), settings.password.encode()
        if mechanism == "PLAIN":
            token = _base64(b"\0" + user + b"\0" + password)
            await self._command("auth", f"AUTH PLAIN {token}", 235, secret=True)
            return
        await self._command("auth", "AUTH LOGIN", 334)
        await self._command("auth", _base64(user), 334, secret=True)
        await self._command("auth", _base64(password), 235, secret=True)

    async def _present_token(self, offered: list[str]) -> None:
        """XOAUTH2, with the client secret for a token: nothing here asks a provider for one."""
        if "XOAUTH2" not in offered:
            raise SendError(
                "auth_none", f"the server does not offer XOAUTH2 (offered: {' '.join(offered) or 'nothing'})"
            )
        token = f"user={self.settings.user}\1auth=Bearer {self.settings.oauth_secret}\1\1".encode()
        reply = await self._command("auth", f"AUTH XOAUTH2 {_base64(token)}", 235, 334, secret=True)
        if reply.code == 334:
            # The challenge tells the error; an empty answer asks for the reply that ends the attempt.
            await self._command("auth", "", 235)

    def _body(self) -> bytes:
        message = self.message
        stamp = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
        lines = [
            f"From: <{message.sender}>",
            f"To: <{message.recipient}>",
            f"Subject: Test mail from {message.hostname}",
            f"Date: {stamp}",
            "",
            f"This is a test mail of {message.hostname} ({message.serial}).",
        ]
        return "".join(line + "\r\n" for line in lines).encode()

    # -- lines -------------------------------------------------------------------------------------------------------

    async def _command(self, stage: Stage, line: str, *codes: int, secret: bool = False) -> Reply:
        self._send_line(line, secret)
        return await self._expect(stage, *codes)

    def _send_line(self, line: str, secret: bool = False) -> None:
        self._write(f"{line}\r\n".encode())
        self.tell(Event("sent", line, secret=secret))

    def _write(self, data: bytes) -> None:
        assert self.writer is not None
        self.writer.write(data)

    async def _expect(self, stage: Stage, *codes: int) -> Reply:
        """Read one reply. Raises SendError unless its code is one of these; no codes: any reply will do."""
        reply = await self._reply(stage)
        if codes and reply.code not in codes:
            raise SendError(stage, reply.text, reply.code)
        return reply

    async def _reply(self, stage: Stage) -> Reply:
        lines: list[str] = []
        while True:
            try:
                data = await asyncio.wait_for(self.reader.readline(), self.timeout)
            except TimeoutError:
                raise SendError("silent", f"timed out while {_DOING[stage]}", errno.ETIMEDOUT) from None
            except ssl.SSLError as error:
                # TLS 1.3 and some servers refuse only after the client believes that the handshake is over.
                raise SendError("tls", _tls_text(error)) from None
            except OSError as error:
                raise _system_error(error.errno or errno.ECONNRESET, "closed") from None
            except ValueError:
                raise SendError(stage, "reply line too long") from None
            if not data:
                raise SendError("closed", "connection closed by server")
            line = data.decode("utf-8", "replace").rstrip("\r\n")
            self.tell(Event("received", line))
            lines.append(line)
            if not line[:3].isdigit():
                raise SendError(stage, f"unexpected reply: {line}")
            if line[3:4] != "-":
                return Reply(int(line[:3]), tuple(lines))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _system_error(number: int, stage: Stage = "connect") -> SendError:
    return SendError(stage, os.strerror(number), number)


# Codes of OpenSSL 3, which prints `error:<code>:SSL routines::<reason>`; Python gives only the reason.
_TLS_CODES = {
    "TLSV1_ALERT_PROTOCOL_VERSION": "0A00042E",
    "UNSUPPORTED_PROTOCOL": "0A000102",
    "WRONG_VERSION_NUMBER": "0A00010B",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "0A000410",
    "UNEXPECTED_EOF_WHILE_READING": "0A000126",
    "TLSV1_ALERT_INTERNAL_ERROR": "0A000438",
    "NO_PROTOCOLS_AVAILABLE": "0A0000BF",
    "CERTIFICATE_VERIFY_FAILED": "0A000086",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "0A00045C",
    "DH_KEY_TOO_SMALL": "0A00018A",
}


def _handshake_text(error: OSError) -> str:
    """What ended a handshake without an alert."""
    if "taking longer" in str(error):
        return os.strerror(errno.ETIMEDOUT)
    return os.strerror(error.errno) if error.errno else "error:0A000126:SSL routines::unexpected eof while reading"


def _tls_text(error: ssl.SSLError) -> str:
    reason = error.reason or "UNEXPECTED_EOF_WHILE_READING"
    # Written as the reason strings of OpenSSL are: words in lower case, `ssl/tls alert` as in its sources.
    text = f"error:{_TLS_CODES.get(reason, '0A000000')}:SSL routines::{reason.replace('_', ' ').lower()}"
    # Why a certificate was not accepted is told by the library apart from its error, and printed with it by every client.
    return f"{text} ({error.verify_message})" if isinstance(error, ssl.SSLCertVerificationError) else text
