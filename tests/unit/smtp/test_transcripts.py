# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real mail clients printed when a mail was sent, or was not: one verdict each, with the right stage and cause.

A transcript is tests/samples/transcripts/<client>/<case>.log with <case>.yml beside it, which says how it was made. The
name of the case is the cause that was brought about.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.classify import classify
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary
from ansible_collections.fortiops.mail.tests.analysed import analyse_bytes

from .conftest import SCENARIOS

pytestmark = pytest.mark.once

TRANSCRIPTS = sorted((Path(__file__).parents[2] / "samples" / "transcripts").glob("*/*.log"))
CLIENTS = sorted({path.parent.name for path in TRANSCRIPTS})


def expectation(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(path.with_suffix(".yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return data


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


# Brought about by the counters and the state around a test: test_combination.py.
AROUND_A_TEST = {"queue_blocked"}
FAILED = [path for path in TRANSCRIPTS if expectation(path)["outcome"] != "accepted"]


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=name)
def test_a_transcript_has_one_verdict_and_the_right_one(path: Path) -> None:
    expected = expectation(path)

    (verdict,) = analyse_bytes(path.read_bytes())["verdicts"]

    found = {key: verdict[key] for key in ("outcome", "cause", "stage", "warnings")}
    assert found == {key: expected[key] for key in found}
    assert expected["cause"] == ("accepted" if path.stem.startswith("accepted") else path.stem)


@pytest.mark.parametrize("path", FAILED, ids=name)
def test_no_missing_line_makes_a_lost_mail_accepted(path: Path) -> None:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number in range(len(lines)):
        text = "\n".join([*lines[:number], *lines[number + 1 :]])
        assert all(each["outcome"] != "accepted" for each in analyse(text)["verdicts"]), f"line {number + 1}"


@pytest.mark.parametrize("client", CLIENTS)
def test_each_client_shows_many_causes(client: str) -> None:
    assert len({expectation(path)["cause"] for path in TRANSCRIPTS if path.parent.name == client}) > 6


def test_a_transcript_says_how_it_was_made() -> None:
    for path in TRANSCRIPTS:
        lines = path.with_suffix(".yml").read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# Client: ")
        assert lines[1].startswith("# Made: ")
        assert expectation(path)["evidence"] == "reproduced"


@pytest.mark.parametrize("cause", causes())
def test_each_cause_is_brought_about_or_has_a_sample(cause: str) -> None:
    brought_about = {expectation(path)["cause"] for path in TRANSCRIPTS} | {each.cause for each in SCENARIOS}
    documented = {
        row.cause
        for row in vocabulary().rows
        if row.evidence != "assumed" and classify(row.sample)["cause"] == row.cause
    }

    assert cause in brought_about | documented | AROUND_A_TEST
