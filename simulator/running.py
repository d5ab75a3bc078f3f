# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a fleet beside other code, such as tests: `with running(fleet) as fleet: ...`."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, TypeVar

from .device.clock import Clock, ManualClock
from .device.state import Device
from .mail_server import MailServer
from .simulation import Simulation
from .specification.faults import Faults
from .specification.fleet import Fleet
from .ssh.server import DeviceServer
from .ssh.trace import Heard, Listener

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class RunningDevice:
    """A listening device. `state` and `trace` are live: read them freely, change them within `RunningFleet.call`."""

    server: DeviceServer

    @property
    def name(self) -> str:
        return self.server.spec.name

    @property
    def address(self) -> str:
        return self.server.spec.address

    @property
    def port(self) -> int:
        return self.server.spec.port

    @property
    def username(self) -> str:
        return self.server.spec.username

    @property
    def password(self) -> str:
        return self.server.spec.password

    @property
    def fingerprint(self) -> str:
        """The host key as OpenSSH prints it, `SHA256:...`."""
        return self.server.fingerprint

    @property
    def state(self) -> Device:
        return self.server.appliance.device

    @property
    def trace(self) -> list[Heard]:
        return self.server.appliance.trace

    @property
    def commands(self) -> list[str]:
        """The commands received so far, in all sessions."""
        return [heard.command for heard in self.server.appliance.trace]


@dataclass(frozen=True)
class RunningFleet:
    """Everything that listens, by name."""

    devices: Mapping[str, RunningDevice]
    mail_servers: Mapping[str, MailServer]
    loop: asyncio.AbstractEventLoop
    clock: Clock

    def call(self, function: Callable[[], _Result]) -> _Result:
        """Call a function in the thread of the simulator, where nothing else happens meanwhile."""

        async def run() -> _Result:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result()

    def advance(self, seconds: float) -> None:
        """Let the time of the devices pass; they must run with a ManualClock."""
        assert isinstance(self.clock, ManualClock)
        self.call(partial(self.clock.advance, seconds))

    def misbehave(self, name: str, **faults: Any) -> None:
        """Give a device these faults from now on; see `Faults`."""
        self.call(lambda: self.devices[name].server.appliance.misbehave(Faults(**faults)))

    def reboot(self, name: str) -> None:
        """Restart a device, which ends all its sessions."""
        self.call(self.devices[name].server.appliance.reboot)

    def drop_connections(self, name: str) -> None:
        """Cut all connections of a device, as a broken network does."""
        self.call(self.devices[name].server.drop_connections)


@contextmanager
def running(
    fleet: Fleet, *, keys: Path | None = None, listener: Listener | None = None, clock: Clock | None = None
) -> Iterator[RunningFleet]:
    """Run a fleet in a thread of its own while the block runs. With a ManualClock its time moves by `advance` only.

    Addresses that the fleet does not name are such that no fleet of this process had before. Raises SimulationError when
    something cannot listen, FleetError when a device refuses its mail table.
    """
    clock = clock or Clock()
    simulation = Simulation(fleet, keys, listener, clock, first=_unused())
    started = threading.Event()
    failed: list[BaseException] = []
    loops: list[asyncio.AbstractEventLoop] = []
    stopping = asyncio.Event()

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        await simulation.start()
        started.set()
        await stopping.wait()
        await simulation.stop()

    def work() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            failed.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=work, name="simulator", daemon=True)
    thread.start()
    started.wait()
    if failed:
        thread.join()
        raise failed[0]
    try:
        yield RunningFleet(
            devices={server.spec.name: RunningDevice(server) for server in simulation.devices},
            mail_servers={server.spec.name: server for server in simulation.mail_servers},
            loop=loops[0],
            clock=clock,
        )
    finally:
        loops[0].call_soon_threadsafe(stopping.set)
        thread.join()
        if failed:
            raise failed[0]


# From a network that another process does not begin at.
_NETWORKS = itertools.count(random.randrange(150 * 256))


def _unused() -> IPv4Address:
    """Return the first address of a network that no fleet of this process had: what still calls an old one meets nobody."""
    return IPv4Address("127.100.0.1") + next(_NETWORKS) % (150 * 256) * 256
