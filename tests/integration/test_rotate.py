# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A password is rotated beside the old entry or in place, and a device on which that fails sends as before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .conftest import MAIL_PASSWORD
from .test_rollout import ALL_AT_ONCE

RELAY = {
    "server": "mail.example.com", "port": "587", "secure-option": "starttls",
    "auth": "enable", "user": "alerts", "passwd": "the old one",
}  # fmt: skip
EVENT = {"disk full": {"1": {"to": "noc@example.com", "smtp-name": "relay"}}}
VARIABLES = {
    "rotate_entry": "relay",
    "rotate_passwd": MAIL_PASSWORD,
    "mail_from": "faz@example.com",
    "mail_to": "noc@example.com",
}
BESIDE = {**VARIABLES, "rotate_to": "relay-2027"}


def servers(fleet: Any, name: str) -> dict[str, str]:
    return {key: values["passwd"] for key, values in fleet.devices[name].state.mail.entries.items()}


def batch_of(run: Any, name: str) -> dict[str, Any]:
    """What a batch returned for each device, on whichever host it ran."""
    (found,) = [row["result"]["results"] for row in run.results if row["task"].startswith(name)]
    return dict(found)


def used(fleet: Any, name: str) -> str:
    (destination,) = fleet.devices[name].state.alert_event.inner["disk full"]["alert-destination"].entries.values()
    return destination["smtp-name"]


def test_beside_the_old_entry_each_device_ends_with_one_that_is_proved(
    start: Any, playbook: Any, tmp_path: Path
) -> None:
    fleet = start(
        {"name": "good", "mail": {"relay": RELAY}, "alert_event": EVENT},
        {"name": "filtered", "mail": {"relay": {**RELAY, "server": "closed.example.com"}}, "alert_event": EVENT},
        {"name": "asked", "mail": {"relay": RELAY}, "alert_event": EVENT, "approval_matrix": {"root": {"mail-server": "relay"}}},
        {"name": "none", "alert_event": EVENT},
    )  # fmt: skip
    preview = playbook("fortiops.mail.rotate", fleet, *ALL_AT_ONCE, "--check", variables=BESIDE)
    assert batch_of(preview, "Move the alerts")["good"]["changed"] is True, preview.output
    assert servers(fleet, "good") == {"relay": "the old one"}

    run = playbook("fortiops.mail.rotate", fleet, *ALL_AT_ONCE, variables=BESIDE)
    assert run.status == 2, run.output
    assert (servers(fleet, "good"), used(fleet, "good")) == ({"relay-2027": MAIL_PASSWORD}, "relay-2027")
    assert (servers(fleet, "filtered"), used(fleet, "filtered")) == ({"relay": "the old one"}, "relay")
    # The approval matrix is no table of ours: both entries stay, and the failure says who names the old one.
    assert (list(servers(fleet, "asked")), used(fleet, "asked")) == (["relay", "relay-2027"], "relay")
    changed = {name: run.of(name, "The new password is in use")[0]["changed"] for name in ("good", "filtered")}
    assert changed == {"good": True, "filtered": True}
    messages = {name: run.of(name, "The new password is in use")[0].get("msg", "") for name in fleet.devices}
    assert "connect_refused" in messages["filtered"]
    assert (
        "relay-2027 is proved, but relay was not retired: entry 'relay' is used by approval matrix 'root'"
        in messages["asked"]
    )
    assert messages["none"] == "the device has no entry relay"
    [document] = (tmp_path / "runs").glob("rotate-*.json")
    assert {each["name"]: each["state"] for each in json.loads(document.read_text(encoding="utf-8"))["devices"]} == {
        "good": "proved",
        "filtered": "taken_back",
        "asked": "refused",
        "none": "refused",
    }
    assert MAIL_PASSWORD not in run.output

    again = playbook("fortiops.mail.rotate", fleet, "-e", "target=good", variables=BESIDE)
    assert (again.status, servers(fleet, "good")) == (0, {"relay-2027": MAIL_PASSWORD}), again.output


def test_in_place_a_password_that_is_refused_gives_way_to_the_one_before(start: Any, playbook: Any) -> None:
    fleet = start({"name": "faz", "mail": {"relay": {**RELAY, "passwd": MAIL_PASSWORD}}, "alert_event": EVENT})
    wrong = {**VARIABLES, "rotate_passwd": "a wrong one", "rotate_passwd_before": MAIL_PASSWORD}
    run = playbook("fortiops.mail.rotate", fleet, variables=wrong)
    assert run.status == 2
    assert batch_of(run, "Send the new")["faz"]["state"] == "taken_back"
    assert servers(fleet, "faz") == {"relay": MAIL_PASSWORD}
    run = playbook("fortiops.mail.rotate", fleet, variables=VARIABLES)
    assert (run.status, batch_of(run, "Send the new")["faz"]["state"]) == (0, "proved"), run.output
    missing = playbook("fortiops.mail.rotate", fleet, variables={"rotate_entry": "relay"})
    assert "expected rotate_entry, the mail server, rotate_passwd, its new password" in missing.output
