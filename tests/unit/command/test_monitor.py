# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail monitor` compares the counters of a device with its own: neither those of another one, nor none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command import monitor
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main

OK, WARNING = 0, 1
Check = Callable[[str, str, int], int]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Check a host behind which a device is now, which has so many failed mails; returns the exit status."""
    monkeypatch.setenv("FORTIOPS_MAIL_STATE_DIR", str(tmp_path))

    def checked(host: str, device: str, failed: int) -> int:
        counters = {"sent": 5000, "failed": failed, "discarded": 0, "queue_length": 0, "queue_limit": 5000}
        found: dict[str, Any] = {
            "identity": device,
            "status": {"state": "running"},
            "statistics": counters,
            "unread": {},
        }
        monkeypatch.setattr(monitor, "do", lambda *__: found)
        return main(["monitor", host, "--failed", "1,1000"])

    return checked


def test_a_cluster_that_fails_over_and_back_hides_no_failure_and_makes_none_up(check: Check) -> None:
    assert check("faz", "FAZ-1", 100) == OK
    assert check("faz", "FAZ-2", 3) == OK
    assert check("faz", "FAZ-1", 100) == OK
    assert check("faz", "FAZ-2", 4) == WARNING
    assert check("faz", "FAZ-1", 101) == WARNING


def test_a_device_with_two_names_has_its_counters_once(check: Check) -> None:
    assert check("faz", "FAZ-1", 100) == OK
    assert check("192.0.2.10", "FAZ-1", 101) == WARNING
    assert check("faz", "FAZ-1", 101) == OK
