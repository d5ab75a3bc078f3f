# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sniffer: its filter, its text, and packets that agree with the fault that stands for the way."""

from __future__ import annotations

import asyncio
from random import Random
from time import gmtime

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.packets import connections
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.records import run
from ansible_collections.fortiops.mail.simulator.device.jobs import Sniff, Traceroute
from ansible_collections.fortiops.mail.simulator.network.hosts import HostMap
from ansible_collections.fortiops.mail.simulator.network.packets import Interface, Packet, Trail
from ansible_collections.fortiops.mail.simulator.network.ping import TracerouteRun
from ansible_collections.fortiops.mail.simulator.network.sniffer import FilterError, SniffRun, read_filter

from .conftest import NOON, Console

PACKET = Packet(("127.20.0.1", 40000), ("127.20.1.1", 587), "syn", 7)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("none", True),
        ("host 127.20.1.1", True),
        ("host 127.20.1.9", False),
        ("host 127.20.1.1 and tcp port 587", True),
        ("host 127.20.1.1 and tcp port 25", False),
        ("udp", False),
        ("udp port 587", False),
        ("host 127.20.1.1 and (tcp port 25 or icmp)", False),
        ("host 127.20.1.1 and (port 587 or icmp)", True),
        ("port 25 or port 587", True),
    ],
)
def test_a_filter(text: str, matches: bool) -> None:
    assert read_filter(text)(PACKET) is matches


@pytest.mark.parametrize("text", ["host", "port x", "(tcp", "tcp and", "src 1.2.3.4", "tcp tcp"])
def test_a_filter_that_cannot_be_read(text: str) -> None:
    with pytest.raises(FilterError):
        read_filter(text)


def sniffed(job: Sniff, *packets: Packet) -> list[str]:
    async def watch() -> list[str]:
        interface = Interface(lambda: NOON, Random(1), "127.20.0.1")
        sniffer = SniffRun(interface, job, gmtime)
        printed: list[str] = []
        async for lines in sniffer.lines():
            printed += lines
            if lines[0].startswith("interfaces"):
                for packet in packets:
                    interface.show(packet)
                if len(packets) < (job.count or 99):
                    sniffer.stop()
        assert interface.watchers == []
        return printed

    return asyncio.run(asyncio.wait_for(watch(), 5))


def test_what_the_sniffer_prints() -> None:
    assert sniffed(Sniff("any", "tcp", 1, 1, "a"), PACKET) == [
        "interfaces=[any]", "filters=[tcp]",
        "2024-10-11 19:56:20.000000 127.20.0.1.40000 -> 127.20.1.1.587: syn 7 ",
        "1 packets received by filter", "0 packets dropped by kernel",
    ]  # fmt: skip
    assert "port1 out 127.20.0.1.40000" in sniffed(Sniff("any", "", 4, 0), PACKET)[2]
    assert sniffed(Sniff("any", "udp", 1, 0), PACKET)[2:] == [
        "0 packets received by filter",
        "0 packets dropped by kernel",
    ]


def test_the_sniffer_and_traceroute_are_commands(console: Console) -> None:
    console.keys("diagnose sniffer packet any 'host 127.20.1.1 and tcp port 587' 1 10 a\n")
    assert console.jobs == [Sniff("any", "host 127.20.1.1 and tcp port 587", 1, 10, "a")]
    console.keys("\x03")
    assert console.stopped
    console.take(console.engine.finished())
    console.keys("execute traceroute mail.example.com\n")
    assert console.jobs[-1] == Traceroute("mail.example.com")


@pytest.mark.parametrize("line", ["any 'src 1' 1", "any none 3", "any none 1 many", "any none 1 1 a more"])
def test_what_the_sniffer_does_not_take(console: Console, line: str) -> None:
    assert "command parse error before" in console.run(f"diagnose sniffer packet {line}")


def test_name_servers_are_configured_and_shown(console: Console) -> None:
    assert "primary             : 0.0.0.0" in console.run("get system dns")
    assert not console.engine.device.has_name_server
    console.run("config system dns", "set primary 192.0.2.53", "end")
    assert console.engine.device.has_name_server
    assert 'set primary "192.0.2.53"' in console.run("show system dns")


def state_of(fault: str | None, *steps: tuple[str, int]) -> str:
    """What the collection reads from the packets of a connection: `steps` are methods of the trail and bytes."""

    async def make() -> list[str]:
        interface = Interface(lambda: NOON, Random(1), "127.20.0.1", interval=0.005)
        printed: list[Packet] = []
        interface.watchers.append(printed.append)
        trail: Trail = interface.connection(("127.20.1.1", 587), fault)
        for name, size in steps:
            getattr(trail, name)(*[size] if size else [])
        await asyncio.sleep(0.04)
        trail.ended()
        return [
            f"1.0 {each.source[0]}.{each.source[1]} -> {each.target[0]}.{each.target[1]}: {each.text}"
            for each in printed
        ]

    found = run("sniffer_packet", asyncio.run(make()))
    assert all(found.matched)
    (connection,) = connections([{"line": at, **row} for at, row in enumerate(found.rows, 1)], 587)
    return connection.state


@pytest.mark.parametrize(
    ("fault", "steps", "state"),
    [
        (None, [("asked", 0), ("opened", 0), ("received", 40), ("sent", 20), ("received", 3000)], "fine"),
        (None, [("asked", 0)], "unanswered"),
        (None, [("asked", 0), ("refused", 0)], "refused"),
        ("lossy", [("asked", 0), ("opened", 0), ("received", 40), ("sent", 20), ("received", 100)], "recovered"),
        ("asymmetric", [("asked", 0), ("opened", 0)], "stuck"),
        ("asymmetric", [("asked", 0), ("opened", 0), ("sent", 200)], "stuck"),
        ("mtu", [("asked", 0), ("opened", 0), ("received", 40), ("sent", 20), ("lost", 2900)], "stuck"),
    ],
)
def test_the_packets_agree_with_the_fault(fault: str | None, steps: list[tuple[str, int]], state: str) -> None:
    assert state_of(fault, *steps) == state


def test_where_traceroute_ends() -> None:
    async def trace(way: str) -> list[str]:
        return [line async for lines in TracerouteRun(HostMap({"host": way}), "host", 0).lines() for line in lines]

    assert len(asyncio.run(trace("127.0.0.1"))) == 3
    assert asyncio.run(trace("blackhole"))[-1].split() == ["30", "*", "*", "*"]
    assert "unreachable" in asyncio.run(trace("unreachable"))[0]
