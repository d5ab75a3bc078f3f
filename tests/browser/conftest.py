# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless Chromium, and pages to look at in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.policy import policy
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_html import as_html
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import Document, read
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.fleet import fleet
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.history import compared
from selenium import webdriver

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
WAIVERS = [
    {
        "rule": "FMAIL-005",
        "device": "faz-*",
        "reason": "Known by address, CHG-1234",
        "by": "J. Doe",
        "until": "2027-03-31",
    },
    {"rule": "FMAIL-003", "device": "fmg-*", "reason": "Old relay, CHG-99", "by": "J. Doe", "until": "2026-01-31"},
]


def headless() -> webdriver.Chrome:
    """Start a headless Chromium; `make browser` installs it."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert program and driver, "the browser tests need chromium and chromedriver: make browser"
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    browser = headless()
    yield browser
    browser.quit()


@pytest.fixture
def browser(chromium: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """The browser as a visitor finds it: light, 1280 pixels wide, with script."""
    look(chromium)
    yield chromium
    look(chromium)


def look(browser: webdriver.Chrome, width: int = 1280, scheme: str = "light", script: bool = True) -> None:
    """Set how wide the window is, whether it is dark, and whether scripts run."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})


def facts(number: int, day: int) -> dict[str, Any]:
    """The result of a device: most are sound, each in its own way or not."""
    if number % 23 == 7:
        return {"msg": "connection to 192.0.2.9 port 22 timed out", "cause": "connect_timeout"}
    family = ("FortiAnalyzer", "FortiManager")[number % 2]
    clear = number % 6 == (day % 2)
    return {
        "ansible_facts": {
            "faz": {
                "firmware": {"family": family, "version": ("7.4.4", "7.6.2", "7.6.7")[number % 3]},
                "mail": [
                    {
                        "id": "relay", "server": "mail.example.com", "auth": ("enable", "disable")[number % 5 == 0],
                        "secure_option": "none" if clear else ("starttls", "default")[number % 4 == 1],
                        "user": "alerts", "passwd_set": True,
                    }
                ],
                "alert_destinations": None if number % 19 == 3 else [
                    {"event": "disk full", "id": 1, "type": "mail", "to": "noc@example.com", "smtp_name": "relay"}
                ],
                "alertemail": {"smtpserver": ""},
                "approval_matrix": [],
                "dns": {"primary": "192.0.2.53", "secondary": ("192.0.2.54", "0.0.0.0")[number % 7 == 0]},
                "global": {"global_ssl_protocol": ("tlsv1.2", "tlsv1.0")[number % 11 == 0]},
                "fazmaild": {"state": "running", "failed": 0, "discarded": 0, "queue_length": 0, "queue_limit": 100},
                "debug": {"level": 0, "on": False},
                "ha": {"enabled": False, "mode": "Stand Alone"},
                "unread": {"alert_destinations": "No permission"} if number % 19 == 3 else {},
            }
        }
    }  # fmt: skip


def document(devices: int, days: int = 3) -> Document:
    """A document of some devices, compared with those of the days before."""
    rules = policy((), ("glob:*.example.com",), WAIVERS)
    made = []
    for day in range(days):
        names = {f"{('faz', 'fmg')[number % 2]}-{number:03}": number for number in range(devices)}
        at = NOW - timedelta(days=days - 1 - day)
        accepted = {"item": "relay", "verdict": {"outcome": "accepted", "evidence": [{"text": "250 2.0.0 queued"}]}}
        whole = fleet(
            {name: facts(number, day) for name, number in names.items()},
            rules.rules,
            rules.waivers,
            at,
            {name: ["emea" if number % 3 else "amer", name[:3]] for name, number in names.items()},
            {name: [accepted] for name, number in names.items() if number % 4},
        )
        made.append(read(json.dumps(whole)))
    return compared(made[-1], made[:-1]) if days > 1 else made[0]


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], str]:
    """Return the address of the page of some devices."""
    folder = tmp_path_factory.mktemp("pages")

    def made(devices: int) -> str:
        file = Path(folder, f"{devices}.html")
        if not file.is_file():
            file.write_text(as_html(Assessment(document(devices))), encoding="utf-8")
        return file.as_uri()

    return made
