# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail daemon is what it was made, or the task says that it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import fazmaild
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import Context, JobError, run
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen

from ..in_process import context_of, session_on, simulated

TEST = "diagnose test application fazmaild"
NUMBERS = {"paused": 90, "running": 91, "restarted": 99}


def outcome(tmp_path: Path, wanted: str | None, answers: dict[str, str]) -> tuple[Any, Context]:
    state = simulated()
    state.daemon.paused = wanted == "running"
    context = context_of(lambda: session_on(state, screen=Screen(answers=answers)), tmp_path)
    return run(fazmaild.work, {"state": wanted}, context), context


@pytest.mark.parametrize("wanted", NUMBERS)
def test_a_change_is_read_back(tmp_path: Path, wanted: str) -> None:
    result, context = outcome(tmp_path, wanted, {})
    assert result["changed"] is True
    assert result["status"]["state"] == ("paused" if wanted == "paused" else "running")
    assert (result["unread"], context.warnings) == ({}, [])


@pytest.mark.parametrize("answer", ["No permission to 'diagnose test.application.fazmaild'", "", "Not on this unit."])
@pytest.mark.parametrize("wanted", NUMBERS)
def test_a_command_without_effect_fails_and_is_quoted(tmp_path: Path, wanted: str, answer: str) -> None:
    with pytest.raises(
        JobError, match=f"was not {wanted}: after '{TEST} {NUMBERS[wanted]}' the device answered"
    ) as failed:
        outcome(tmp_path, wanted, {f"{TEST} {NUMBERS[wanted]}": answer})
    assert (failed.value.cause, failed.value.details["applied"]) == ("read_back", "no")
    assert (answer or "nothing") in str(failed.value)


@pytest.mark.parametrize("answer", [f"No permission to '{TEST}'", "", "The daemon is fine."])
@pytest.mark.parametrize("wanted", NUMBERS)
def test_where_the_status_cannot_be_read_the_effect_is_unknown(tmp_path: Path, wanted: str, answer: str) -> None:
    with pytest.raises(JobError, match=f"whether the mail daemon is {wanted} cannot be read") as failed:
        outcome(tmp_path, wanted, {f"{TEST} 1": answer})
    assert (failed.value.cause, failed.value.details["applied"]) == ("read_back", "unknown")


def test_what_was_not_read_is_null_with_a_reason_and_a_warning(tmp_path: Path) -> None:
    result, context = outcome(tmp_path, None, {TEST: "No permission to 'diagnose test.application.fazmaild'"})
    assert [result[name] for name in ("changed", "status", "statistics", "tests")] == [False, None, None, None]
    assert {*result["unread"]} == {"status", "statistics", "tests"}
    assert all("No permission to" in reason for reason in result["unread"].values())
    assert len(context.warnings) == 1
