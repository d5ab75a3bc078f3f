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

MARKS = yaml.safe_load(Path(products.__file__).with_suffix(".yml").read_text(encoding="utf-8"))
REFUSED = "<<< 535 5.7.8 Error: authentication failed\n"


def analysed(text: str) -> dict[str, Any]:
    return analyse(f">>> AUTH LOGIN\n{REFUSED}" if not text else f"{text}\n>>> AUTH LOGIN\n{REFUSED}")


@pytest.mark.parametrize("row", MARKS, ids=lambda row: row["mark"])
def test_a_send_of_another_product_has_its_cause_and_no_command_of_ours(row: dict[str, str]) -> None:
    found = analysed(f"FGT60F # {row['mark']}")
    (verdict,) = found["verdicts"]
    assert verdict["cause"] == "auth_credentials_invalid"
    assert not any(each["cli"] or each["task"] for each in verdict["remedy"])
    assert row["product"] in verdict["remedy"][0]["advice"]
    assert "other_product" in verdict["warnings"]
    assert [note["about"] for note in found["notes"]] == ["other_product"]


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
    assert [verdict["outcome"] for verdict in analyse(text)["verdicts"]] in ([], ["unknown"])
