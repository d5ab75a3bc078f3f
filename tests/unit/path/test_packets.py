# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a connection, from the lines of the sniffer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.packets import TcpConnection, all_ended, connections
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.records import run

CLIENT, SERVER = "192.0.2.7.44500", "192.0.2.25.587"
OPENING = ("> syn 100", "< syn 900 ack 101", "> ack 901")
GREETING = ("< psh 901 ack 101", "> ack 948", "> psh 101 ack 948", "< ack 118", "< psh 948 ack 118", "> ack 1040")


def printed(*packets: str, gap: float = 0.1) -> list[str]:
    """What the sniffer prints of these packets: `> syn 1` is sent by the client, `< ...` by the server."""
    return [
        f"{number * gap:.6f} {CLIENT if packet[0] == '>' else SERVER} -> {SERVER if packet[0] == '>' else CLIENT}: {packet[2:]} "
        for number, packet in enumerate(packets)
    ]


def watched(*packets: str, gap: float = 0.1) -> list[TcpConnection]:
    """The connections in these packets."""
    lines = printed(*packets, gap=gap)
    found = run("sniffer_packet", lines)
    assert all(found.matched)
    records = [{"line": at + 1, **row} for at, row in zip(found.positions, found.rows, strict=True)]
    return connections(records, 587)


def the_one(*packets: str, gap: float = 0.1) -> TcpConnection:
    (connection,) = watched(*packets, gap=gap)
    return connection


@pytest.mark.parametrize(
    ("packets", "state"),
    [
        (("> syn 100",), "unanswered"),
        (("> syn 100", "> syn 100", "> syn 100"), "unanswered"),
        (("> syn 100", "< rst 0"), "refused"),
        (("> syn 100", "> syn 100", "< rst 0"), "refused"),
        ((*OPENING, *GREETING), "fine"),
        ((*OPENING, *GREETING, "< rst 1040"), "reset"),
        ((*OPENING, "< syn 900 ack 101", "> ack 901", "< syn 900 ack 101", "> ack 901"), "stuck"),
        ((*OPENING, "< syn 900 ack 101", "> ack 901", *GREETING), "recovered"),
        ((*OPENING, "< psh 901 ack 101", "> ack 948", "< psh 901 ack 101", "> ack 948"), "stuck"),
        ((*OPENING, *GREETING, "> psh 118 ack 1040", "> psh 118 ack 1040", "> fin 150 ack 1040"), "stuck"),
        ((*OPENING, *GREETING, "> psh 118 ack 1040", "> psh 118 ack 1040", "< ack 150"), "recovered"),
        ((*OPENING, *GREETING, "> psh 118 ack 1040", "> psh 118 ack 1040", "< rst 1040"), "stuck"),
    ],
)
def test_what_became_of_a_connection(packets: tuple[str, ...], state: str) -> None:
    assert the_one(*packets).state == state


@pytest.mark.parametrize(
    ("packets", "ended"),
    [
        ((), False),
        (("> syn 100",), False),
        (("> syn 100", "< rst 0"), True),
        ((*OPENING, *GREETING), False),
        ((*OPENING, *GREETING, "> fin 118 ack 1040"), True),
        ((*OPENING, *GREETING, "< rst 1040"), True),
    ],
)
def test_a_watch_is_over_when_each_connection_has_ended(packets: tuple[str, ...], ended: bool) -> None:
    begun = printed(*OPENING)[0].replace("44500", "44501")
    text = "\n".join(printed(*packets))

    assert all_ended(text) == ended
    assert not all_ended(f"{text}\n{begun}")


def test_repetitions_are_counted_by_number_and_not_by_time() -> None:
    packets = (*OPENING, "< syn 900 ack 101", "< syn 900 ack 101", "> psh 101 ack 901", "> psh 101 ack 901")
    facts = [the_one(*packets, gap=gap).facts() for gap in (0.000001, 1.0, 60.0)]
    assert facts[0]["repeated"] == {"client": 1, "server": 2}
    assert facts[0] == facts[1] == facts[2]


def test_acknowledgements_alone_prove_no_repetition() -> None:
    connection = the_one(*OPENING, *GREETING, "> ack 1040", "> ack 1040", "> ack 1040")
    assert connection.state == "fine"
    assert connection.facts()["duplicate_acks"]["client"] == 3


def test_the_same_packet_on_two_interfaces_is_one_packet() -> None:
    lines = [
        f"0.1 port1 out {CLIENT} -> {SERVER}: syn 5",
        f"0.1 aggregate1 out {CLIENT} -> {SERVER}: syn 5",
        f"0.2 port1 in {SERVER} -> {CLIENT}: syn 9 ack 6",
        f"0.2 aggregate1 in {SERVER} -> {CLIENT}: syn 9 ack 6",
    ]
    found = run("sniffer_packet", lines)
    records = [{"line": at + 1, **row} for at, row in zip(found.positions, found.rows, strict=True)]
    (connection,) = connections(records, 587)
    assert connection.state == "fine"


def test_sizes_come_from_the_numbers() -> None:
    facts = the_one(*OPENING, *GREETING).facts()
    assert (facts["largest_answered"], facts["missing"]) == (1040 - 948, 0)


def test_bytes_that_never_came_are_measured_by_what_came_behind_them() -> None:
    facts = the_one(*OPENING, *GREETING, "< psh 3960 ack 118", "> ack 1040", "< psh 3960 ack 118").facts()
    assert facts["missing"] == 3960 - 1040


def test_a_hole_that_stays_is_the_end_even_if_nothing_is_seen_twice() -> None:
    hole = ("< psh 3960 ack 118", "> ack 1040")
    assert the_one(*OPENING, *GREETING, *hole).state == "fine"
    assert the_one(*OPENING, *GREETING, *hole, "> ack 1040").state == "stuck"
    assert the_one(*OPENING, *GREETING, *hole, "> ack 1040", "> ack 4000").state == "fine"


def test_sequence_numbers_wrap_around() -> None:
    top = 2**32
    packets = (f"> syn {top - 3}", f"< syn {top - 1} ack {top - 2}", "> ack 0", f"> psh {top - 2} ack 0", "< ack 40")
    connection = the_one(*packets)
    assert connection.state == "fine"
    assert connection.facts()["largest_answered"] == 42


def test_a_second_attempt_from_the_same_port_is_another_connection() -> None:
    first, second = watched("> syn 100", "> syn 100", "> syn 777", "< rst 0")
    assert (first.state, second.state) == ("unanswered", "refused")


def test_other_ports_and_protocols_are_left_out() -> None:
    lines = [
        f"0.1 {CLIENT} -> 192.0.2.25.25: syn 1",
        "0.2 192.0.2.7.1 -> 192.0.2.25.587: udp 12",
        "0.3 192.0.2.1 -> 192.0.2.7: icmp: echo request",
    ]
    found = run("sniffer_packet", lines)
    assert connections([{"line": 1, **row} for row in found.rows], 587) == []


@pytest.mark.parametrize("command", ["", "FAZ # diagnose sniffer packet any 'tcp port 587' 1 10 a\n"])
def test_saved_packets_become_records_and_never_a_verdict(command: str) -> None:
    sample = Path(__file__).parents[2] / "samples" / "sniffer_packet" / "syn_repeated.raw"
    log = analyse(command + sample.read_text(encoding="utf-8"))
    assert (log["status"], log["verdicts"]) == ("complete", [])
    assert [record["sequence"] for record in log["records"]] == [3173810743, 3173810743]


def test_no_mixture_of_packets_raises() -> None:
    dice = random.Random(5)
    for __ in range(300):
        flags = ["syn {0}", "syn {0} ack {1}", "ack {1}", "psh {0} ack {1}", "fin {0} ack {1}", "rst {0}"]
        packets = [
            f"{dice.choice('<>')} {dice.choice(flags).format(dice.choice([0, 1, 2**31, 2**32 - 1]), dice.randrange(2**32))}"
            for __ in range(12)
        ]
        for connection in watched(*packets):
            facts = connection.facts()
            assert facts["missing"] >= 0 <= facts["largest_answered"]
