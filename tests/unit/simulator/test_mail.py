# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail daemon against real SMTP servers on loopback, and what each dialect prints of it."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from ansible_collections.fortiops.mail.simulator.device.state import Device
from ansible_collections.fortiops.mail.simulator.mail.daemon import DaemonSettings, MailDaemon
from ansible_collections.fortiops.mail.simulator.mail.dialects import dialects
from ansible_collections.fortiops.mail.simulator.mail_server import MailServer
from ansible_collections.fortiops.mail.simulator.network.hosts import HostMap, HostMapError
from ansible_collections.fortiops.mail.simulator.places import listen
from ansible_collections.fortiops.mail.simulator.specification.fleet import MailServerSpec

PASSWORD = "canary-Pa55word"
SPEC = MailServerSpec("mail", users={"alerts": PASSWORD}, domains=("example.com",))
ENTRY = {
    "server": "mail.example.com",
    "port": "587",
    "secure-option": "starttls",
    "auth": "enable",
    "user": "alerts",
    "passwd": PASSWORD,
}
SENDER, RECIPIENT = "faz@example.com", "ops@example.com"


class Run:
    """What came of one test mail."""

    def __init__(self, device: Device, server: MailServer | None, printed: list[str], debug: list[str]) -> None:
        self.device = device
        self.server = server
        self.printed = printed
        self.debug = debug

    @property
    def counters(self) -> tuple[int, int]:
        return self.device.daemon.sent, self.device.daemon.failed


def attempt(
    device: Device,
    entry: dict[str, str],
    spec: MailServerSpec | None = SPEC,
    *,
    to: str = RECIPIENT,
    hosts: dict[str, str] | None = None,
    dialect: str = "function",
    then: Callable[[MailDaemon], Awaitable[None]] | None = None,
    clear: bool = True,
    patience: float = 30.0,
) -> Run:
    """Configure, send a test mail, and wait for all of its debug. patience: seconds the daemon waits for a server."""
    debug: list[str] = []

    async def run() -> Run:
        server = MailServer(spec) if spec else None
        place = "127.0.0.1:9"
        if server:
            listener = listen("127.0.0.1", 0)
            place = f"127.0.0.1:{listener.getsockname()[1]}"
            await server.start(listener)
        map_ = hosts or {"mail.example.com": place}
        settings = DaemonSettings(HostMap(map_), dialect, clear, smtp_timeout=patience, debug_delay=0.01)
        daemon = MailDaemon(device, settings, debug.extend)
        device.debug.fazmaild = 255
        values: dict[str, str] = {}
        for name in sorted(entry, key=lambda name: name != "auth-type"):
            device.mail.set(values, name, [entry[name]])
        mail = device.daemon.request("1", values, SENDER, to, device.clock())
        printed = await daemon.test(mail)
        if then:
            await then(daemon)
        await daemon.settled()
        daemon.close()
        if server:
            await server.stop()
        return Run(device, server, printed, debug)

    return asyncio.run(run())


CASES = {
    "accepted": (ENTRY, SPEC, {}, r"250 2\.0\.0 Ok: queued as 00000001"),
    "wrong password": ({**ENTRY, "passwd": "wrong"}, SPEC, {}, r"535 5\.7\.8 Authentication credentials invalid"),
    "no auth": (ENTRY, replace(SPEC, kind="no-auth"), {}, "the server does not offer AUTH"),
    "only ntlm": (ENTRY, replace(SPEC, auth=("NTLM",)), {}, r"no supported AUTH mechanism \(offered: NTLM\)"),
    "no starttls": (
        ENTRY,
        replace(SPEC, kind="plain"),
        {},
        "TLS is required, but was not offered by host mail.example.com",
    ),
    "tls too old": (
        {**ENTRY, "ssl-protocol": "tlsv1.2"},
        replace(SPEC, tls_max="tlsv1.1"),
        {},
        r"error:0A00[0-9A-F]+:SSL routines::(tlsv1 alert protocol version|unsupported protocol)",
    ),
    "relay denied": (
        {**ENTRY, "auth": "disable"},
        SPEC,
        {"to": "x@other.example"},
        "554 5.7.1 <x@other.example>: Relay",
    ),
    "unknown recipient": (
        ENTRY,
        replace(SPEC, recipients=("somebody@example.com",)),
        {},
        f"550 5.1.1 <{RECIPIENT}>: Recipient address rejected: User unknown",
    ),
    "refused": (ENTRY, None, {}, "Connection refused"),
    "unreachable": (ENTRY, None, {"hosts": {"mail.example.com:587": "unreachable"}}, "Network is unreachable"),
    "timeout": (ENTRY, None, {"hosts": {"mail.example.com:587": "blackhole"}, "patience": 0.2}, "Connection timed out"),
    "nxdomain": (ENTRY, None, {"hosts": {"other.example": "127.0.0.1:9"}}, "Name or service not known"),
    "dns timeout": (
        ENTRY,
        None,
        {"hosts": {"mail.example.com": "dns-timeout"}, "patience": 0.2},
        "Temporary failure in name resolution",
    ),
    "smtps on a submission port": ({**ENTRY, "secure-option": "smtps"}, SPEC, {}, "SSL routines::"),
    "submission on a smtps port": (
        ENTRY,
        replace(SPEC, kind="smtps"),
        {"patience": 0.2},
        "timed out while receiving the initial server greeting",
    ),
    "no token": ({**ENTRY, "auth-type": "oauth2", "passwd": ""}, SPEC, {}, "no OAuth 2.0 access token"),
}


@pytest.mark.parametrize("dialect", list(dialects()))
@pytest.mark.parametrize("case", list(CASES))
def test_every_outcome_is_told_in_every_dialect(new_device, case, dialect):
    entry, spec, options, reason = CASES[case]
    entry = {key: value for key, value in entry.items() if value}
    if case == "no token":
        del entry["user"]
    run = attempt(new_device(), entry, spec, dialect=dialect, **options)
    accepted = case == "accepted"
    assert run.counters == ((1, 0) if accepted else (0, 1))
    assert re.search(reason, run.printed[-1]), run.printed
    assert re.search(reason, run.debug[-1]), run.debug
    assert bool(run.device.daemon.last_sent) == accepted
    if run.server:
        assert run.server.count == accepted


@pytest.mark.parametrize(
    ("secure", "kind", "tls"),
    [
        ("default", "submission", True),
        ("default", "plain", False),
        ("none", "plain", False),
        ("starttls", "no-auth", True),
        ("smtps", "smtps", True),
    ],
)
def test_secure_option(new_device, secure, kind, tls):
    entry = {"server": "mail.example.com", "port": "25", "secure-option": secure}
    run = attempt(new_device(), entry, replace(SPEC, kind=kind))
    assert run.counters == (1, 0), run.debug
    [mail] = run.server.received
    assert (mail.sender, mail.recipients, mail.tls, mail.user) == (SENDER, (RECIPIENT,), tls, "")
    assert b"Subject: Test mail from FMG-HQ\r\n" in mail.content


@pytest.mark.parametrize("auth", [("LOGIN",), ("PLAIN",), ("PLAIN", "LOGIN"), ("NTLM", "LOGIN")])
def test_authentication(new_device, auth):
    run = attempt(new_device(), ENTRY, replace(SPEC, auth=auth, auth_required=True))
    assert [mail.user for mail in run.server.received] == ["alerts"], run.debug
    assert any("AUTH " + " ".join(auth) in line for line in run.debug)


def test_the_lowest_tls_version_is_the_entrys(new_device):
    old = replace(SPEC, tls_max="tlsv1.1", kind="no-auth")
    entry = {"server": "mail.example.com", "secure-option": "starttls"}
    assert attempt(new_device(), {**entry, "ssl-protocol": "tlsv1.0"}, old).counters == (1, 0)
    assert attempt(new_device(), {**entry, "ssl-protocol": "follow-global-ssl-protocol"}, old).counters == (0, 1)


@pytest.mark.parametrize("dialect", list(dialects()))
def test_masked_secrets_are_not_printed(new_device, dialect):
    for auth in (("LOGIN",), ("PLAIN",)):
        run = attempt(new_device(), ENTRY, replace(SPEC, auth=auth), dialect=dialect, clear=False)
        text = "\n".join(run.debug)
        assert run.counters == (1, 0)
        assert PASSWORD not in text
        assert base64.b64encode(PASSWORD.encode()).decode() not in text
        assert base64.b64encode(b"\0alerts\0" + PASSWORD.encode()).decode() not in text


def test_clear_secrets_are_printed_as_a_real_daemon_may(new_device):
    run = attempt(new_device(), ENTRY, replace(SPEC, auth=("LOGIN",)))
    assert any(base64.b64encode(PASSWORD.encode()).decode() in line for line in run.debug)


def test_a_mail_is_sent_even_if_nobody_waits_for_the_result(new_device):
    device = new_device()

    async def give_up(daemon: MailDaemon) -> None:
        values = device.daemon.request("1", ENTRY, SENDER, RECIPIENT, 0)
        waiting = asyncio.create_task(daemon.test(values))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()

    assert attempt(device, ENTRY, then=give_up).counters == (2, 0)


def test_nothing_is_printed_while_debug_is_off(new_device):
    async def off(daemon: MailDaemon) -> None:
        daemon.device.debug.fazmaild = 0

    run = attempt(new_device(), ENTRY, then=off)
    # The lines of the beginning were printed at once; the rest came when debug was off again.
    assert not any("250" in line for line in run.debug)


def test_queued_mail_leaves_after_a_pause(new_device):
    device = new_device()

    async def pause_and_resume(daemon: MailDaemon) -> None:
        state = device.daemon
        state.paused = True
        mail = state.request("1", ENTRY, SENDER, RECIPIENT, device.clock())
        assert state.enqueue(mail)
        daemon.look()
        await asyncio.sleep(0)
        assert len(state.queue) == 1
        state.paused = False
        daemon.look()
        assert len(state.queue) == 0
        device.debug.fazmaild = 0
        daemon.look()

    run = attempt(device, ENTRY, then=pause_and_resume)
    assert run.counters == (2, 0)
    assert run.server.count == 2


def test_idle_lines_come_while_debug_is_on(new_device):
    device = new_device()

    async def run() -> list[str]:
        first: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

        def emit(lines: list[str]) -> None:
            if not first.done():
                first.set_result(lines)

        daemon = MailDaemon(device, DaemonSettings(idle_line_interval=0.001), emit)
        device.debug.fazmaild = 1
        device.debug.timestamps = True
        daemon.look()
        lines = await asyncio.wait_for(first, 5)
        daemon.close()
        return lines

    lines = asyncio.run(run())
    assert lines[0] == "2024-10-11 19:56:20 sendmail_loop:1143: total pending tasks: 0."
    assert lines[1].endswith("no pending email request, last request time 0, last sendmail time 0")


@pytest.mark.parametrize("value", ["10.0.0.1:25", "8.8.8.8", "mail.example.com:25", "127.0.0.1:0", "127.0.0.1:x", ""])
def test_the_host_map_leads_nowhere_but_loopback(value):
    with pytest.raises(HostMapError):
        HostMap({"mail.example.com:25": value})


@pytest.mark.parametrize(
    ("name", "address", "port", "fault"),
    [
        ("both.example", "127.1.1.1", 2525, None),
        ("name.example", "127.1.1.2", 25, None),
        ("down.example", "192.0.2.25", 0, "unreachable"),
        ("127.0.0.9", "127.0.0.9", 25, None),
        ("10.0.0.1", "10.0.0.1", 0, "unreachable"),
        ("::1", "::1", 0, "unreachable"),
        ("nosuch.example", "", 0, "nxdomain"),
    ],
)
def test_where_servers_are(name, address, port, fault):
    hosts = HostMap(
        {
            "both.example:25": "127.1.1.1:2525",
            "both.example": "127.1.1.3",
            "name.example": "127.1.1.2",
            "down.example": "unreachable",
        }
    )
    place = hosts.find(name, 25)
    assert (place.address, place.port, place.fault) == (address, port, fault)


def test_every_dialect_is_marked_as_assumed():
    assert {dialect.evidence for dialect in dialects().values()} == {"assumed"}
    assert len(dialects()) >= 3
