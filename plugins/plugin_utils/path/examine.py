# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the capture of a path check to its facts: one pure function, the same for a live run and a saved file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from ..log.products import other_remedy
from ..smtp.knowledge import causes
from ..smtp.verdict import EvidenceLine, Verdict
from ..templates.find import weakest_grade
from ..terminal.clean import lines as lines_of
from ..terminal.prompts import split
from .findings import Seen, find, findings, name_servers
from .packets import ConnectionFacts, connections

SCHEMA = "fortiops.mail/path/1"

# A flood of repetitions proves no more than a few of them.
_EVIDENCE = 20


class PathTarget(TypedDict):
    """The mail server that a path check is about."""

    id: str
    host: str
    port: int
    address: str


class PathFinding(TypedDict):
    """A row of findings.yml that holds, with the lines that show it. grade: how the form of these lines is known."""

    finding: str
    cause: str | None
    stage: str
    severity: str
    owner: str
    temporary: bool | None
    explanation: str
    remedy: list[dict[str, str]]
    evidence: list[EvidenceLine]
    grade: str


class MailPath(TypedDict):
    """The path from a device to a mail server as schemas/path.json has it."""

    schema: str
    target: PathTarget
    dns: dict[str, Any] | None
    lookup: dict[str, Any] | None
    ping: dict[str, Any] | None
    route: list[dict[str, Any]]
    packets: int | None
    connections: list[ConnectionFacts]
    verdict: Verdict | None
    findings: list[PathFinding]


def examine(text: str, log: Mapping[str, Any], host: str, port: int, entry_id: str = "") -> MailPath:
    """Return what the capture of a path check shows of the path to a mail server; the form is schemas/path.json.

    log: the analysis of that text. host, port: the mail server as the device is configured. entry_id: its entry in the
    mail table, "" if it has none.
    """
    shown = dict(enumerate((split(line).text for line in lines_of(text)), 1))
    # A device that refuses the sniffer shows no packets either, which means nothing then.
    watched = any(line.startswith("filters=[") for line in shown.values())
    tested = any(split(line).command.startswith("diagnose test connection") for line in lines_of(text))
    verdict = log["verdicts"][-1] if log["verdicts"] else None
    return path_of(log["records"], shown, host, port, entry_id, watched, tested, verdict)


def path_of(
    records: Sequence[dict[str, Any]],
    shown: Mapping[int, str],
    host: str,
    port: int,
    entry_id: str = "",
    watched: bool = False,
    tested: bool = False,
    verdict: Verdict | None = None,
) -> MailPath:
    """Return what records show of the path to a mail server.

    shown: the lines they were read from, by their number. watched, tested: the sniffer ran, and a test was made meanwhile.
    """
    dns, ping = _last(records, "system_dns"), _last(records, "ping")
    lookups = [each for each in records if each["template"] == "nslookup"]
    route = [each for each in records if each["template"] == "traceroute"]
    packets = [each for each in records if each["template"] == "sniffer_packet"]
    watched = watched or bool(packets)
    found = connections(packets, port)
    seen = Seen(
        host, dns, lookups, ping, [each for each in route if "hop" in each], found, attempted=watched and tested
    )
    resolved = [each["address"] for each in (*([ping] if ping else []), *lookups) if "address" in each]
    address = str(resolved[0]) if resolved else ""
    known = {"id": entry_id, "server": host, "port": str(port), "address": address or host}
    return {
        "schema": SCHEMA,
        "target": {"id": entry_id, "host": host, "port": port, "address": address},
        "dns": {"servers": name_servers(dns)} if dns else None,
        "lookup": _lookup(lookups) if lookups else None,
        "ping": _without(ping) if ping else None,
        "route": [_without(each) for each in route],
        "packets": len(packets) if watched else None,
        "connections": [each.facts() for each in found],
        "verdict": verdict,
        "findings": [finding(name, evidence_of(numbers, shown, records), known) for name, numbers in find(seen)],
    }


def _lookup(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the name server that was asked, the addresses it gave, and why there are none, "" where there are."""
    return {
        "server": str(rows[0].get("server", "")),
        "addresses": [str(each["address"]) for each in rows if "address" in each],
        "error": next((str(each["error"]) for each in rows if "error" in each), ""),
    }


def _last(records: Sequence[dict[str, Any]], template: str) -> dict[str, Any] | None:
    return next((each for each in reversed(records) if each["template"] == template), None)


def _without(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in ("template", "line")}


def evidence_of(
    numbers: Sequence[int], shown: Mapping[int, str], records: Sequence[Mapping[str, Any]]
) -> list[EvidenceLine]:
    """Return the lines with these numbers as evidence. shown: lines by number; records: those that were read from them."""
    sources = {each["line"]: each["template"] for each in records}
    return [
        {"line": number, "text": shown.get(number, ""), "source": sources.get(number, "")}
        for number in numbers[:_EVIDENCE]
    ]


def finding(name: str, evidence: Sequence[EvidenceLine], known: Mapping[str, str], product: str = "") -> PathFinding:
    """Return a finding as schemas/path.json has it.

    known: values that are filled into its remedy, by their names. product: another one of Fortinet that shows it, which has
    other commands than those of the remedy.
    """
    row = findings()[name]
    remedy = [{key: filled_in(text, known) for key, text in step.items()} for step in row["remedy"]]
    return {
        "finding": name,
        "cause": row["cause"] or None,
        "stage": row["stage"],
        "severity": row["severity"],
        "owner": row["owner"],
        "temporary": causes()[row["cause"]].temporary if row["cause"] else None,
        "explanation": filled_in(row["explanation"], known),
        "remedy": other_remedy(product) if product else remedy,
        "evidence": list(evidence)[:_EVIDENCE],
        "grade": weakest_grade([each["source"] for each in evidence if each["source"]]),
    }


def filled_in(text: str, known: Mapping[str, str]) -> str:
    """Return a text of a remedy with what is known in place of the words in angle brackets, by their names."""
    for word, value in known.items():
        if value:
            text = text.replace(f"<{word}>", f'"{value}"' if " " in value else value)
    return text
