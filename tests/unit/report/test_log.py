# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on read logs: what failed, its proof, who must act, and what was not understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.log import LogReport
from ansible_collections.fortiops.mail.tests.analysed import analyse_bytes

LOGS = Path(__file__).parents[2] / "samples" / "logs"


def report(text: str) -> str:
    return report_on(analyse(text, "x.log"))


def report_on(file: dict[str, Any]) -> str:
    made = LogReport(file["path"])
    for note in file["notes"]:
        made.add(("note", note))
    for verdict, send in zip(file["verdicts"], file["sends"], strict=True):
        made.add(("verdict", verdict))
        made.add(("send", send))
    made.add(("summary", file))
    return made.text()


def test_the_sums_are_shown() -> None:
    assert report("smtp:1: hello\n\nwhat\n").startswith(
        "x.log: partial, 3 lines: 1 event, 1 ignored, 0 foreign, 1 unmatched\n"
    )


def test_lines_that_nobody_knows_are_counted_by_their_shape() -> None:
    printed = report("".join(f"what is line {number}\n" for number in range(1, 9)) + "and this\n")

    assert "not recognised, 8 lines like line 1: what is line 1\n" in printed
    assert "not recognised, line 9: and this" in printed
    assert "what is line 2" not in printed


def test_shapes_that_are_not_shown_are_counted() -> None:
    printed = report("".join(f"what is {'x' * number}\n" for number in range(1, 9)))

    assert "not recognised: 3 more lines" in printed


def test_a_failure_comes_with_proof_and_remedy() -> None:
    printed = report_on(analyse_bytes((LOGS / "putty_session.log").read_bytes(), "x"))

    assert "starttls_unavailable" in printed
    assert "  evidence, line 41: 250 SIZE 10240000" in printed
    assert "  cli: config system mail / edit relay / " in printed
    assert "  task: fortiops.mail.system_mail: " in printed


def test_an_accepted_mail_needs_no_explanation() -> None:
    printed = report_on(analyse_bytes((LOGS / "capture_counters.log").read_bytes(), "x"))

    assert "accepted" in printed
    assert "evidence" not in printed
    assert "cli:" not in printed


def test_a_log_without_a_line_says_so() -> None:
    assert report("").startswith("x.log: empty, 0 lines")


def test_a_text_without_a_mail_does_not_claim_success() -> None:
    printed = report("a shopping list\n")

    assert "accepted" not in printed
    assert "who must act" not in printed
