# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that was not read counts as good, whatever the device answers to whichever line of whichever task."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import findings

from .answers import ANSWERS, Outcome, Trial, leaves, trials, tried, undisturbed
from .cases import DISTURBED, Case

pytestmark = pytest.mark.once

# What describes the run, not the device.
_OF_THE_RUN = (
    "commands",
    "reasons",
    "unread",
    "verdict",
    "output",
    "counters",
    "debug_ended",
    "ended",
    "path",
    "diff",
    "tests",
    "reason",
    "next",
    "taken_back",
    "results",
    "identity",  # of a device that tells no serial number, its host key
)
_OF_THE_LOG = ("status", "lines", "records", "unmatched", "verdicts")


@cache
def of_case(case: Case) -> list[tuple[Trial, Outcome]]:
    return [(trial, tried(trial)) for trial in trials(case)]


def claims(trial: Trial, outcome: Outcome) -> Iterator[str]:
    """What a result says of the device that is not so, as the same task finds out on a device that answers."""
    result, truth = outcome.run.result, undisturbed(trial.case, trial.state).run.result
    left_out = (*_OF_THE_RUN, *(_OF_THE_LOG if trial.case.module == "fazmaild_debug" else ()))
    known = dict(leaves({name: value for name, value in truth.items() if name not in left_out}))
    for place, value in leaves({name: value for name, value in result.items() if name not in left_out}):
        if (
            value not in (None, "unverifiable")
            and place.partition(".unread")[1] == ""
            and known.get(place, ...) != value
        ):
            yield f"{place} is {value!r}, and should be {known.get(place)!r} or null"


@pytest.mark.parametrize("case", DISTURBED, ids=str)
def test_a_result_says_nothing_that_was_not_read(case: Case) -> None:
    wrong = [
        f"{trial}: {claim}"
        for trial, outcome in of_case(case)
        if outcome.run.error is None
        for claim in claims(trial, outcome)
    ]

    assert wrong == []


@pytest.mark.parametrize("case", DISTURBED, ids=str)
def test_what_is_null_has_its_reason_and_one_warning(case: Case) -> None:
    for trial, outcome in of_case(case):
        unread = outcome.run.result.get("unread", {})
        assert all(unread.values()), trial
        if unread:
            assert sum("not everything was read" in each for each in outcome.run.context.warnings) == 1, trial
        facts = outcome.run.result.get("ansible_facts", {}).get("faz", {})
        assert {name for name, value in facts.items() if value is None} <= set(unread), trial
        if outcome.run.error is not None:
            message = str(outcome.run.error)
            said = ANSWERS[trial.answer].partition("{")[0] or "nothing"
            assert any(each in message for each in (said, trial.line, "prompt", "stored something else")), (
                f"{trial}: {message}"
            )


@pytest.mark.parametrize("case", DISTURBED, ids=str)
def test_a_mail_is_accepted_only_if_one_was_sent(case: Case) -> None:
    for trial, outcome in of_case(case):
        verdict = outcome.run.result.get("verdict")
        if verdict is not None and verdict["outcome"] == "accepted":
            assert outcome.device.daemon.sent == undisturbed(case, trial.state).device.daemon.sent, trial


@pytest.mark.parametrize("case", DISTURBED, ids=str)
def test_a_change_is_there_or_the_task_fails(case: Case) -> None:
    for trial, outcome in of_case(case):
        if outcome.run.error is None:
            wanted, device = undisturbed(case, trial.state).device, outcome.device
            told = "does not show that it is stored" in " ".join(outcome.run.context.warnings)
            assert entries(device, told) == entries(wanted, told), trial
            assert tables(device) == tables(wanted), trial
            assert device.daemon.paused == wanted.daemon.paused, trial


@pytest.mark.parametrize("case", DISTURBED, ids=str)
def test_debug_is_as_it_was_found_or_something_is_said_of_it(case: Case) -> None:
    for trial, outcome in of_case(case):
        found, left = undisturbed(case, trial.state).device.debug, outcome.device.debug
        told = " ".join([str(outcome.run.error or ""), *outcome.run.context.warnings])
        assert left == found or "debug" in told, trial
        if trial.line == "diagnose debug info" and not trial.last:
            assert "diagnose debug reset" not in outcome.run.typed, trial


def test_no_finding_passes_on_what_was_not_read() -> None:
    cases = [case for case in DISTURBED if case.module == "faz_facts"]
    for trial, outcome in (each for case in cases for each in of_case(case)):
        if outcome.run.error is None:
            truth = {key(row): row["status"] for row in findings(undisturbed(trial.case, trial.state).run.result)}
            for row in findings(outcome.run.result):
                assert row["status"] in ("not_assessed", truth.get(key(row))), (str(trial), row)


def key(finding: Any) -> tuple[str, str]:
    return finding["rule"], finding["entry"]


def entries(device: Any, but_passwords: bool) -> dict[str, dict[str, str]]:
    """The mail table, with the fact that a password is set in place of it."""
    return {
        key: {
            name: "set" if name == "passwd" else value
            for name, value in entry.items()
            if name != "passwd" or not but_passwords
        }
        for key, entry in device.mail.entries.items()
    }


def tables(device: Any) -> Any:
    return {event: dict(inner["alert-destination"].entries) for event, inner in device.alert_event.inner.items()}
