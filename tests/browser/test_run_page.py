# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about a run that changed devices, as people see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.run import run_document
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.run_page import run_page
from axe_selenium_python import Axe
from selenium import webdriver

from .conftest import look

AFTER = {"relay": {"server": "a-long-name-of-a-mail-server.example.com", "port": "587", "auth": "enable"}}
RESULTS = {
    "faz-hq": {
        "state": "proved",
        "reason": "a test mail was accepted through 'relay'",
        "identity": "FAZ-VMTM24000001",
        "changed": True,
        "before": {},
        "after": AFTER,
        "commands": ["config system mail", 'edit "relay"', "set port 587", "next", "end"],
        "tests": [{"id": "relay", "outcome": "accepted", "reason": "250 2.0.0 Ok: queued as 4F1B"}],
    },
    "faz-dmz": {
        "state": "taken_back",
        "reason": "the mail through 'relay' failed: no_route: The device has no route to the mail server's address",
        "next": "the network team has to act, `fazmail explain --cause no_route` says how; then run the task again",
    },
    "faz-lab": {},
}


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it_at_any_width(browser: webdriver.Chrome, tmp_path: Path, width: int, scheme: str) -> None:
    document = run_document(RESULTS, "rollout", {"user": "alice", "controller": "ctl-1"}, {"faz-hq": "automation"})
    (tmp_path / "run.html").write_text(run_page([document]), encoding="utf-8")
    look(browser, width, scheme)
    browser.get((tmp_path / "run.html").as_uri())

    axe = Axe(browser)
    axe.inject()
    assert axe.run()["violations"] == []
    assert browser.execute_script(
        "return [document.documentElement, ...document.querySelectorAll('.box')].every(each => each.scrollWidth <= each.clientWidth)"
    )
