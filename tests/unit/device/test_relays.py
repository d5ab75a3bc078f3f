# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relay presets: filled in, overridden by what is named, refused where the firmware cannot use them."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.desired import PlanError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.relays import relays, with_presets
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware

FAZ = Firmware("FortiAnalyzer", (7, 4, 2))
FMG = Firmware("FortiManager", (7, 6, 7))
ANSWERS = {
    "server": "email-smtp.eu-west-1.amazonaws.com",
    "user": "alerts@example.com",
    "oauth2_auth_server": "https://login.example.com/token",
    "oauth2_auth_scope": "send",
    "oauth2_client_id": "id",
}


def test_a_preset_fills_in_and_named_options_win() -> None:
    entry = with_presets(
        {"id": "g", "relay": "gmail", "user": "a@example.com", "port": 465, "secure_option": "smtps"}, FAZ
    )
    assert entry == {
        "id": "g",
        "server": "smtp.gmail.com",
        "port": 465,
        "secure_option": "smtps",
        "auth": "enable",
        "user": "a@example.com",
    }


def test_without_a_relay_nothing_is_added() -> None:
    assert with_presets({"id": "x", "relay": None, "server": "s"}, FAZ) == {"id": "x", "server": "s"}


def test_a_relay_this_firmware_cannot_use_is_refused_with_advice() -> None:
    with pytest.raises(
        PlanError, match=r"microsoft365 needs auth_type: oauth2, which FortiAnalyzer 7\.4\.2 does not have.*connector"
    ):
        with_presets({"id": "m", "relay": "microsoft365", **ANSWERS}, FAZ)


def test_what_only_the_user_can_know_is_asked_for() -> None:
    with pytest.raises(PlanError, match="amazon_ses needs server, user as well"):
        with_presets({"id": "a", "relay": "amazon_ses"}, FAZ)


def test_an_unknown_relay_is_refused() -> None:
    with pytest.raises(PlanError, match="'hotmail' is not one of gmail"):
        with_presets({"id": "x", "relay": "hotmail"}, FAZ)


@pytest.mark.parametrize("name", list(relays()))
def test_every_preset_can_be_planned_and_is_encrypted(name: str) -> None:
    preset = relays()[name]
    answers = {key: ANSWERS[key] for key in preset["ask_for"]}
    plan = plan_entries(system_mail(), [with_presets({"id": "r", "relay": name, **answers}, FMG)], {}, FMG)
    assert plan.after["r"]["secure-option"] in ("starttls", "smtps")
    assert isinstance(preset["checked"], datetime.date)
    assert preset["notes"] and preset["limits"]
    assert set(preset["options"]) | set(preset["ask_for"]) <= {option.python_name for option in system_mail().options}
