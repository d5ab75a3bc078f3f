# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture is read as it was printed, and holds no secret: not even one that shows as such only by the command before."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.capture import FIRST_LINE, render
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor

COMMAND = 'FAZ-HQ # diagnose test connection mailserver "relay" "alerts@example.com"'
ANSWER = "Unbelievably-long-first-word of an answer in a form that nobody knows"


@pytest.mark.parametrize("before", [[], [FIRST_LINE, "#device: faz-hq"]], ids=["a log", "a capture"])
def test_the_answer_of_a_long_command_stays_a_line_of_its_own(before: list[str]) -> None:
    text = "\n".join([*before, COMMAND, ANSWER, "more of it", ""])

    lines = [line for batch in read(io.BytesIO(text.encode())) for line in batch.texts]

    assert lines[len(before) : len(before) + 2] == [COMMAND, ANSWER]


@dataclass(frozen=True)
class Printed:
    command: str
    text: str
    prompt: str = "FAZ-HQ # "
    started: datetime = datetime(2026, 11, 24, 10, tzinfo=UTC)
    seconds: float = 1.0


def test_a_login_that_goes_on_below_the_next_command_is_masked() -> None:
    password = "Z2VoZWltZ2VoZWlt"
    texts = ("smtp:1: >>> AUTH LOGIN\nsmtp:1: <<< 334 UGFzc3dvcmQ6", f"smtp:1: >>> {password}\nsmtp:1: <<< 235 ok")
    # As a session has its results: each for itself without secrets.
    results = [Printed("get system status", Redactor().text(text)) for text in texts]
    capture = render("faz", "", results, Redactor())

    assert password not in capture
    assert capture.endswith(">>> <redacted>\nsmtp:1: <<< 235 ok\n")
