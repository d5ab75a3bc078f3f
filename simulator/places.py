# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a fleet listens: at the addresses and ports its file names, and at free ones of this machine where it names none.

Each device gets an address of its own, the mail servers share one. Where only 127.0.0.1 belongs to the machine, as on macOS,
they all share that one and differ by their ports.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from .network.hosts import with_servers
from .specification.fleet import DEVICE_PORT, DeviceSpec, Fleet, MailServerSpec

FIRST = IPv4Address("127.20.0.1")
_ONLY = "127.0.0.1"
# From an address that is in use, on to one that no other fleet has reached.
_STEP = 1024
_BACKLOG = 100


class SimulationError(Exception):
    """The fleet cannot be started; the message is one line."""


@dataclass(frozen=True)
class Placed:
    """A fleet whose addresses and ports are all known, and the sockets that already listen there, by name."""

    fleet: Fleet
    listeners: Mapping[str, socket.socket]

    def close(self) -> None:
        """Close the sockets, also those that a server was given."""
        for listener in self.listeners.values():
            listener.close()


def place(fleet: Fleet, first: IPv4Address = FIRST) -> Placed:
    """Listen for everything in a fleet. `first`: where to begin to look for free addresses.

    Raises SimulationError, with nothing left listening, when an address or port that the fleet names cannot be had.
    """
    free = _FreeAddresses(first)
    listeners: dict[str, socket.socket] = {}
    with ExitStack() as opened:
        for device in fleet.devices:
            listeners[device.name] = opened.enter_context(_device_listener(device, free))
        shared = ""
        for server in fleet.mail_servers:
            listener = opened.enter_context(_server_listener(server, free, shared))
            listeners[server.name] = listener
            if not server.address:
                shared = _place_of(listener)[0]
        opened.pop_all()
    return Placed(_with_places(fleet, listeners), listeners)


def listen(address: str, port: int) -> socket.socket:
    """Return a socket that listens. Port 0 takes a free one. Raises OSError."""
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        if os.name == "posix":  # elsewhere this would allow to take the place of a program that listens
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


class _FreeAddresses:
    """Addresses that nobody uses, one after the other."""

    def __init__(self, first: IPv4Address) -> None:
        self._next = first

    def listen(self, port: int) -> socket.socket | None:
        """Listen at the next address where this port is free. None when there is no such address."""
        while self._next.is_loopback:
            try:
                listener = listen(str(self._next), port)
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    return None
                if error.errno != errno.EADDRINUSE:
                    raise
                self._next += _STEP
            else:
                self._next += 1
                return listener
        return None


def _device_listener(spec: DeviceSpec, free: _FreeAddresses) -> socket.socket:
    if not spec.address:
        listener = free.listen(spec.port or DEVICE_PORT)
        return listener or _listen(spec.name, _ONLY, spec.port)
    if not spec.port:
        try:
            return listen(spec.address, DEVICE_PORT)
        except OSError:
            pass
    return _listen(spec.name, spec.address, spec.port)


def _server_listener(spec: MailServerSpec, free: _FreeAddresses, shared: str) -> socket.socket:
    if spec.address or shared:
        return _listen(spec.name, spec.address or shared, spec.port)
    return free.listen(spec.port) or _listen(spec.name, _ONLY, spec.port)


def _listen(name: str, address: str, port: int) -> socket.socket:
    try:
        return listen(address, port)
    except OSError as error:
        place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        raise SimulationError(f"{name}: cannot listen on {place}: {error.strerror or error}") from None


def _place_of(listener: socket.socket) -> tuple[str, int]:
    address, port = listener.getsockname()[:2]
    return address, port


def _with_places(fleet: Fleet, listeners: Mapping[str, socket.socket]) -> Fleet:
    places = {name: _place_of(listener) for name, listener in listeners.items()}
    servers = {spec.name: "{}:{}".format(*places[spec.name]) for spec in fleet.mail_servers}
    return Fleet(
        devices=tuple(
            replace(
                spec,
                address=places[spec.name][0],
                port=places[spec.name][1],
                hosts=with_servers(spec.hosts, servers),
            )
            for spec in fleet.devices
        ),
        mail_servers=tuple(
            replace(spec, address=places[spec.name][0], port=places[spec.name][1]) for spec in fleet.mail_servers
        ),
    )
