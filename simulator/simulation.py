# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole fleet in one event loop: start everything, or nothing."""

from __future__ import annotations

import logging
from pathlib import Path

import asyncssh

from .device.clock import Clock
from .mail_server import MailServer
from .specification.fleet import DeviceSpec, Fleet
from .ssh.host_keys import host_keys
from .ssh.server import DeviceServer
from .ssh.trace import Listener

# Clients that go away in mid handshake are what a simulator is for, not news.
logging.getLogger("asyncssh").setLevel(logging.CRITICAL)


class SimulationError(Exception):
    """The fleet cannot be started; the message is one line."""


class Simulation:
    """Devices and mail servers.

    Raises FleetError when a device would refuse what it is described with, SimulationError for a broken host key.
    """

    def __init__(
        self, fleet: Fleet, keys: Path | None = None, listener: Listener | None = None, clock: Clock | None = None
    ) -> None:
        self.mail_servers = [MailServer(spec) for spec in fleet.mail_servers]
        self.devices = [DeviceServer(spec, _keys(keys, spec), listener, clock) for spec in fleet.devices]

    async def start(self) -> None:
        """Listen everywhere. Raises SimulationError, with nothing left listening."""
        everything: list[MailServer | DeviceServer] = [*self.mail_servers, *self.devices]
        for each in everything:
            try:
                await each.start()
            except OSError as error:
                await self.stop()
                spec = each.spec
                raise SimulationError(
                    f"{spec.name}: cannot listen on {spec.address}:{spec.port}: {error.strerror or error}"
                ) from None

    async def stop(self) -> None:
        for device in self.devices:
            await device.stop()
        for server in self.mail_servers:
            await server.stop()


def _keys(directory: Path | None, spec: DeviceSpec) -> list[asyncssh.SSHKey]:
    try:
        return host_keys(directory, spec.name, spec.switches.host_key, spec.switches.ssh_algorithms)
    except asyncssh.KeyImportError as error:
        raise SimulationError(
            f"{directory}: host key of {spec.name}: {error}; remove the file to get a new one"
        ) from None
