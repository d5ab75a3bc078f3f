# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox on loopback, read by IMAP over TLS (RFC 3501): INBOX has the mails that a simulated mail server has taken, others are empty."""

from __future__ import annotations

import base64
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.fortiops.mail.simulator.mail_server import MailServer

from ..proof.certificates import write_certificates

USER, PASSWORD = "reader", "mailbox-password-for-tests"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@contextmanager
def mailbox(of: MailServer, folder: Path) -> Iterator[dict[str, Any]]:
    """Serve the mailbox while the block runs; yields the option `imap` for it. folder: where to write its certificate."""
    write_certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "good.pem")

    class Session(_Session):
        server_of_mail = of

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def get_request(self) -> tuple[Any, Any]:
            connection, address = super().get_request()
            return context.wrap_socket(connection, server_side=True), address

    with Server(("127.0.0.1", 0), Session) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield {
                "host": "127.0.0.1",
                "port": server.server_address[1],
                "user": USER,
                "passwd": PASSWORD,
                "validate_certs": False,
            }
        finally:
            server.shutdown()


class _Session(socketserver.StreamRequestHandler):
    server_of_mail: MailServer
    selected = ""

    def handle(self) -> None:
        self._say("* OK IMAP4rev1 ready")
        for line in self.rfile:
            tag, __, command = line.decode().rstrip("\r\n").partition(" ")
            self._say(f"{tag} {self._answer(command)}")
            if command == "LOGOUT":
                return

    def _answer(self, command: str) -> str:
        """Say what belongs to a command before its last line, and return that."""
        words = command.split()
        if words[0] == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1 AUTH=PLAIN")
        elif words[0] == "AUTHENTICATE":
            self._say("+ ")
            given = base64.b64decode(self.rfile.readline()).decode().split("\0")
            return "OK in" if given[1:] == [USER, PASSWORD] else "NO [AUTHENTICATIONFAILED] wrong password"
        elif words[0] == "EXAMINE":
            self.selected = words[1].strip('"')
            self._say(f"* {len(self._mails)} EXISTS")
        elif words[:2] == ["UID", "SEARCH"]:
            self._say(" ".join(["* SEARCH", *map(str, range(1, len(self._mails) + 1))]))
        elif words[:2] == ["UID", "FETCH"]:
            fields = re.findall(r"HEADER\.FIELDS \(([^)]*)\)", command)[0].lower().split()
            for number in map(int, words[2].split(",")):
                self._fetch(number, fields)
        return "OK done"

    @property
    def _mails(self) -> Sequence[bytes]:
        """The mails of the selected mailbox, each with the line of the server that has taken it."""
        if self.selected != "INBOX":
            return ()
        now = datetime.now(UTC)
        date = f"{now.day} {_MONTHS[now.month - 1]} {now:%Y %H:%M:%S} +0000"
        server = self.server_of_mail
        return [
            f"Received: from faz by {server.spec.hostname} with ESMTPSA id {number:08X} for <{mail.recipients[0]}>; {date}\r\n".encode()
            + mail.content
            for number, mail in enumerate(server.received, 1)
        ]

    def _fetch(self, number: int, fields: Sequence[str]) -> None:
        header = re.sub(rb"\r?\n(?=[ \t])", b"", self._mails[number - 1].partition(b"\r\n\r\n")[0])
        kept = [line for line in header.split(b"\r\n") if line.partition(b":")[0].decode().lower() in fields]
        text = b"\r\n".join([*kept, b"", b""])
        now = datetime.now(UTC)
        taken = f"{now.day:2d}-{_MONTHS[now.month - 1]}-{now:%Y %H:%M:%S} +0000"
        self._say(f'* {number} FETCH (UID {number} INTERNALDATE "{taken}" BODY[HEADER.FIELDS ()] {{{len(text)}}}')
        self.wfile.write(text)
        self._say(")")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
