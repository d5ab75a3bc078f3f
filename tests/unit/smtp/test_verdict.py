# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on a log: exactly the right cause, with its proof, in whatever notation the log is."""

from __future__ import annotations

from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse


def verdict_of(lines: list[str]) -> dict[str, Any]:
    (verdict,) = analyse("\n".join(lines) + "\n")["verdicts"]
    return dict(verdict)


def test_outcome_cause_and_owner(case: Any) -> None:
    verdict, expected = verdict_of(case.lines), case.scenario

    assert (verdict["outcome"], verdict["cause"]) == (expected.outcome, expected.cause)
    assert verdict["owner"]
    assert verdict["explanation"]
    assert verdict["remedy"] or expected.outcome == "accepted"
    if case.notation != "sentences":
        assert verdict["stage"] == expected.stage


def test_evidence_stands_at_the_line_it_names(case: Any) -> None:
    evidence = verdict_of(case.lines)["evidence"]

    assert evidence
    for row in evidence:
        assert row["text"].replace("<redacted>", "") in case.lines[row["line"] - 1].replace("\\r\\n", "") or (
            "<redacted>" in row["text"]
        )
        assert row["source"]
    if case.notation != "sentences":
        assert any(case.scenario.telling in row["text"] for row in evidence)


def test_reply_temporary_and_confidence(case: Any) -> None:
    verdict, expected = verdict_of(case.lines), case.scenario
    if case.notation == "sentences":
        # A sentence reports on a mail that was sent; only the server's reply in its place is more than that.
        assert verdict["confidence"] == ("medium" if expected.outcome == "accepted" else expected.confidence)
        return
    reply = verdict["reply"]
    assert ((reply["code"], reply["enhanced"]) if reply else None) == expected.reply
    assert verdict["temporary"] is expected.temporary
    assert verdict["confidence"] == expected.confidence


def test_warnings_and_stages(case: Any) -> None:
    if case.notation == "sentences":
        return
    verdict, expected = verdict_of(case.lines), case.scenario
    assert verdict["warnings"] == expected.warnings
    if case.remarks and expected.reached:
        assert verdict["stages_reached"] == expected.reached
