# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail evidence` on a device that is logged in to: what it writes, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import MAIL_PASSWORD

# What is written into reports and recordings is the same in each Python.
pytestmark = pytest.mark.once

RELAY = {
    "server": "mail.example.com", "port": 587, "secure-option": "starttls", "auth": "enable", "user": "alerts",
    "passwd": MAIL_PASSWORD,
}  # fmt: skip


def test_a_device_is_compared_and_left_as_it_was(start: Callable[..., Any], tmp_path: Path) -> None:
    device = start({"name": "faz", "mail": {"relay": RELAY}}).devices["faz"]
    before = device.state.mail.entries["relay"]
    command = [
        *(Path(sys.executable).with_name("fazmail"), "evidence", device.server.spec.address, "-o", "found"),
        *("--port", str(device.server.spec.port), "--fingerprint", device.server.fingerprint, "--scratch-entry"),
        *("--test-mail", "relay", "--mail-from", "faz@example.com", "--mail-to", "noc@example.com"),
    ]

    def run() -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "FAZMAIL_PASSWORD": device.server.spec.password,
            "FORTIOPS_MAIL_STATE_DIR": "state",
        }
        return subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environment
        )

    done = run()
    assert done.returncode == 0, (tmp_path / "found" / "evidence.md").read_text(encoding="utf-8")
    assert " 0 different," in done.stdout
    page = (tmp_path / "found" / "evidence.md").read_text(encoding="utf-8")
    for name in ("dialect function", "text value_invalid", "text test_accepted", "template traceroute"):
        assert f"| {name} |" in page.partition("## Confirmed")[2].partition("## Not seen")[0], name
    written = "".join(file.read_text(encoding="utf-8") for file in tmp_path.rglob("found/**/*.*"))
    assert MAIL_PASSWORD not in written

    assert device.state.mail.entries == {"relay": before}
    assert (device.state.debug.fazmaild, device.state.debug.timestamps) == (0, False)

    again = run()
    assert again.returncode == 2
    assert "found: exists; expected the name of a new folder" in again.stderr
