# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail simulate`: run a fleet of simulated devices from the command line."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..plugins.plugin_utils.command.parser import complain
from ..plugins.plugin_utils.whole_file import WriteError
from .places import SimulationError
from .specification.fleet import Fleet, at_address, load_fleet, make_fleet
from .specification.reading import FleetError
from .ssh.trace import Heard, Listener

if TYPE_CHECKING:
    from .simulation import Simulation

DEMO_FLEET = Path(__file__).parent / "fleets" / "demo.yml"
_GRACE = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `fazmail simulate`."""
    parser.add_argument("fleet", nargs="?", type=Path, metavar="FLEET.yml", help="the fleet (default: the demo fleet)")
    parser.add_argument("--devices", type=int, metavar="N", help="make N healthy devices instead of the fleet's own")
    parser.add_argument(
        "--address", metavar="BASE", help="address of the first device, the others follow (default: free ones)"
    )
    parser.add_argument("--port", type=int, metavar="PORT", help="TCP port of all devices (default: a free one)")
    parser.add_argument("--inventory", type=Path, metavar="FILE", help="write an Ansible inventory of the devices")
    parser.add_argument("--keys", type=Path, metavar="DIR", help="keep the host keys here from run to run")
    parser.add_argument("--trace", type=Path, metavar="FILE", help="write each command received as a line of JSON")
    parser.add_argument(
        "--exec", nargs=argparse.REMAINDER, metavar="COMMAND", help="run this command, then stop with its exit status"
    )


def run(args: argparse.Namespace) -> int:
    """Run until a signal comes or the command of `--exec` ends; return the exit status."""
    try:
        from .simulation import Simulation  # the extra packages are wanted from here on
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("asyncssh", "aiosmtpd", "cryptography"):
            raise
        return complain(f"simulate: the simulator needs the package {package}: pip install 'fortiops-mail[demo]'")
    try:
        fleet = _fleet(args)
        _allow_files(4 * len(fleet.devices) + 200)
        with _tracing(args.trace) as listener:
            return asyncio.run(_simulate(Simulation(fleet, args.keys, listener), args))
    except (FleetError, SimulationError, WriteError) as error:
        return complain(f"simulate: {error}")
    except OSError as error:
        return complain(f"simulate: {error.filename or 'simulator'}: {error.strerror or error}")


def _fleet(args: argparse.Namespace) -> Fleet:
    if args.exec == []:
        raise FleetError("--exec: expected a command behind it")
    fleet = load_fleet(args.fleet or DEMO_FLEET)
    if not (fleet.devices or fleet.mail_servers or args.devices):
        raise FleetError(f"{args.fleet}: has no device and no mail server, expected some to simulate")
    if args.port is not None and not 0 < args.port < 65536:
        raise FleetError(f"--port {args.port}: expected a number from 1 to 65535")
    if args.devices is not None:
        if args.devices < 1:
            raise FleetError(f"--devices {args.devices}: expected 1 or more")
        fleet = make_fleet(args.devices, like=fleet)
    return at_address(fleet, args.address, args.port)


async def _simulate(simulation: Simulation, args: argparse.Namespace) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows, Ctrl-C ends the program as it is
            loop.add_signal_handler(number, stopping.set)
    await simulation.start()
    try:
        if args.inventory:
            from .inventory import write_inventory

            write_inventory(args.inventory, simulation.devices)
        if args.exec:
            return await _execute(args.exec, stopping)
        for server in simulation.devices:
            shown = "a recording" if server.spec.recording else server.appliance.device.model.firmware
            print(f"{server.spec.name}  {server.spec.address}:{server.spec.port}  {shown}")
        for line in _next_steps(args.inventory, simulation):
            print(line)
        sys.stdout.flush()
        await stopping.wait()
        return 0
    finally:
        await simulation.stop()


def _next_steps(inventory: Path | None, simulation: Simulation) -> list[str]:
    """Return what to try with these devices, where their inventory says which mail servers they are to have."""
    if inventory is None or not all("mail_servers" in server.spec.variables for server in simulation.devices):
        return []
    addresses = "-e mail_from=faz@example.com -e mail_to=noc@example.com"
    page = """-e '{"reports": {"html": "compliance.html"}}'"""
    return [
        "",
        "Try in another terminal:",
        *(
            f"  ansible-playbook -i {shlex.quote(str(inventory))} fortiops.mail.{playbook}"
            for playbook in ("configure", f"verify {addresses}", f"compliance {page}")
        ),
    ]


async def _execute(command: Sequence[str], stopping: asyncio.Event) -> int:
    """Run a command; when a signal comes first, pass it on and give the command some seconds to end."""
    process = await asyncio.create_subprocess_exec(*command)
    ended = asyncio.create_task(process.wait())
    asked = asyncio.create_task(stopping.wait())
    await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not ended.done():
        process.terminate()
        await asyncio.wait({ended}, timeout=_GRACE)
        if not ended.done():
            process.kill()
    code = await ended
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _tracing(path: Path | None) -> Iterator[Listener | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as file:
        yield _writer(file)


def _writer(file: TextIO) -> Listener:
    def write(heard: Heard) -> None:
        file.write(heard.as_json() + "\n")
        file.flush()

    return write


def _allow_files(count: int) -> None:
    """Each listener and each session is a file: raise the soft limit where the hard one allows it."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
