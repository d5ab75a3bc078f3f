# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers for demonstrations and tests: real SMTP on loopback, mail kept in memory."""

from __future__ import annotations

import asyncio
import datetime
import logging
import socket
import ssl
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as SmtpSession
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .mail.settings import allow_versions, tls_version
from .specification.fleet import MailServerSpec

# How many mails a server keeps; the count goes on.
_KEPT = 1000

# aiosmtpd logs what is deliberate here: AUTH on a port that has TLS from the start, handshakes that fail, lost clients.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class ReceivedMail:
    """A mail that was taken. `user` is who logged in, "" for nobody."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    user: str
    tls: bool


class MailServer:
    """One listener. `received` holds the mails taken, `count` how many there were."""

    def __init__(self, spec: MailServerSpec) -> None:
        self.spec = spec
        self.received: list[ReceivedMail] = []
        self.count = 0
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Serve whoever connects to a socket that listens."""
        context = None if self.spec.kind == "plain" else _tls_context(self.spec)
        implicit = self.spec.kind == "smtps"
        loop = asyncio.get_running_loop()

        def protocol() -> SMTP:
            return _Smtp(
                _Handler(self),
                hostname=self.spec.hostname,
                ident="ESMTP",
                tls_context=None if implicit else context,
                auth_require_tls=not implicit,
                auth_required=self.spec.auth_required,
                auth_exclude_mechanism=[name for name in ("LOGIN", "PLAIN") if name not in self.mechanisms],
                authenticator=self._authenticate,
                loop=loop,
            )

        self._server = await loop.create_server(protocol, sock=listener, ssl=context if implicit else None)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    @property
    def mechanisms(self) -> tuple[str, ...]:
        return self.spec.auth if self.spec.kind in ("submission", "smtps") else ()

    def keep(self, mail: ReceivedMail) -> str:
        """Take a mail; return the number it is queued under."""
        self.count += 1
        self.received.append(mail)
        del self.received[:-_KEPT]
        return f"{self.count:08X}"

    def _authenticate(
        self, _server: SMTP, _session: SmtpSession, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        user, password = data.login.decode("utf-8", "replace"), data.password.decode("utf-8", "replace")
        good = self.spec.users.get(user) == password
        return AuthResult(success=good, handled=False, auth_data=user)


class _Smtp(SMTP):
    # The usual prompts; those of aiosmtpd are its own.
    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"


class _Handler:
    """The rules of one server, as aiosmtpd asks for them."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_EHLO(
        self, _smtp: SMTP, session: SmtpSession, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        offered = " ".join(self._server.mechanisms)
        lines = []
        for line in responses:
            if not line.startswith("250-AUTH"):
                lines.append(line)
            elif offered:
                lines.append(f"250-AUTH {offered}")
        return lines

    async def handle_RCPT(
        self, _smtp: SMTP, session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        spec = self._server.spec
        local = address.rpartition("@")[2].lower() in spec.domains
        if local and spec.recipients and address not in spec.recipients:
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown in local recipient table"
        if not local and not spec.relay and not session.authenticated:
            return f"554 5.7.1 <{address}>: Relay access denied"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _smtp: SMTP, session: SmtpSession, envelope: Envelope) -> str:
        mail = ReceivedMail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=envelope.original_content or b"",
            user=str(session.auth_data or "") if session.authenticated else "",
            tls=session.ssl is not None or self._server.spec.kind == "smtps",
        )
        return f"250 2.0.0 Ok: queued as {self._server.keep(mail)}"


class _TlsObject(ssl.SSLObject):
    """A handshake that fails still tells the other side why, as every mail server does.

    asyncio drops the alert together with the connection. Asking it to wait for more data makes it send what is pending;
    the client then closes.
    """

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            raise ssl.SSLWantReadError from error


def _tls_context(spec: MailServerSpec) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslobject_class = _TlsObject
    with tempfile.NamedTemporaryFile("wb", suffix=".pem") as file:
        file.write(_certificate())
        file.flush()
        context.load_cert_chain(Path(file.name))
    allow_versions(
        context,
        minimum=tls_version(spec.tls_min) if spec.tls_min else None,
        maximum=tls_version(spec.tls_max) if spec.tls_max else None,
    )
    return context


@cache
def _certificate() -> bytes:
    """Make a key and a certificate that vouches for itself, in PEM; once per process."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("mail.example.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
