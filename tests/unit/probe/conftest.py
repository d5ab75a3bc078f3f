# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripted mail servers, certificates made on the spot, and a probe that meets them."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.probe import probe
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.request import request
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)
Script = Callable[[socket.socket], None]


class Authority:
    """A CA and the certificates it makes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        basic = x509.BasicConstraints(ca=True, path_length=None)
        self._certificate = (
            self._builder(self._name, self._key, 30).add_extension(basic, True).sign(self._key, hashes.SHA256())
        )
        self.file = directory / "ca.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, name: x509.Name, key: Any, days: int) -> x509.CertificateBuilder:
        start = NOW - 10 * DAY
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(NOW + days * DAY + datetime.timedelta(hours=1))
        )

    def leaf(
        self, names: tuple[str, ...] = (HOST,), days: int = 20, common: str = "leaf", key: Any = None
    ) -> tuple[bytes, ssl.SSLContext]:
        """Return a certificate as DER, and a context of a server that has it."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]), key, days)
        if names:
            every = [
                x509.DNSName(name) if not name[0].isdigit() else x509.IPAddress(ipaddress.ip_address(name))
                for name in names
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(every), False)
        made = builder.sign(self._key, hashes.SHA256())
        file = self._directory / "leaf.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return made.public_bytes(serialization.Encoding.DER), context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def serve() -> Iterator[Callable[[Script], int]]:
    """Start a server that runs a script for each connection, each in a thread; return its port."""
    listeners: list[socket.socket] = []
    stopped = threading.Event()

    def start(script: Script) -> int:
        listener = socket.create_server((HOST, 0))
        listeners.append(listener)

        def talk(connection: socket.socket) -> None:
            # A probe that has seen enough hangs up: that is how most of these scripts end.
            with suppress(OSError), connection:
                script(connection)

        def accept() -> None:
            while not stopped.is_set():
                try:
                    connection, __ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    stopped.set()
    for listener in listeners:
        listener.close()


def look(port: int, **options: Any) -> dict[str, Any]:
    """What a probe says of one port of this machine."""
    options = {"timeout": 2, "security": "none", **options}
    (seen,) = probe(request(host=HOST, port=[port], **options))["ports"]
    return dict(seen)


def conversation(*answers: str, greeting: str = "220 mx.example.com ESMTP") -> Script:
    """A script that greets and answers each line with the next of these, then keeps silent."""

    def script(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        connection.sendall(greeting.encode() + b"\r\n")
        for answer in answers:
            if not lines.readline():
                return
            connection.sendall(answer.replace("\n", "\r\n").encode() + b"\r\n")
        while connection.recv(4096):
            pass

    return script
