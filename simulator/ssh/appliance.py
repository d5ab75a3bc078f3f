# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One running device: its state, its mail daemon, and what its sessions share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from ..device.clock import Clock
from ..device.config_tree import ConfigTable, Inner
from ..device.models import models
from ..device.state import Device, Session
from ..device.texts import CliError
from ..mail.daemon import DaemonSettings, MailDaemon
from ..mail.flood import Flood
from ..network.hosts import HostMap
from ..network.packets import Interface
from ..specification.faults import Faults, Triggers
from ..specification.fleet import DeviceSpec
from ..specification.reading import FleetError
from .trace import Heard, Listener, without_secret


def make_device(spec: DeviceSpec) -> Device:
    """Return the device as described, its tables filled. Raises FleetError for a value the device would refuse."""
    device = Device(spec.name, spec.hostname, models()[spec.model], spec.serial, utc_offset=spec.switches.utc_offset)
    device.ha, device.ha_peer = spec.ha, spec.ha_peer
    _fill(spec, "mail", device.mail, spec.mail)
    for event, destinations in spec.alert_event.items():
        __, inner = device.alert_event.working_copy(event)
        _fill(spec, f"alert_event: {event}", inner["alert-destination"], destinations)
        _fill(spec, "alert_event", device.alert_event, {event: {}}, inner)
    _fill(spec, "approval_matrix", device.approval_matrix, spec.approval_matrix)
    _fill(spec, "global", device.settings, {"": {**device.settings.entries[""], **spec.global_settings}})
    _fill(spec, "alertemail", device.alertemail, {"": spec.alertemail})
    _fill(spec, "dns", device.dns, {"": spec.dns})
    return device


def _fill(
    spec: DeviceSpec,
    where: str,
    table: ConfigTable,
    entries: Mapping[str, Mapping[str, str]],
    inner: Inner | None = None,
) -> None:
    for key, options in entries.items():
        try:
            table.fill(key, options, inner)
        except CliError as error:
            place = f"{where}: {key}" if key else where
            raise FleetError(f"{spec.name}: {place}: {error}") from None


class Watcher(Protocol):
    """A session as the daemons of the device see it. `full` says that it takes nothing more for now."""

    full: bool

    def debug(self, lines: Iterable[str]) -> None: ...


class Appliance:
    """A device that runs. `trace` holds every command received since the start.

    cut: called when the device goes down, to end its connections. Raises FleetError for a value the device would refuse.
    """

    def __init__(self, spec: DeviceSpec, listener: Listener | None, clock: Clock, cut: Callable[[], None]) -> None:
        self.spec = spec
        self.clock = clock
        self.device = make_device(spec)
        self.device.clock = lambda: self.clock.now() + self.faults.clock_offset
        self.trace: list[Heard] = []
        self.sessions: set[Watcher] = set()
        self.hosts = HostMap(spec.hosts, lambda: self.device.has_name_server)
        self.interface = Interface(
            self.device.clock, self.device.random, spec.address, spec.switches.retransmit_interval
        )
        self.daemon = MailDaemon(self.device, _daemon_settings(spec, self.hosts), self._debug, self.interface)
        self._flood: Flood | None = None
        self.misbehave(spec.faults)
        self._listener = listener
        self._cut = cut
        self._last_session = 0

    def stop(self) -> None:
        """End what runs by itself."""
        self.daemon.close()
        if self._flood is not None:
            self._flood.close()

    def misbehave(self, faults: Faults) -> None:
        """Have these faults from now on: those of the connection begin with the next session."""
        self.faults = faults
        self.triggers = Triggers(faults)
        self.device.confirm_restart = faults.confirm_restart
        self.device.mail.shorten, self.device.mail.lower_case = faults.shorten, faults.lower_case
        if self._flood is not None:
            self._flood.close()
        self._flood = Flood(self.device, faults.debug_flood, self.clock, self._flooding)

    def reboot(self) -> None:
        """Restart the device, which ends all sessions."""
        self.device.reboot()
        self._cut()
        self.look()

    def look(self) -> None:
        """The state may have changed: let those that run by themselves see it."""
        self.daemon.look()
        if self._flood is not None:
            self._flood.look()

    def open_session(self) -> Session:
        self._last_session += 1
        return Session(self._last_session)

    def hear(self, session: Session, prompt: str, line: str) -> None:
        heard = Heard(self.spec.name, session.number, self.clock.now(), prompt, without_secret(line))
        self.trace.append(heard)
        if self._listener is not None:
            self._listener(heard)

    def _flooding(self, lines: list[str]) -> None:
        for session in list(self.sessions):
            if not session.full:
                session.debug(lines)

    def _debug(self, lines: list[str]) -> None:
        for session in list(self.sessions):
            session.debug(lines)


def _daemon_settings(spec: DeviceSpec, hosts: HostMap) -> DaemonSettings:
    switches = spec.switches
    return DaemonSettings(
        hosts=hosts,
        dialect=switches.dialect,
        clear_secrets=switches.debug_secrets == "clear",
        idle_line_interval=switches.idle_line_interval,
        smtp_timeout=switches.smtp_timeout,
        debug_delay=switches.debug_delay,
        trusted=switches.trusted_certificates,
    )
