# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aiosmtpd as a third mail server: its own words, and TLS that no mail server of Debian can be made to speak."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from .loopback import unused_address
from .real_servers import PASSWORD, USER

# The second Oakley group (RFC 2409, section 6.2): 1024 bits, too few today.
_GROUP = """\
-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
"""


@contextmanager
def aiosmtpd_servers(certificates: Path) -> Iterator[dict[str, str]]:
    """Listen; yield where, by a name such as `aiosmtpd/submission`. certificates: see certificates.py."""
    address = unused_address()
    good = _context(certificates / "good.pem")
    listeners: dict[str, dict[str, Any]] = {
        "submission": {"tls_context": good, "authenticator": _authenticate},
        "auth-required": {"tls_context": good, "authenticator": _authenticate, "auth_required": True},
        "tls-required": {"tls_context": good, "authenticator": _authenticate, "require_starttls": True},
        "plain": {},
        "small": {"tls_context": good, "authenticator": _authenticate, "data_size_limit": 100},
        "weak-key": {"tls_context": _context(certificates / "weak.pem", "DEFAULT:@SECLEVEL=0")},
        "small-group": {"tls_context": _small_group(certificates)},
    }
    places = {name: (address, port) for port, name in enumerate(listeners, 10025)}
    loop = asyncio.new_event_loop()

    async def start() -> None:
        for name, options in listeners.items():
            await loop.create_server(lambda options=options: _Server(Sink(), loop=loop, **options), *places[name])

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield {f"aiosmtpd/{name}": f"{host}:{port}" for name, (host, port) in places.items()}
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


class _Server(SMTP):
    def __init__(self, handler: Sink, **options: Any) -> None:
        super().__init__(handler, hostname="mx.aiosmtpd.example", **options)


def _authenticate(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def _context(certificate: Path, ciphers: str = "") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers:
        context.set_ciphers(ciphers)
    context.load_cert_chain(certificate)
    return context


def _small_group(certificates: Path) -> ssl.SSLContext:
    context = _context(certificates / "good.pem", "DHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    file = certificates / "group.pem"
    file.write_text(_GROUP, encoding="utf-8")
    context.load_dh_params(file)
    return context
