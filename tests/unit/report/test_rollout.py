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
