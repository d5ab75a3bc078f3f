# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other products of Fortinet, and people with telnet, print about mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.log import products

SAMPLES = Path(__file__).parents[2] / "samples"
MARKS = yaml.safe_load(Path(products.__file__).with_suffix(".yml").read_text(encoding="utf-8"))
REFUSED = "<<< 535 5.7.8 Error: authentication failed\n"


def analysed(text: str) -> dict[str, Any]:
    return analyse(f">>> AUTH LOGIN\n{REFUSED}" if not text else f"{text}\n>>> AUTH LOGIN\n{REFUSED}")


@pytest.mark.parametrize("row", MARKS, ids=lambda row: row["mark"])
def test_a_send_of_another_product_has_its_cause_and_no_command_of_ours(row: dict[str, str]) -> None:
    found = analysed(row["sample"])
    (verdict,) = found["verdicts"]
    assert verdict["cause"] == "auth_credentials_invalid"
    assert not any(each["cli"] or each["task"] for each in verdict["remedy"])
    assert row["product"] in verdict["remedy"][0]["advice"]
    assert "other_product" in verdict["warnings"]
    assert [note["about"] for note in found["notes"]] == ["other_product"]


@pytest.mark.parametrize("row", [row for row in MARKS if "line" in row], ids=lambda row: row["mark"])
def test_who_quotes_a_line_of_another_product_is_of_ours(row: dict[str, str]) -> None:
    (verdict,) = analysed(f"FAZ # diagnose debug enable\nfazmaild:7: got {row['sample']}")["verdicts"]
    assert "other_product" not in verdict["warnings"]


@pytest.mark.parametrize(
    ("status", "product"),
    [
        ("Version: FortiGate-60F v7.4.3,build2573,240201 (GA.F)", "FortiGate"),
        ("Version: FortiMail-VM v7.4.1,build561,230830 (GA)", "FortiMail"),
        ("Version: FortiManager-400C v4.3.8-build0698 130802 (GA)", "FortiManager of release 4.3"),
        ("Platform Full Name : FortiManager-VM\nVersion : v4.3.8-build0698 130802 (GA)", "FortiManager of release 4.3"),
        ("Platform Full Name : FortiManager-VM64\nVersion : v5.6.8-build1867 190320 (GA)", ""),
        ("Platform Full Name : FortiAnalyzer-VM64\nVersion : v7.4.2-build2397 231220 (GA.F)", ""),
    ],
)
def test_the_status_of_a_device_names_it(status: str, product: str) -> None:
    found = analysed(f"HOST # get system status\n{status}\nHOST # diagnose debug enable")
    (verdict,) = found["verdicts"]
    assert ("other_product" in verdict["warnings"]) == bool(product)
    assert all(product in note["text"] for note in found["notes"])
    assert any(each["cli"] for each in verdict["remedy"]) != bool(product)


def test_the_event_of_a_fortigate_is_a_mail_that_failed_for_a_reason_it_does_not_say() -> None:
    found = analyse((SAMPLES / "fortigate_log" / "event_20003.raw").read_text(encoding="utf-8"))
    assert [(each["outcome"], each["cause"]) for each in found["verdicts"]] == [("failed", "unknown")] * 2
    assert all("FortiGate" in each["remedy"][0]["advice"] for each in found["verdicts"])


def test_the_debug_of_a_fortigate_alone_tells_of_no_outcome() -> None:
    found = analyse((SAMPLES / "fortigate_log" / "alertmail.raw").read_text(encoding="utf-8"))
    assert [each["outcome"] for each in found["verdicts"]] in ([], ["unknown"])
    assert found["unmatched"] == []
    assert [note["about"] for note in found["notes"]] == ["other_product"]


def test_the_test_of_a_fortimail_is_no_mail() -> None:
    text = "FEVM02 # execute smtptest 192.0.2.25:25\n(using 192.0.2.20 to connect)\nRemote Output:\n220 mail.example.com ESMTP\n"
    assert analyse(f"{text}Connection Status:\nConnecting to remote host succeeded.\n")["sends"] == []


def test_a_send_of_a_device_of_ours_keeps_its_remedy() -> None:
    (verdict,) = analysed("FAZ # diagnose debug application fazmaild 255")["verdicts"]
    assert any("config system mail" in each["cli"] for each in verdict["remedy"])
    assert "other_product" not in verdict["warnings"]


def test_of_two_devices_in_one_log_only_the_other_product_has_no_remedy() -> None:
    text = f"FGT60F # diagnose log alertmail test\n>>> AUTH LOGIN\n{REFUSED}FAZ # diagnose debug enable\n>>> AUTH LOGIN\n{REFUSED}"
    other, ours = sorted(analyse(text)["verdicts"], key=lambda each: each["line"])
    assert "other_product" in other["warnings"]
    assert "other_product" not in ours["warnings"]


def test_who_only_looks_whether_a_server_answers_sends_no_mail() -> None:
    text = "Trying 192.0.2.25...\nConnected to mail.example.com.\n220 mail.example.com ESMTP\nquit\n221 Bye\nConnection closed by foreign host.\n"
    assert analyse(text)["verdicts"] == []
