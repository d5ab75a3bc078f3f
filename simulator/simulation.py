# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole fleet in one event loop."""

from __future__ import annotations

import logging
from ipaddress import IPv4Address
from pathlib import Path

import asyncssh

from .device.clock import Clock
from .mail_server import MailServer
from .places import FIRST, Placed, SimulationError, place
from .specification.fleet import DeviceSpec, Fleet
from .ssh.host_keys import host_keys
from .ssh.server import DeviceServer
from .ssh.trace import Listener

# Clients that go away in mid handshake are what a simulator is for, not news.
logging.getLogger("asyncssh").setLevel(logging.CRITICAL)


class Simulation:
    """Devices and mail servers; there are none before the start. `first`: where to begin to look for free addresses."""

    def __init__(
        self,
        fleet: Fleet,
        keys: Path | None = None,
        listener: Listener | None = None,
        clock: Clock | None = None,
        first: IPv4Address = FIRST,
    ) -> None:
        self.mail_servers: list[MailServer] = []
        self.devices: list[DeviceServer] = []
        self._fleet = fleet
        self._keys = keys
        self._listener = listener
        self._clock = clock
        self._first = first
        self._placed: Placed | None = None

    async def start(self) -> None:
        """Start everything, or nothing.

        Raises FleetError when a device would refuse what it is described with, SimulationError when an address cannot be
        had or a host key is broken.
        """
        self._placed = placed = place(self._fleet, self._first)
        try:
            fleet = placed.fleet
            self.mail_servers = [MailServer(spec) for spec in fleet.mail_servers]
            self.devices = [
                DeviceServer(spec, _keys(self._keys, spec), self._listener, self._clock) for spec in fleet.devices
            ]
            for server in self.mail_servers:
                await server.start(placed.listeners[server.spec.name])
            for device in self.devices:
                await device.start(placed.listeners[device.spec.name])
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop listening and cut all connections."""
        for device in self.devices:
            await device.stop()
        for server in self.mail_servers:
            await server.stop()
        if self._placed is not None:
            self._placed.close()


def _keys(directory: Path | None, spec: DeviceSpec) -> list[asyncssh.SSHKey]:
    try:
        return host_keys(directory, spec.name, spec.switches.host_key, spec.switches.ssh_algorithms)
    except asyncssh.KeyImportError as error:
        raise SimulationError(
            f"{directory}: host key of {spec.name}: {error}; remove the file to get a new one"
        ) from None
