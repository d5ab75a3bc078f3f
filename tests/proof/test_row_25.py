# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Row 25 of the fault matrix: whatever a mail server or a network does, the verdict has exactly the injected cause."""

from __future__ import annotations

from base64 import b64encode

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes
from ansible_collections.fortiops.mail.simulator.mail.dialects import dialects
from ansible_collections.fortiops.mail.tests.analysed import analyse_bytes

from .cases import Case, all_cases, cases
from .everything import Production
from .produce import Produced
from .real_servers import PASSWORD


def named(case: Case) -> str:
    return case.name


def of(case: Case, coming: Production) -> list[Produced]:
    rows = [row for row in coming[case.origin].result() if row.case.name == case.name]
    assert {row.dialect for row in rows} == set(dialects())
    return rows


def check(case: Case, coming: Production) -> None:
    outcome = "accepted" if case.cause == "accepted" else "failed"
    for row in of(case, coming):
        verdict = row.verdict
        where = f"{row.dialect}: {verdict['evidence'][-1:]}\n{row.text}"
        assert (verdict["cause"], verdict["outcome"]) == (case.cause, outcome), where
        assert case.says in row.text, where
        # One sentence without a dialogue often does not tell where the mail was lost.
        if case.stage and row.dialect != "terse":
            assert verdict["stage"] == case.stage, where
        for evidence in verdict["evidence"]:
            assert evidence["source"] == "fazmaild_statistics" or evidence["text"] in row.text


@pytest.mark.root
@pytest.mark.parametrize("case", cases("real"), ids=named)
def test_row_25_real_mail_servers(case: Case, coming: Production) -> None:
    check(case, coming)


@pytest.mark.root
@pytest.mark.parametrize("case", cases("network"), ids=named)
def test_row_25_faults_of_the_network(case: Case, coming: Production) -> None:
    check(case, coming)


@pytest.mark.parametrize("case", cases("scripted"), ids=named)
def test_row_25_documented_replies(case: Case, coming: Production) -> None:
    check(case, coming)


@pytest.mark.parametrize("case", cases("device"), ids=named)
def test_row_25_before_any_server_is_reached(case: Case, coming: Production) -> None:
    check(case, coming)


def test_row_25_every_cause_is_injected() -> None:
    # A refusal without a reason takes its cause from the stage, which every dialogue shows; without a stage there is no dialogue.
    assert set(causes()) - {case.cause for case in all_cases()} == {"server_refused"}


def test_row_25_a_saved_capture_gives_the_same_verdict(produced: list[Produced]) -> None:
    for row in produced:
        saved = analyse_bytes(row.text.encode("utf-8"))
        assert saved["verdicts"][-1] == row.verdict, row.case.name


def test_row_25_every_line_is_understood(produced: list[Produced]) -> None:
    unmatched = {
        line["text"]
        for row in produced
        for line in analyse_bytes(row.text.encode("utf-8"))["unmatched"]
        if line["text"]
    }
    assert unmatched == set()


def test_row_25_no_capture_has_the_password(produced: list[Produced]) -> None:
    forms = (PASSWORD, b64encode(PASSWORD.encode()).decode())
    for row in produced:
        assert not any(form in row.text or form in str(row.verdict) for form in forms), row.case.name
