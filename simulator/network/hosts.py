# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device's view of the network: names and ports, mapped to listeners on loopback or to faults.

Nothing outside 127.0.0.0/8 is ever contacted: a target that is neither in the map nor a loopback address does not exist
(a name) or cannot be reached (an address).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Fault = Literal[
    "unreachable", "blackhole", "filtered", "refused", "asymmetric", "nxdomain", "dns-timeout", "lossy", "mtu"
]  # fmt: skip
FAULTS: tuple[Fault, ...] = (
    "unreachable", "blackhole", "filtered", "refused", "asymmetric", "nxdomain", "dns-timeout"
)  # fmt: skip
# Faults of a way at whose end there is a server all the same.
WAY_FAULTS: tuple[Fault, ...] = ("lossy", "mtu")

# Addresses for documentation (RFC 5737): what a name "has" when the way to it is broken.
_DISPLAY = "192.0.2.25"


class HostMapError(ValueError):
    """An entry of the host map is neither a loopback address nor the name of a fault."""


@dataclass(frozen=True)
class Place:
    """Where a server is: an address and a port to connect to, or a fault with the address that is shown for it."""

    address: str
    port: int
    fault: Fault | None = None


_NO_NAME_SERVER = Place("", 0, "dns-timeout")


class HostMap:
    """Map `name:port` or `name` to `127.x.y.z:port`, to `127.x.y.z` (same port), or to the name of a fault.

    Behind an address, `lossy` or `mtu` says that the way there is bad. resolves: whether the device can ask a name server
    at all. Raises HostMapError for any other value.
    """

    def __init__(self, entries: Mapping[str, str], resolves: Callable[[], bool] = lambda: True) -> None:
        self._places = {key: _place(value) for key, value in entries.items()}
        self._resolves = resolves

    def find(self, name: str, port: int) -> Place:
        """Return where a connection to this server and port goes."""
        if self._asks_in_vain(name):
            return _NO_NAME_SERVER
        place = self._places.get(f"{name}:{port}") or self._places.get(name)
        if place is None:
            return _literal(name, port)
        if place.fault is None or place.fault in WAY_FAULTS:
            return Place(place.address, place.port or port, place.fault)
        return place

    def resolve(self, name: str) -> Place:
        """Return where a host is, for ping: by its own entry, or else by any of its ports."""
        if self._asks_in_vain(name):
            return _NO_NAME_SERVER
        if name in self._places:
            return self._places[name]
        for key, place in self._places.items():
            if key.rpartition(":")[0] == name:
                return place
        return _literal(name, 0)

    def _asks_in_vain(self, name: str) -> bool:
        return not self._resolves() and _literal(name, 0).fault == "nxdomain"


def with_servers(entries: Mapping[str, str], servers: Mapping[str, str]) -> dict[str, str]:
    """Return the entries with `127.x.y.z:port` where they name a mail server. `servers`: where each mail server listens."""
    return {key: _at_server(value, servers) for key, value in entries.items()}


def _at_server(value: str, servers: Mapping[str, str]) -> str:
    name, blank, way = value.partition(" ")
    return servers.get(name, name) + blank + way


def _place(value: str) -> Place:
    for fault in FAULTS:
        if value == fault:
            return Place(_DISPLAY, 0, fault)
    where, __, word = value.partition(" ")
    address, __, port = where.partition(":")
    way = next((fault for fault in WAY_FAULTS if fault == word), None)
    good = _is_loopback(address) and (port == "" or (port.isdigit() and 0 < int(port) < 65536))
    if not good or (word and way is None):
        raise HostMapError(
            f"{value!r} is neither the name of a mail server, 127.x.y.z:port, 127.x.y.z (with {' or '.join(WAY_FAULTS)} behind it, if the way is bad) "
            f"nor one of {', '.join(FAULTS)}"
        )
    return Place(address, int(port or 0), way)


def _literal(name: str, port: int) -> Place:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return Place("", 0, "nxdomain")
    return Place(name, port) if _is_loopback(name) else Place(name, 0, "unreachable")


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.IPv4Address(text) in ipaddress.IPv4Network("127.0.0.0/8")
    except ValueError:
        return False
