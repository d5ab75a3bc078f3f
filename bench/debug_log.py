# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make up a debug log of any size: the mail daemon idling, other daemons' noise, and now and then a mail.

A seed always gives the same log. Shares are shares of lines: of a mixed log 44 % idle lines, 36 % noise, 20 % of sends;
of noise 97 %. 30 % of the lines end in CR LF, 10 % have no time stamp, 3 % stand behind a prompt. Of a log whose lines are
all different, each line of a mixed log ends in a word that no other line has.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Shares:
    """What a log consists of; the rest of the lines are sends. different: no two lines have the same text."""

    idle: float
    noise: float
    different: bool = False


MIXED = Shares(idle=0.44, noise=0.36)
NOISE = Shares(idle=0.02, noise=0.97)
DIFFERENT = Shares(idle=0.44, noise=0.36, different=True)

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SERVERS = ("mail.example.com:25", "smtp.example.net:587", "relay.example.org:465", "192.0.2.25:25")
_SENDERS = ("faz@example.com", "alerts@example.net", "noreply@example.org")
_RECIPIENTS = tuple(f"{name}@example.com" for name in ("noc", "soc", "oncall", "admin", "reports", "audit"))
_ERRORS = (
    "< 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
    "< 535 5.7.3 Authentication unsuccessful",
    "< 534 5.7.9 Application-specific password required",
    "< 530 5.7.0 Must issue a STARTTLS command first",
    "< 530 5.7.57 Client not authenticated to send mail",
    "< 550 5.1.1 <{recipient}>: Recipient address rejected: User unknown",
    "< 550 5.7.60 Client does not have permissions to send as this sender",
    "< 554 5.7.1 <{recipient}>: Relay access denied",
    "< 554 5.7.1 Service unavailable; Client host [192.0.2.{byte}] blocked using zen.example.org",
    "< 451 4.7.1 Greylisted, try again in {byte} seconds",
    "< 421 4.3.2 Service not available, closing transmission channel",
    "< 452 4.3.1 Insufficient system storage",
    "< 552 5.3.4 Message size exceeds fixed limit",
    "connect to {host} port {port} failed: Connection refused",
    "connect to {host} port {port} failed: Connection timed out",
    "Could not resolve host: {host}",
    "getaddrinfo({host}): Temporary failure in name resolution",
    "SSL_connect: error:0A00010B:SSL routines::wrong version number",
    "Recv failure: Connection reset by peer (errno 104)",
)


def lines(shares: Shares, seed: int) -> Iterator[str]:
    """Yield lines with their ends, for ever."""
    chance = random.Random(seed)
    clock = datetime(2026, 11, 24, tzinfo=UTC)
    noise = _noise(chance)
    idle = _idle(chance)
    send = _sends(chance)
    stamp = ""
    while True:
        if chance.random() < 0.25:
            clock += timedelta(seconds=chance.choice((1, 1, 1, 5)))
            stamp = clock.strftime("%Y-%m-%d %H:%M:%S ")
        kind = chance.random()
        text = next(idle if kind < shares.idle else noise if kind < shares.idle + shares.noise else send, "")
        if shares.different:
            text += f" {''.join(chance.choices(_LETTERS, k=8))}"
        shape = chance.random()
        prompt = "FAZ-HQ # " if shape < 0.03 else ""
        stamped = "" if chance.random() < 0.1 else stamp
        end = "\r\n" if chance.random() < 0.3 else "\n"
        yield f"{prompt}{stamped}{text}{end}"


def _idle(chance: random.Random) -> Iterator[str]:
    last_request = last_sent = 1795478400
    while True:
        if chance.random() < 0.01:
            last_request += chance.randrange(1, 600)
            last_sent = last_request + chance.randrange(1, 20)
        if chance.random() < 0.3:
            yield f"sendmail_loop:1143: total pending tasks: {chance.choice((0, 0, 0, 0, 1, 1, 2, 3))}."
        else:
            yield (
                f"sendmail_loop:1126: no pending email request, last request time {last_request}, "
                f"last sendmail time {last_sent}"
            )


def _noise(chance: random.Random) -> Iterator[str]:
    def number(limit: int) -> int:
        return chance.randrange(limit)

    shapes: tuple[Callable[[], str], ...] = (
        lambda: (
            f"[OFTP_recv_SSL_packet:1792 FGVM0100000{number(40):05}] SSL socket[{number(60)}] pid[988] "
            f"ssl[0x{number(2**24):x}] received [{number(1500)}] bytes:"
        ),
        lambda: f"Request [gui webforward:2911:{number(30)}]:",
        lambda: f"fgfm_recv:512: session {number(200)} keepalive {number(10**6)} from FGVM0100000{number(40):05}",
        lambda: f"sqllogd: insert batch table=tlog_{number(12)} rows={number(5000)} used {number(400)} ms",
        lambda: f"sqlplugin[{number(6)}]: dispatch file rlog.{number(5000)}.log.gz to device group {number(12)}",
        lambda: f"logfwd: forward queue {number(4)}, {number(10**6)} bytes, 0 dropped",
        lambda: "fds_update: connection to the update server is idle",
        lambda: f"svc_authd({700 + number(8)}) check local session {number(2**32):08x} of admin{number(6)} still valid",
        lambda: f"hcache: hit for report layout {number(50)} key {number(2**32):08x}",
        lambda: f"rtm_monitor: cpu {number(100)}% memory {number(2**24)} kB disk {number(3) + 60}%",
    )
    while True:
        yield chance.choice(shapes)()


def _sends(chance: random.Random) -> Iterator[str]:
    while True:
        yield from (f"smtp_send:{number}: {text}" for number, text in enumerate(_send(chance), 410))


def _send(chance: random.Random) -> Iterator[str]:
    host, port = chance.choice(_SERVERS).split(":")
    recipient = chance.choice(_RECIPIENTS)
    error = chance.choice(_ERRORS).format(host=host, port=port, recipient=recipient, byte=chance.randrange(256))
    fails = chance.random() < 0.5
    yield f"Trying {host}:{port}..."
    if fails and not error.startswith("<"):
        yield error
        yield f"sendmail to {recipient} failed, error {chance.randrange(1, 120)}"
        return
    yield f"Connected to {host} port {port}"
    yield f"< 220 {host} ESMTP Postfix"
    yield "> EHLO FAZ-HQ"
    yield from (f"< 250-{word}" for word in ("PIPELINING", "SIZE 52428800", "STARTTLS", "AUTH LOGIN PLAIN"))
    yield "< 250 8BITMIME"
    if port == "587":
        yield "> STARTTLS"
        yield "< 220 2.0.0 Ready to start TLS"
        yield "SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384"
    yield "> AUTH LOGIN"
    yield "< 334 VXNlcm5hbWU6"
    yield "< 235 2.7.0 Authentication successful"
    yield f"> MAIL FROM:<{chance.choice(_SENDERS)}> SIZE={chance.randrange(2000, 400000)}"
    yield "< 250 2.1.0 Ok"
    yield f"> RCPT TO:<{recipient}>"
    if fails:
        yield error
        yield f"sendmail to {recipient} failed, error {chance.randrange(1, 120)}"
        return
    yield "< 250 2.1.5 Ok"
    yield "> DATA"
    yield "< 354 End data with <CR><LF>.<CR><LF>"
    yield f"< 250 2.0.0 Ok: queued as {chance.randrange(16**9, 16**10):X}"
    yield "> QUIT"
    yield "< 221 2.0.0 Bye"


def write(path: Path, shares: Shares, megabytes: float, seed: int) -> None:
    """Write a log of about that many MB (10^6 bytes), ended by a whole line."""
    left = int(megabytes * 1e6)
    source = lines(shares, seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        while left > 0:
            piece = "".join(next(source) for __ in range(min(10_000, left // 60 + 1)))
            file.write(piece)
            left -= len(piece)
