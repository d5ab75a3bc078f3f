# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person is shown of some logs, collected from their items: equal sends as one, the devices, the sums. Bounded in memory."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..firmware import Firmware
from ..log.summary import LogSummary, Span

_MOST_DEVICES = 200
_MOST_PATHS = 20
_MOST_NOTES = 10
_MOST_SHAPES = 5
# Lines that name a mail server, kept until the send they belong to is over.
_MOST_MENTIONS = 5000
_SERVER = re.compile(
    r"\b(?:connect(?:ing|ed|ion)? (?:to|with)|server|host|resolve)\W{1,3}(?P<host>[A-Za-z0-9][\w.-]*[\w])(?:\s*\([\d.]+\))?"
    r"(?:(?::|,? port[ =:]+)(?P<port>\d{1,5}))?\b",
    re.IGNORECASE,
)
_PRODUCTS = {"FAZ": "FortiAnalyzer", "FMG": "FortiManager"}


@dataclass
class EqualSends:
    """Sends with the same outcome, stage and cause: the verdict on the first of them, and what differs.

    span: how many, and when. path, line: of the first. last_line: of the last. devices, servers, entries of the mail table: how often each.
    """

    verdict: Mapping[str, Any]
    send: Mapping[str, Any]
    path: str
    number: int
    span: Span = field(default_factory=Span)
    last_line: int = 0
    devices: Counter[str] = field(default_factory=Counter)
    servers: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)

    @property
    def line(self) -> int:
        line: int = self.verdict["line"]
        return line


class SendGroups:
    """Equal sends, in the order in which the first of them came."""

    def __init__(self) -> None:
        self.count = 0
        self._groups: dict[tuple[str, str, str], EqualSends] = {}

    def add(
        self, verdict: Mapping[str, Any], send: Mapping[str, Any], path: str, entry: str = "", server: str = ""
    ) -> None:
        """Take in a send with its verdict, and the entry of the mail table and the mail server if they are known."""
        self.count += 1
        key = (verdict["outcome"], verdict["stage"], verdict["cause"])
        if key not in self._groups:
            self._groups[key] = EqualSends(verdict, send, path, self.count)
        group = self._groups[key]
        start = send["start"] or ""
        group.span.add(1, start, start)
        group.last_line = send["line"]
        for counter, name in ((group.devices, send["device"]), (group.servers, server), (group.entries, entry)):
            if name in counter or len(counter) < _MOST_DEVICES:
                counter[name] += 1

    def __iter__(self) -> Iterator[EqualSends]:
        return iter(self._groups.values())

    def most_first(self) -> list[EqualSends]:
        """Return the groups, those with the most sends first."""
        return sorted(self, key=lambda group: -group.span.sends)


@dataclass
class SeenDevice:
    """What a log says of a device, "" for what it does not say."""

    product: str = ""
    firmware: str = ""
    serial: str = ""


class CollectedLogs:
    """Some logs, made from their items as they come."""

    def __init__(self) -> None:
        self.summary = LogSummary()
        self.groups = SendGroups()
        self.devices: dict[str, SeenDevice] = {}
        self.files: list[tuple[str, str]] = []  # name and status
        self.unread: list[tuple[str, str]] = []  # what could not be opened, and why
        self.notes: list[tuple[str, Mapping[str, Any]]] = []
        self.paths: list[tuple[str, Mapping[str, Any]]] = []
        self.shapes: list[tuple[str, Mapping[str, Any]]] = []
        self.captured = ("", "")  # when the first capture began and the last one ended, in UTC
        self._verdict: Mapping[str, Any] = {}
        self._entries: dict[str, str] = {}
        self._mentions: deque[tuple[int, str]] = deque(maxlen=_MOST_MENTIONS)

    def add(self, path: str, item: tuple[str, Mapping[str, Any]]) -> None:
        """Take in the next item of a file."""
        kind, data = item
        self.summary.add((kind, data))
        if kind == "verdict":
            self._verdict = data
        elif kind == "send":
            self.groups.add(self._verdict, data, path, *self._server_of(data))
        elif kind == "record":
            self._record(data)
        elif kind == "note" and len(self.notes) < _MOST_NOTES:
            self.notes.append((path, data))
        elif kind == "path" and len(self.paths) < _MOST_PATHS:
            self.paths.append((path, data))
        elif kind == "summary":
            self.files.append((path, data["status"]))
            room = _MOST_SHAPES - len(self.shapes)
            self.shapes += [(path, shape) for shape in data["unmatched_shapes"][:room]]
            self._mentions.clear()
            self._entries.clear()

    def header(self, fields: Mapping[str, str]) -> None:
        """Take in the header of a capture: device, firmware, identity, start and end, as far as they are there."""
        name = fields.get("device", "")
        product, __, version = fields.get("firmware", "").partition(" ")
        identity = fields.get("identity", "")
        if name in self.devices or len(self.devices) < _MOST_DEVICES:
            # Where a device tells no serial number, it is known by its host key.
            self.devices[name] = SeenDevice(product, version, "" if identity.startswith("SHA256:") else identity)
        first, last = self.captured
        start, end = (fields.get(each, "").removesuffix("Z") for each in ("start", "end"))
        self.captured = (min(filter(None, (first, start)), default=""), max(last, end))

    def seen(self, name: str) -> SeenDevice:
        """Return what is known of a device by the name in its prompt, which is cut where it is long."""
        if name.endswith("~"):
            return next((each for full, each in self.devices.items() if full.startswith(name[:-1])), SeenDevice())
        if not name and len(self.devices) == 1:
            return next(iter(self.devices.values()))
        return self.devices.get(name, SeenDevice())

    def _record(self, record: Mapping[str, Any]) -> None:
        template = record["template"]
        if template == "system_status":
            self._status(record)
        elif template == "show_system_mail" and record.get("server"):
            server = f"{record['server']}:{record['port']}" if record.get("port") else str(record["server"])
            if record.get("id") in self._entries or len(self._entries) < _MOST_DEVICES:
                self._entries[str(record.get("id"))] = server
        elif (text := record.get("text")) and (named := _SERVER.search(str(text))) and "." in named["host"]:
            self._mentions.append(
                (record["line"], f"{named['host']}:{named['port']}" if named["port"] else named["host"])
            )

    def _status(self, record: Mapping[str, Any]) -> None:
        name = str(record.get("hostname", ""))
        platform = str(record.get("platform_type", ""))
        version = str(record.get("version", ""))
        if name not in self.devices and len(self.devices) >= _MOST_DEVICES:
            return
        product = _PRODUCTS.get(platform[:3].upper(), platform)
        try:
            firmware = Firmware.from_status(f"{product}-", version, platform)
            version = firmware.version_text + (f" (build {firmware.build})" if firmware.build else "")
        except ValueError:
            pass  # it is shown as the device wrote it
        self.devices[name] = SeenDevice(product, version, str(record.get("serial_number", "")))

    def _server_of(self, send: Mapping[str, Any]) -> tuple[str, str]:
        """Return the entry of the mail table and the mail server of a send: what its lines name, else the only entry."""
        named = [server for line, server in self._mentions if send["line"] <= line <= send["last_line"]]
        for entry, server in self._entries.items():
            if server.partition(":")[0] in {each.partition(":")[0] for each in named}:
                return entry, server  # the entry also has the port
        if named:
            return "", named[0]
        return next(iter(self._entries.items())) if len(self._entries) == 1 else ("", "")
