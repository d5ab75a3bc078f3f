# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a rollout ended on each device, for a person."""

from __future__ import annotations

from ansible_collections.fortiops.mail.plugins.plugin_utils.report.rollout import rollout_report


def test_devices_with_the_same_next_step_share_a_line() -> None:
    again, correct = "run the task again", "correct what the reason names"
    results = {
        "a": {"state": "taken_back", "reason": "cut", "next": again},
        "b": {"state": "refused", "reason": "no", "next": correct},
        "c": {"state": "proved", "reason": "accepted", "next": None},
        "d": {"state": "refused", "reason": "no", "next": correct},
    }
    assert rollout_report(results).splitlines()[-2:] == [f"a: {again}", f"b, d: {correct}"]


def test_devices_that_were_not_visited_share_a_line_and_have_no_row() -> None:
    proved = {"state": "proved", "reason": "a test mail was accepted through 'relay'"}
    shown = rollout_report({"faz-000": proved, **{f"faz-{number:03}": {} for number in range(1, 31)}})

    assert shown.startswith("31 devices: 1 proved, 30 not visited\n")
    assert len(shown.splitlines()) == 6
    assert shown.splitlines()[-1].startswith("faz-001, faz-002, ")
    assert shown.endswith(", faz-010 and 20 more: not visited")
