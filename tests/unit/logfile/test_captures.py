# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer that stands below a long command is not taken for the rest of it."""

from __future__ import annotations

import io

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.capture import FIRST_LINE
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read

COMMAND = 'FAZ-HQ # diagnose test connection mailserver "relay" "alerts@example.com"'
ANSWER = "Unbelievably-long-first-word of an answer in a form that nobody knows"


@pytest.mark.parametrize("before", [[], [FIRST_LINE, "#device: faz-hq"]], ids=["a log", "a capture"])
def test_the_answer_of_a_long_command_stays_a_line_of_its_own(before: list[str]) -> None:
    text = "\n".join([*before, COMMAND, ANSWER, "more of it", ""])

    lines = [line for batch in read(io.BytesIO(text.encode())) for line in batch.texts]

    assert lines[len(before) : len(before) + 2] == [COMMAND, ANSWER]
