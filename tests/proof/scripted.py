# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that says what it is told to: the replies of providers, and of servers that break off."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .cases import Case
from .loopback import unused_address

_STEPS = {
    "EHLO": "ehlo",
    "HELO": "ehlo",
    "STARTTLS": "starttls",
    "AUTH": "auth",
    "MAIL": "mail_from",
    "RCPT": "rcpt_to",
    "DATA": "data",
    "QUIT": "quit",
    "RSET": "rset",
}
_USUAL = {
    "greeting": "220 mail.example.com ESMTP",
    "starttls": "220 2.0.0 Ready to start TLS",
    "auth": "235 2.7.0 Accepted",
    "mail_from": "250 2.1.0 OK",
    "rcpt_to": "250 2.1.5 OK",
    "data": "354 Go ahead",
    "body": "250 2.0.0 OK",
    "rset": "250 2.0.0 OK",
    "quit": "221 2.0.0 Bye",
}


@contextmanager
def scripted_servers(chosen: Iterable[Case], certificate: Path) -> Iterator[dict[str, str]]:
    """Listen for each case with a script; yield where, by the case's `server`."""
    address = unused_address()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    numbered = {case.server: (case, port) for port, case in enumerate(chosen, 10025)}
    loop = asyncio.new_event_loop()

    async def start() -> list[asyncio.Server]:
        return [
            await asyncio.start_server(_Script(case.script, context).serve, address, port)
            for case, port in numbered.values()
        ]

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield {server: f"{address}:{port}" for server, (__, port) in numbered.items()}
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


class _Script:
    """One listener.

    The script: `at`, the step that goes wrong; `reply`, what is said there, line by line, or `does`: close, reset, silent;
    `offers`, the extensions; `challenge`, what comes before the reply to AUTH; `starttls: false` to have no TLS.
    """

    def __init__(self, script: Mapping[str, Any], context: ssl.SSLContext) -> None:
        self.at = script.get("at", "")
        self.reply = script.get("reply", [])
        self.does = script.get("does", "")
        self.challenge = script.get("challenge", "")
        self.offers = script.get("offers", ["AUTH LOGIN PLAIN", "ENHANCEDSTATUSCODES"])
        self.starttls = script.get("starttls", True)
        self.context = context

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (OSError, ssl.SSLError, EOFError):
            pass  # the client went away
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secure = False
        if not await self._answer(writer, reader, "greeting"):
            return
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            step = _STEPS.get(line.split(" ")[0].upper(), "other")
            if step == "auth":
                await self._credentials(reader, writer, line)
            if step == "ehlo" and self.at != ("ehlo_tls" if secure else "ehlo"):
                self._say(writer, self._extensions(secure))
                continue
            if not await self._answer(writer, reader, "ehlo_tls" if step == "ehlo" and secure else step):
                return
            if step == "starttls" and self.at != "starttls":
                if self.at == "tls":
                    await reader.read(1)
                    await self._break(writer, reader)
                    return
                await writer.start_tls(self.context)
                secure = True
            if step == "data" and self.at != "data":
                while (await reader.readline()).strip(b"\r\n") != b".":
                    if reader.at_eof():
                        return
                if not await self._answer(writer, reader, "body"):
                    return
            if step == "quit":
                return

    async def _credentials(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: str) -> None:
        mechanism = line.split(" ")[1].upper()
        if mechanism == "LOGIN":
            for prompt in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6"):
                self._say(writer, [f"334 {prompt}"])
                await reader.readline()
        elif self.challenge:
            self._say(writer, [f"334 {self.challenge}"])
            await reader.readline()

    async def _answer(self, writer: asyncio.StreamWriter, reader: asyncio.StreamReader, step: str) -> bool:
        """Say what belongs here; return False when the conversation is over."""
        if step != self.at:
            self._say(writer, [_USUAL.get(step, "500 5.5.2 What?")])
            return True
        self._say(writer, self.reply)
        if self.does:
            await self._break(writer, reader)
            return False
        return True

    async def _break(self, writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
        await writer.drain()
        if self.does == "silent":
            await reader.read()
        elif self.does == "reset":
            connection: socket.socket = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    def _extensions(self, secure: bool) -> list[str]:
        offers = ["mail.example.com", "SIZE 35882577", *self.offers]
        if self.starttls and not secure:
            offers = ["mail.example.com", "STARTTLS"]
        return [f"250-{each}" for each in offers[:-1]] + [f"250 {offers[-1]}"]

    def _say(self, writer: asyncio.StreamWriter, lines: Iterable[str]) -> None:
        writer.write("".join(f"{line}\r\n" for line in lines).encode())
