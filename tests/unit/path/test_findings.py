# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a capture of the path to a mail server means: from its text to findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.examine import examine
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.findings import FAILURE, HINT, findings
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes, stages
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parents[3] / "plugins" / "plugin_utils" / "schemas" / "path.json"
ANSWERED = """\
PING mail.example.com (192.0.2.25) 56(84) bytes of data.
64 bytes from 192.0.2.25: icmp_seq=1 ttl=64 time=0.031 ms

--- mail.example.com ping statistics ---
5 packets transmitted, 5 received, 0% packet loss, time 80ms
"""
HALF = ANSWERED.replace("5 received, 0%", "3 received, 40%")
LOST = ANSWERED.replace("5 received, 0%", "0 received, 100%")
DNS = "primary             : 192.0.2.53\nsecondary           : 0.0.0.0\n"
NO_DNS = "primary             : 0.0.0.0\nsecondary           : 0.0.0.0\n"
SYN = "1.0 192.0.2.7.44500 -> 192.0.2.25.587: syn 100\n"
OPENING = SYN + (
    "1.1 192.0.2.25.587 -> 192.0.2.7.44500: syn 900 ack 101\n1.2 192.0.2.7.44500 -> 192.0.2.25.587: ack 901\n"
)
AGAIN = "2.1 192.0.2.25.587 -> 192.0.2.7.44500: syn 900 ack 101\n2.2 192.0.2.7.44500 -> 192.0.2.25.587: ack 901\n"
GREETING = "1.3 192.0.2.25.587 -> 192.0.2.7.44500: psh 901 ack 101\n1.4 192.0.2.7.44500 -> 192.0.2.25.587: ack 948\n"
LARGE = "1.5 192.0.2.25.587 -> 192.0.2.7.44500: psh 3868 ack 101\n1.6 192.0.2.7.44500 -> 192.0.2.25.587: ack 948\n"


def capture(ping: str = ANSWERED, packets: str | None = None, dns: str = DNS, route: str = "") -> str:
    text = f"FAZ # get system dns\n{dns}\nFAZ # execute ping mail.example.com\n{ping}\n"
    if route:
        text += f"FAZ # execute traceroute mail.example.com\n{route}\n"
    if packets is not None:
        text += (
            "FAZ # diagnose sniffer packet any 'host 192.0.2.25 and tcp port 587' 1 200 a\ninterfaces=[any]\n"
            f"filters=[host 192.0.2.25 and tcp port 587]\n{packets}\n"
            'FAZ # diagnose test connection mailserver "relay"\nFailed to send test mail: Connection timed out\n'
        )
    return text


def look(text: str, host: str, port: int, entry_id: str = "") -> dict[str, Any]:
    return examine(text, analyse(text), host, port, entry_id)


def examined(text: str) -> dict[str, Any]:
    path = look(text, "mail.example.com", 587, "relay")
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(path)
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (capture(), []),
        (capture(packets=OPENING + GREETING), []),
        (capture(ping="ping: unknown host mail.example.com\n"), ["name_not_found"]),
        (capture(ping="ping: unknown host mail.example.com\n", dns=NO_DNS), ["no_dns_server"]),
        (capture(ping="ping: mail.example.com: Temporary failure in name resolution\n"), ["name_servers_silent"]),
        (capture(ping="connect: Network is unreachable\n"), ["no_route"]),
        (capture(ping="something nobody has seen\n"), []),
        (capture(ping=LOST), ["ping_lost"]),
        (capture(ping=LOST, route=" 1  192.0.2.1  0.4 ms !X  0.3 ms !X\n"), ["route_rejected"]),
        (capture(ping=HALF), ["some_packets_lost"]),
        (capture(packets=""), ["nothing_sent"]),
        (capture(packets=SYN * 4), ["syn_unanswered"]),
        (capture(ping=LOST, packets=SYN * 4), ["ping_lost", "syn_unanswered"]),
        (capture(packets=SYN + "1.1 192.0.2.25.587 -> 192.0.2.7.44500: rst 0\n"), ["reset"]),
        (capture(packets=OPENING + AGAIN * 3), ["asymmetric_route"]),
        (capture(ping=HALF, packets=OPENING + AGAIN * 3), ["some_packets_lost", "packets_lost"]),
        (capture(packets=OPENING + AGAIN + GREETING), ["some_packets_lost"]),
        (capture(packets=OPENING + GREETING + LARGE * 3), ["mtu_black_hole"]),
        (capture(packets=OPENING + GREETING + "1.9 192.0.2.25.587 -> 192.0.2.7.44500: rst 948\n"), ["reset_later"]),
    ],
)  # fmt: skip
def test_what_a_capture_means(text: str, expected: list[str]) -> None:
    assert [each["finding"] for each in examined(text)["findings"]] == expected


def test_an_address_needs_no_name_server() -> None:
    text = capture(ping=ANSWERED.replace("mail.example.com", "192.0.2.25"), dns=NO_DNS)
    assert look(text, "192.0.2.25", 25)["findings"] == []


def test_evidence_is_the_lines_of_the_capture() -> None:
    text = capture(packets=OPENING + AGAIN * 2)
    (finding,) = examined(text)["findings"]
    lines = text.splitlines()
    assert [lines[each["line"] - 1] for each in finding["evidence"]] == [each["text"] for each in finding["evidence"]]
    assert {each["source"] for each in finding["evidence"]} == {"sniffer_packet"}
    assert len(finding["evidence"]) == 2


def test_a_refused_sniffer_is_no_proof_that_nothing_was_sent() -> None:
    text = capture(packets="").replace(
        "interfaces=[any]\nfilters=[host 192.0.2.25 and tcp port 587]", "Unknown action 0"
    )
    path = examined(text)
    assert (path["packets"], path["findings"]) == (None, [])


def test_one_connection_that_works_excuses_another_address_that_does_not_answer() -> None:
    dead = SYN.replace("192.0.2.25", "192.0.2.26").replace("44500", "44499") * 3
    assert examined(capture(packets=dead + OPENING + GREETING))["findings"] == []


def test_a_flood_of_repetitions_does_not_flood_the_result() -> None:
    (finding,) = examined(capture(packets=SYN * 5000))["findings"]
    assert 1 < len(finding["evidence"]) <= 20


def test_a_garbled_capture_claims_nothing() -> None:
    assert look("\x00\x1b[2J garbage\n" * 50, "mail.example.com", 25)["findings"] == []
    assert look("", "mail.example.com", 25)["findings"] == []


@pytest.mark.parametrize("name", list(findings()))
def test_every_finding_can_be_acted_upon(name: str) -> None:
    row = findings()[name]
    assert row["severity"] in (FAILURE, HINT)
    assert row["stage"] in stages()
    assert row["owner"] in ("device admin", "network team", "mail admin", "DNS admin")
    assert not row["cause"] or row["cause"] in causes()
    assert set(row["explains"]) <= set(causes())
    assert row["explanation"].endswith(".")
    assert row["remedy"]
    assert all(step.get("advice") or step["cli"] for step in row["remedy"])


def test_the_page_about_the_way_lists_every_finding_as_it_is() -> None:
    page = (Path(__file__).parents[3] / "docs" / "path.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| `")
    ]
    assert [(name, severity, cause, owner) for name, __, severity, cause, owner in rows] == [
        (name, row["severity"], row["cause"] or "-", row["owner"]) for name, row in findings().items()
    ]
