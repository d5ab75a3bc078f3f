# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the compliance document of what modules returned for the devices of a fleet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from ..policy.check import check
from ..policy.rules import Rule, collection_rules
from ..policy.waivers import Waiver, waive, waiver_row
from .document import ASSESSED, DeviceRow, Document, Proof, assessed, document, not_assessed

_COUNTERS = ("sent", "failed", "discarded")


def fleet(
    results: Mapping[str, Any],
    rules: Sequence[Rule] | None = None,
    waivers: Sequence[Waiver] = (),
    now: datetime | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    tests: Mapping[str, Any] | None = None,
    earlier: Sequence[Document] = (),
) -> Document:
    """Return the document of schemas/compliance.json for results of faz_facts by the name of the device.

    A device whose result has no facts, because it failed or was never there, is in it as not assessed. rules: in place of
    those of the collection. now: in place of the present. groups: of the devices. tests: results of mail_test by device, each with
    the id of its mail server as `item`. earlier: documents of earlier runs, for counters that rose, and for proofs that are newer.
    """
    now = now or datetime.now(UTC)
    before = [device for each in sorted(earlier, key=_created) for device in each["devices"]]
    counters = {device["name"]: device["counters"] for device in before if device["counters"]}
    proofs: dict[str, Proof] = {}
    for device in before:
        if device["proof"]:
            proofs[device["name"]] = max(proofs.get(device["name"], device["proof"]), device["proof"], key=_proved)
    for name, results_of_tests in (tests or {}).items():
        if proof := proof_of(_tests_in(results_of_tests), now):
            proofs[str(name)] = proof
    rows = []
    for name, result in results.items():
        around = (groups or {}).get(str(name), ())
        rows.append(_row(str(name), result, rules, around, proofs.get(str(name)), counters.get(str(name), {}), now))
    return judged(rows, rules, waivers, now)


def judged(
    rows: Iterable[DeviceRow], rules: Sequence[Rule] | None, waivers: Sequence[Waiver], now: datetime
) -> Document:
    """Return the document of some devices, their findings waived where that was agreed."""
    today: date = now.astimezone(UTC).date()
    devices = list(rows)
    for row in devices:
        row["findings"] = waive(row["findings"], row["name"], waivers, today)
    found = {row["name"]: row["findings"] if row["status"] == ASSESSED else None for row in devices}
    created = now.astimezone(UTC).isoformat(timespec="seconds")
    states = [waiver_row(each, found, today) for each in waivers]
    return document(devices, collection_rules() if rules is None else rules, states, created)


def _row(
    name: str,
    result: Any,
    rules: Sequence[Rule] | None,
    groups: Sequence[str],
    proof: Proof | None,
    counters: Mapping[str, int],
    now: datetime,
) -> DeviceRow:
    if not isinstance(result, Mapping) or not result:
        return not_assessed(name, "not_run", "the facts of this device were not read", groups)
    facts = result.get("ansible_facts", {}).get("faz")
    if facts is None:
        cause = result.get("cause") or ("unreachable" if result.get("unreachable") else "error")
        return not_assessed(name, str(cause), str(result.get("msg", "no reason was given")), groups)
    seen = {**facts, "counters": counters, "proof": proof_facts(proof, now)}
    daemon, known = facts.get("fazmaild") or {}, facts.get("firmware")
    return assessed(
        name,
        f"{known['family']} {known['version']}" if known else "",
        check(seen, rules),
        groups,
        proof,
        {each: daemon[each] for each in _COUNTERS if isinstance(daemon.get(each), int)},
    )


def _tests_in(result: Any) -> Sequence[Any]:
    """Return the test mails in results of mail_test, or of mail_rollout: those of entries that were restored last."""
    if not isinstance(result, Mapping):
        return result or ()
    if "verdict" in result and "tests" not in result:
        return [result]
    restored = (result.get("taken_back") or {}).get("tests")
    return restored or result.get("tests") or result.get("results") or ()


def proof_of(results: Sequence[Any], now: datetime) -> Proof | None:
    """Return the proof in results of mail_test: the first that was not accepted, else the last; None where no mail was tried."""
    tried = [each for each in results if isinstance(each, Mapping) and isinstance(each.get("verdict"), Mapping)]
    if not tried:
        return None
    chosen = next((each for each in tried if each["verdict"].get("outcome") != "accepted"), tried[-1])
    verdict = chosen["verdict"]
    evidence = verdict.get("evidence") or [{"text": verdict.get("explanation", "")}]
    return {
        "at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "by": "fortiops.mail.mail_test",
        "entry": str(chosen.get("item") or chosen.get("id") or ""),
        "outcome": str(verdict.get("outcome", "unknown")),
        "detail": str(evidence[-1]["text"]),
    }


def _created(document: Document) -> datetime:
    return datetime.fromisoformat(document["created"])


def _proved(proof: Proof) -> datetime:
    return datetime.fromisoformat(proof["at"])


def proof_facts(proof: Proof | None, now: datetime) -> dict[str, Any]:
    """Return what rules see of the last test mail; its age is in whole days."""
    if proof is None:
        return {"outcome": "untested"}
    age = now - datetime.fromisoformat(proof["at"])
    return {"outcome": proof["outcome"], "age_days": max(0, age.days), "by": proof["by"]}
