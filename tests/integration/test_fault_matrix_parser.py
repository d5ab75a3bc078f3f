# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of what the parser is given, each by its number in the fault matrix."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

FAZMAIL = Path(sys.executable).with_name("fazmail")

# Each further digit doubles the time this needs to find out that a line does not match.
CATASTROPHE = """\
# Evidence: assumed.
Value NUMBERS (([\\d]+\\s*)+)

Start
  ^${NUMBERS}, -> Record
"""
INDEX = "Template, Hostname, Platform, Version, Command\n\nping.textfsm, .*, .*, .*, exec[[ute]] ping .*\n"
LOG = """\
FAZ # execute ping 192.0.2.25
1111111111 2222222222 3333333333 4444444444; no,
12,
FAZ # diagnose debug enable
sendmail_loop:1143: total pending tasks: 2.
"""


@pytest.mark.parametrize("given_by", ["option", "environment"])
def test_row_29_a_catastrophic_pattern_of_a_user_is_stopped_and_the_rest_is_parsed(
    tmp_path: Path, given_by: str
) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "ping.textfsm").write_text(CATASTROPHE, encoding="utf-8")
    (templates / "index").write_text(INDEX, encoding="utf-8")
    log = tmp_path / "session.log"
    log.write_text(LOG, encoding="utf-8")
    option = ["--templates", str(templates)] if given_by == "option" else []
    environment = {"FAZMAIL_TEMPLATES": str(templates)} if given_by == "environment" else {}

    began = time.monotonic()
    done = subprocess.run(
        [FAZMAIL, "parse", "--format", "json", *option, str(log)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert time.monotonic() - began < 30
    assert f"{templates / 'ping.textfsm'}: the rule in line 5 took longer than 1 s" in done.stderr
    assert "Traceback" not in done.stderr
    file = json.loads(done.stdout)["files"][0]
    assert file["status"] == "partial"
    assert [line["line"] for line in file["unmatched"]] == [2]
    assert {(record["template"], record["line"]) for record in file["records"]} == {("ping", 3), ("fazmaild_debug", 5)}
    assert done.returncode == 3
