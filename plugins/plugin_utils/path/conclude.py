# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One answer for one device, from all evidence about one mail server. What does not fit is said, never dropped.

The order of trust: a server that took the mail over; what packets show, where it explains what the mail client saw; what the
mail client saw; what ping shows. The view of the controller never decides: it says who is affected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from ..smtp.knowledge import causes
from ..smtp.verdict import EvidenceLine, Verdict
from ..yaml_file import read_beside
from .examine import MailPath, PathFinding, filled_in, finding
from .findings import FAILURE, findings
from .states import QUEUE_BLOCKED

ACCEPTED, FAILED, UNKNOWN = "accepted", "failed", "unknown"
# The stage behind `accepted`, which only a look into the mailbox shows.
ARRIVED, NOT_ARRIVED = "arrived", "not_arrived"


class Answer(TypedDict):
    """One answer for one mail server of a device as schemas/answer.json has it."""

    outcome: str
    cause: str
    stage: str
    temporary: bool | None
    owner: str
    explanation: str
    remedy: list[dict[str, str]]
    confidence: str
    evidence: list[EvidenceLine]
    decided_by: str
    scope: str | None
    supporting: list[str]
    contradictions: list[str]


@dataclass(frozen=True)
class Evidence:
    """What is known of one mail server of one device; None means that it was not looked at, or could not be.

    entry: the facts of the entry in `config system mail`. entry_known: whether the table was read, so that no entry means
    there is none. entry_id: its id, where it is known. path: of schemas/path.json. verdict: of the test mail. state: what the
    device shows of itself, as `of_device` returns it. comparison: that verdict beside the view of the controller, as the filter
    compare_views gives it. arrival: of schemas/arrival.json, for a mail that was accepted. problems: steps that failed, each
    with `step` and `msg`.
    """

    entry: Mapping[str, Any] | None = None
    entry_known: bool = True
    entry_id: str = ""
    path: MailPath | None = None
    verdict: Verdict | None = None
    state: Sequence[PathFinding] = field(default_factory=tuple)
    comparison: Mapping[str, Any] | None = None
    arrival: Mapping[str, Any] | None = None
    problems: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def conclude(evidence: Evidence) -> Answer:
    """Return the answer: outcome, cause, stage, temporary, owner, explanation, remedy, confidence, decided_by, scope,
    supporting, contradictions and evidence.

    cause: one of smtp/causes.yml, or the name of a finding of findings.yml where no cause says the same. decided_by:
    `config`, `state` (of the daemon), `test`, `path`, `arrival` or `nothing`. supporting, contradictions: sentences on what else was seen.
    """
    answer = _decide(evidence)
    notes = answer["supporting"]
    if evidence.comparison is not None:
        compared = evidence.comparison
        answer["scope"] = compared["scope"]
        notes.append(compared["explanation"])
        answer["remedy"] = [*answer["remedy"], *({"cli": "", "task": "", "advice": step} for step in compared["next"])]
        if answer["decided_by"] == "test" and answer["outcome"] == FAILED and compared["scope"] != "undecided":
            answer["owner"] = compared["owner"]
    for problem in evidence.problems:
        notes.append(_say("problem", step=problem["step"], msg=problem["msg"]))
    if answer["contradictions"] and answer["confidence"] == "high":
        answer["confidence"] = "medium"
    return answer


def _decide(evidence: Evidence) -> Answer:
    attempt = evidence.path.get("verdict") if evidence.path else None
    verdict = _clearer(evidence.verdict, attempt)
    # Of the table only the entry that is asked for counts.
    state = [each for each in evidence.state if each["cause"] == QUEUE_BLOCKED]
    found = [*state, *(evidence.path.get("findings", []) if evidence.path else [])]
    failures = [each for each in found if each["severity"] == FAILURE]
    hints = [_say("finding", name=each["finding"], text=each["explanation"]) for each in found if each not in failures]
    if evidence.entry is None and evidence.entry_known:
        return _of_cause("config_incomplete", "config", "high", entry_id=evidence.entry_id)
    if evidence.entry is not None and not evidence.entry.get("server", True):
        without = finding("entry_without_server", [], {"id": evidence.entry_id or str(evidence.entry.get("id", ""))})
        return _of_finding(without, "high", hints, decided_by="config")
    if verdict is not None and verdict["outcome"] == ACCEPTED:
        against = [_say("failure_yet_accepted", name=each["finding"]) for each in failures]
        accepted = _of_verdict(verdict, hints, [*against, *_differs(evidence.verdict, attempt)])
        return accepted if evidence.arrival is None else _arrived(accepted, evidence.arrival)
    if verdict is not None and verdict["outcome"] == FAILED:
        blocked = next((each for each in failures if each in state and verdict["cause"] == QUEUE_BLOCKED), None)
        if blocked is not None:
            return _of_finding(blocked, "high", hints, _others(failures, blocked), "state")
        return _failed(verdict, found, failures, hints, _differs(evidence.verdict, attempt))
    if failures:
        first, *others = failures
        notes = [_say("finding", name=each["finding"], text=each["explanation"]) for each in others]
        by = "state" if first in state else "path"
        return _of_finding(first, "medium", [_say("test_says_nothing"), *hints, *notes], decided_by=by)
    if verdict is not None:
        return _of_verdict(verdict, hints, [])
    return _of_cause("unknown", "nothing", "low", hints, evidence.entry_id)


def _arrived(accepted: Answer, arrival: Mapping[str, Any]) -> Answer:
    """Return the answer for a mail that was accepted, and was then looked for where it has to arrive."""
    if arrival["arrived"]:
        delay, hops = arrival["delay"], arrival["hops"]
        known = [hop["tls"] for hop in hops]
        tls = (
            "each over TLS"
            if known and all(known)
            else "not each over TLS"
            if False in known
            else "TLS is not known of each"
        )
        after = "" if delay is None else f" after {delay:g} seconds"
        note = _say("arrived", after=after, hops=str(len(hops)), tls=tls)
        return {**accepted, "stage": ARRIVED, "decided_by": "arrival", "supporting": [*accepted["supporting"], note]}
    return {
        **accepted,
        "outcome": FAILED,
        "cause": NOT_ARRIVED,
        "stage": ARRIVED,
        "owner": "mail admin",
        # The remedy of an accepted mail names its queue id.
        "explanation": _say("not_arrived", waited=arrival["waited"]),
        "decided_by": "arrival",
    }


def _failed(
    verdict: Verdict,
    found: Sequence[PathFinding],
    failures: Sequence[PathFinding],
    hints: list[str],
    differs: list[str],
) -> Answer:
    cause = verdict["cause"]
    same = [each for each in failures if each["cause"] == cause]
    if same:
        notes = [_say("agrees", name=each["finding"], text=each["explanation"]) for each in same]
        answer = _of_verdict(verdict, [*notes, *hints], differs)
        # The remedy of what was seen on the path is the closer one.
        return {**answer, "remedy": same[0]["remedy"], "owner": same[0]["owner"], "confidence": "high"}
    better = next((each for each in found if cause in findings()[each["finding"]]["explains"]), None)
    if better is not None:
        against = _others(failures, better)
        notes = [hint for hint in hints if not hint.startswith(f"{better['finding']}:")]
        return _of_finding(better, "high", [_say("explains", cause=cause), *notes], [*against, *differs])
    return _of_verdict(verdict, hints, [*_others(failures, None), *differs])


def _others(failures: Sequence[PathFinding], decisive: PathFinding | None) -> list[str]:
    return [
        _say("failure_beside", name=each["finding"], text=each["explanation"])
        for each in failures
        if each is not decisive
    ]


def _clearer(test: Verdict | None, attempt: Verdict | None) -> Verdict | None:
    """The verdict of the test, made with debug on; that of the attempt only if the test has none to give."""
    if test is None or (test["outcome"] == UNKNOWN and attempt is not None):
        return attempt or test
    return test


def _differs(test: Verdict | None, attempt: Verdict | None) -> list[str]:
    if test is None or attempt is None or UNKNOWN in (test["outcome"], attempt["outcome"]):
        return []
    if (test["outcome"], test["cause"]) == (attempt["outcome"], attempt["cause"]):
        return []
    return [_say("attempt_differs", attempt=attempt["cause"], test=test["cause"])]


def _of_verdict(verdict: Verdict, notes: Sequence[str], against: Sequence[str]) -> Answer:
    return {
        "outcome": verdict["outcome"],
        "cause": verdict["cause"],
        "stage": verdict["stage"],
        "temporary": verdict["temporary"],
        "owner": verdict["owner"],
        "explanation": verdict["explanation"],
        "remedy": verdict["remedy"],
        "confidence": verdict["confidence"],
        "evidence": verdict["evidence"],
        "decided_by": "nothing" if verdict["outcome"] == UNKNOWN else "test",
        "scope": None,
        "supporting": list(notes),
        "contradictions": list(against),
    }


def _of_finding(
    finding: PathFinding, confidence: str, notes: Sequence[str], against: Sequence[str] = (), decided_by: str = "path"
) -> Answer:
    return {
        "outcome": FAILED,
        "cause": finding["cause"] or finding["finding"],
        "stage": finding["stage"],
        "temporary": finding["temporary"],
        "owner": finding["owner"],
        "explanation": finding["explanation"],
        "remedy": finding["remedy"],
        "confidence": confidence,
        "evidence": finding["evidence"],
        "decided_by": decided_by,
        "scope": None,
        "supporting": list(notes),
        "contradictions": list(against),
    }


def _of_cause(name: str, decided_by: str, confidence: str, notes: Sequence[str] = (), entry_id: str = "") -> Answer:
    cause = causes()[name]
    return {
        "outcome": UNKNOWN if name == "unknown" else FAILED,
        "cause": name,
        "stage": "" if cause.stage == "any" else cause.stage,
        "temporary": cause.temporary,
        "owner": cause.owner,
        "explanation": cause.explanation,
        "remedy": [{key: filled_in(text, {"id": entry_id}) for key, text in step.items()} for step in cause.remedy],
        "confidence": confidence,
        "evidence": [],
        "decided_by": decided_by,
        "scope": None,
        "supporting": list(notes),
        "contradictions": [],
    }


def _say(sentence: str, /, **words: object) -> str:
    sentences: dict[str, str] = read_beside(__file__, "sentences.yml")
    return sentences[sentence].format_map(words)
