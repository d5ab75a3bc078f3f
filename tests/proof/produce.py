# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let simulated devices meet each failure, in each dialect of their mail daemon, the way the module mail_test does it.

Every case has a device for each dialect. Each is logged in to over SSH, its mail server is tested with the daemon's debug
on, and the capture of that session is analysed: the whole way of a live run but Ansible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse, preload
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.journal import Journal
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import mail_test
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import Context
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile import capture
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target, connect
from ansible_collections.fortiops.mail.simulator.mail.dialects import dialects
from ansible_collections.fortiops.mail.simulator.running import RunningDevice, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import read_fleet

from .cases import Case

_AT_ONCE = 16
_LIMITS = Limits(connect=20, login=30, command_idle=60, command_total=90)


@dataclass(frozen=True)
class Produced:
    """What one device made of one case: the capture of its session, and the verdict that the live run gave."""

    case: Case
    dialect: str
    text: str
    verdict: dict[str, Any]


def produce(
    chosen: Iterable[Case],
    places: Mapping[str, str],
    *,
    trusted: str = "",
    timeout: float = 8.0,
    voices: Sequence[str] = (),
    mail_servers: Sequence[Mapping[str, Any]] = (),
    own_places: Mapping[tuple[str, str], str] | None = None,
    ready: Callable[[], None] = lambda: None,
) -> list[Produced]:
    """Run each case in each dialect. timeout: the mail daemon's, in seconds.

    places: where a case's `server` is, as host maps say it; own_places: the same by name of a case and dialect. `ready` is
    called when the mail servers listen.
    """
    preload()
    work = {
        f"device-{number}": (case, dialect)
        for number, (case, dialect) in enumerate(
            (case, dialect) for case in chosen for dialect in (voices or list(dialects()))
        )
    }
    devices = [
        _device(name, case, dialect, (own_places or {}).get((case.name, dialect), places.get(case.server)), trusted)
        for name, (case, dialect) in work.items()
    ]
    fleet = {
        "defaults": {"idle_line_interval": 60, "smtp_timeout": timeout},
        "devices": devices,
        "mail_servers": list(mail_servers),
    }
    with (
        TemporaryDirectory() as journals,
        running(read_fleet(fleet)) as now,
        ThreadPoolExecutor(_AT_ONCE) as workers,
    ):
        ready()

        def run(name: str) -> Produced:
            case, dialect = work[name]
            text = _tested(now.devices[name], case, Path(journals), case.timeout or timeout)
            verdicts = analyse(text)["verdicts"]
            assert verdicts, f"{case.name} in {dialect}: no attempt to send in\n{text}"
            return Produced(case, dialect, text, verdicts[-1])

        return list(workers.map(run, work))


def _device(name: str, case: Case, dialect: str, place: str | None, trusted: str) -> dict[str, Any]:
    return {
        "name": name,
        "hostname": case.hostname,
        "model": case.model,
        "dialect": dialect,
        "mail": {"relay": case.values},
        **({"smtp_timeout": case.timeout} if case.timeout else {}),
        "trusted_certificates": trusted if case.trusts else "",
        "hosts": {case.host: place} if place else {},
    }


def _tested(device: RunningDevice, case: Case, journals: Path, timeout: float) -> str:
    target = Target(
        device.address, device.port, device.username, device.password, host_key_fingerprint=device.fingerprint
    )

    def log_in() -> Session:
        return Session(connect(target, _LIMITS), _LIMITS)

    with log_in() as session:
        for command in case.commands:
            session.run(command)
        known = Device(session)
        context = Context(device.name, journals, partial(Journal, journals), log_in)
        context.journal = context.journal_of(known.identity())
        options = {
            "id": case.test,
            "mail_from": case.sender,
            "mail_to": case.recipient,
            "debug": True,
            "debug_level": 255,
            "wait": timeout,
            "quiet": 2.0,
        }
        mail_test.work(known, options, context)
        return capture.render(device.name, str(known.status().firmware), session.results, session.redactor)
