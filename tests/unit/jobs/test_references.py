# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An entry is deleted only where every table that may name it was read, or does not exist on the firmware."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError

from .cases import Case, do, prepared

DELETION = {"config": [{"id": "spare"}], "state": "deleted"}
SHOW = "show system workflow approval-matrix"


def test_a_table_that_the_firmware_lacks_names_nothing(tmp_path: Path) -> None:
    lacks = {SHOW: "command parse error before 'workflow'\nCommand fail. Return code -61"}
    case = Case("system_mail", DELETION, answers=lacks)
    state = prepared(case)
    done = do(case, state, tmp_path)
    assert "spare" not in state.mail.entries
    assert any("Report outputs and event handlers" in warning for warning in done.context.warnings)


@pytest.mark.parametrize("answer", ["No permission to 'show system.workflow.approval-matrix'", "", "Not on this unit."])
def test_a_table_that_was_not_read_may_name_it(tmp_path: Path, answer: str) -> None:
    case = Case("system_mail", DELETION, answers={SHOW: answer})
    state = prepared(case)
    with pytest.raises(JobError, match="whether other tables use 'spare' cannot be read") as failed:
        run = do(case, state, tmp_path)
        raise run.error or AssertionError
    assert failed.value.cause == "referenced"
    assert "spare" in state.mail.entries
