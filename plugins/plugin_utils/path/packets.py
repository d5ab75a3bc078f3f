# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From single packets to connections, and what became of each. Pure functions of the records of `sniffer_packet`.

The sniffer has no word for a packet that is sent again, and at the levels that show no payload it prints no lengths. So what
is counted is what is certain: the same two ends, the same side, the same kind and the same sequence number once more.
How long it took says nothing: systems differ in when they try again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypedDict

CLIENT, SERVER = "client", "server"

# What became of a connection.
UNANSWERED, REFUSED, RESET, STUCK, RECOVERED, FINE = "unanswered", "refused", "reset", "stuck", "recovered", "fine"

_NUMBERS = 1 << 32
_BORDER = re.compile(r" (\S+) -> (\S+): (syn|fin|rst)\b")

Record = Mapping[str, Any]
End = tuple[str, int]


class BothSides(TypedDict):
    """A number for each end of a connection."""

    client: int
    server: int


class ConnectionFacts(TypedDict):
    """A connection as schemas/path.json has it."""

    client: str
    client_port: int
    server: str
    server_port: int
    state: str
    packets: int
    syn: int
    syn_ack: int
    resets: int
    segments: BothSides
    repeated: BothSides
    duplicate_acks: BothSides
    largest_answered: int
    missing: int


@dataclass
class _Side:
    """What one end has sent. Numbers are relative to its first one, as TCP's wrap around."""

    base: int | None = None
    starts: set[int] = field(default_factory=set)  # where segments with data, and the end, begin
    answered: set[int] = field(default_factory=set)  # up to where the other end has confirmed
    highest: int = 0  # of the starts
    confirmed: int = 0  # highest of the answered
    segments: int = 0
    repeated: list[int] = field(default_factory=list)  # line numbers of what was sent again
    duplicate_acks: int = 0
    uncovered: list[int] = field(default_factory=list)  # lines in which the other end confirms less than it has seen

    def relative(self, number: int) -> int:
        if self.base is None:
            self.base = number
        return (number - self.base) % _NUMBERS

    def largest_answered(self) -> int:
        """The most bytes between two numbers that were confirmed; 0 when no data was."""
        # The first number is that of the beginning itself, which is no data.
        ends = sorted({1} | {each for each in self.starts | self.answered if 1 < each <= self.confirmed})
        return max((later - earlier for earlier, later in pairwise(ends)), default=0)

    def confirm(self, number: int, line: int) -> None:
        """The other end confirms up to this number."""
        if self.base is None or (relative := self.relative(number)) >= _NUMBERS >> 1:
            return
        self.answered.add(relative)
        self.confirmed = max(self.confirmed, relative)
        if self.missing():
            self.uncovered.append(line)
        else:
            self.uncovered.clear()

    @property
    def has_hole(self) -> bool:
        """Whether the other end says more than once that something before what it has seen never came."""
        return len(self.uncovered) > 1

    def missing(self) -> int:
        """The bytes in front of something later that was sent, and seen, but never confirmed; 0 when that is not known."""
        if self.highest <= self.confirmed or not self.confirmed:
            return 0
        return min(each for each in self.starts if each > self.confirmed) - self.confirmed


@dataclass
class TcpConnection:
    """One connection: who opened it to whom, and all of its packets."""

    client: End
    server: End
    packets: int = 0
    syn: int = 0
    syn_ack: int = 0
    resets: dict[str, list[int]] = field(default_factory=lambda: {CLIENT: [], SERVER: []})
    sides: dict[str, _Side] = field(default_factory=lambda: {CLIENT: _Side(), SERVER: _Side()})
    syn_lines: list[int] = field(default_factory=list)
    _seen: set[tuple[Any, ...]] = field(default_factory=set)
    _progress: bool = True  # the server has said something new since the last repetition

    def add(self, packet: Record) -> None:
        """Take the next packet of this connection."""
        self.packets += 1
        sender = CLIENT if (packet["source"], packet["source_port"]) == self.client else SERVER
        side, other = self.sides[sender], self.sides[SERVER if sender == CLIENT else CLIENT]
        flag = packet.get("flag", "")
        again = self._again(sender, packet)
        if "sequence" in packet and flag != "rst":
            start = side.relative(packet["sequence"])
            if flag == "syn":
                self._opening(packet)
            else:
                side.starts.add(start)
                side.highest = max(side.highest, start)
            side.segments += flag == "psh"
            if again and flag in ("syn", "psh"):
                side.repeated.append(packet["line"])
                self._progress = False
        if flag == "rst":
            self.resets[sender].append(packet["line"])
        elif "acknowledged" in packet:
            other.confirm(packet["acknowledged"], packet["line"])
        if again and not flag:
            side.duplicate_acks += 1
        if sender == SERVER and not again and flag not in ("fin", "rst"):
            self._progress = True

    def _opening(self, packet: Record) -> None:
        if "acknowledged" in packet:
            self.syn_ack += 1
        else:
            self.syn += 1
        self.syn_lines.append(packet["line"])

    def _again(self, sender: str, packet: Record) -> bool:
        """Return whether this packet was sent before. Seen on another interface it is the same packet, on its way."""
        kind = (packet.get("flag", ""), packet.get("sequence"), packet.get("acknowledged"))
        if packet.get("flag") in ("syn", "psh"):
            kind = (*kind[:2], None)  # it may confirm more the second time
        key = (sender, packet.get("interface"), packet.get("direction"), *kind)
        again = key in self._seen
        self._seen.add(key)
        return again

    @property
    def state(self) -> str:
        """One of the words above."""
        if not self.syn_ack and not self.sides[SERVER].segments:
            return REFUSED if self.resets[SERVER] else UNANSWERED
        if (self.repeated_lines and not self._progress) or any(side.has_hole for side in self.sides.values()):
            return STUCK
        if self.resets[SERVER]:
            return RESET
        return RECOVERED if self.repeated_lines else FINE

    @property
    def repeated_lines(self) -> list[int]:
        """Numbers of the lines that show something once more."""
        return sorted(self.sides[CLIENT].repeated + self.sides[SERVER].repeated)

    @property
    def stuck_lines(self) -> list[int]:
        """Numbers of the lines that show that it does not go on."""
        holes = [line for side in self.sides.values() if side.has_hole for line in side.uncovered]
        return sorted({*self.repeated_lines, *holes})

    @property
    def reset_lines(self) -> list[int]:
        return self.resets[SERVER]

    def facts(self) -> ConnectionFacts:
        """Return what schemas/path.json calls a connection."""
        client, server = self.sides[CLIENT], self.sides[SERVER]
        return {
            "client": self.client[0],
            "client_port": self.client[1],
            "server": self.server[0],
            "server_port": self.server[1],
            "state": self.state,
            "packets": self.packets,
            "syn": self.syn,
            "syn_ack": self.syn_ack,
            "resets": len(self.resets[SERVER]),
            "segments": {"client": client.segments, "server": server.segments},
            "repeated": {"client": len(client.repeated), "server": len(server.repeated)},
            "duplicate_acks": {"client": client.duplicate_acks, "server": server.duplicate_acks},
            "largest_answered": max(client.largest_answered(), server.largest_answered()),
            "missing": max(client.missing(), server.missing()),
        }


def all_ended(text: str) -> bool:
    """Return whether the printed packets show connections, and the end of each: it was closed, or reset."""
    opened: set[frozenset[str]] = set()
    ended: set[frozenset[str]] = set()
    for source, target, flag in _BORDER.findall(text):
        (opened if flag == "syn" else ended).add(frozenset((source, target)))
    return bool(opened) and opened <= ended


def connections(records: Iterable[Record], port: int) -> list[TcpConnection]:
    """Return the connections to a TCP port in the order in which they begin.

    records: those of the template `sniffer_packet`, each with its `line`. What is no TCP, or to another port, is left out.
    A new SYN with another number between the same ends begins another connection.
    """
    open_ones: dict[tuple[End, End], TcpConnection] = {}
    found: list[TcpConnection] = []
    for packet in records:
        if "source_port" not in packet or "udp_length" in packet:
            continue
        source, target = (packet["source"], packet["source_port"]), (packet["target"], packet["target_port"])
        if target[1] == port:
            ends = (source, target)
        elif source[1] == port:
            ends = (target, source)
        else:
            continue
        known = open_ones.get(ends)
        if known is None or _begins_anew(known, packet):
            known = open_ones[ends] = TcpConnection(*ends)
            found.append(known)
        known.add(packet)
    return found


def _begins_anew(known: TcpConnection, packet: Record) -> bool:
    first = packet.get("flag") == "syn" and "acknowledged" not in packet
    return first and known.sides[CLIENT].base != packet["sequence"]
