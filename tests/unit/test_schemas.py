# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results keep to the JSON schemas that are shipped with them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, NotRequired, get_origin, get_type_hints

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse, document
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.facts import (
    DebugFacts,
    Facts,
    FirmwareFacts,
    HaFacts,
    gather,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import (
    Table,
    alert_destination,
    system_alertemail,
    system_mail,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.summary import Summary
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import Finding
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.waivers import WaiverRow
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.texts import refuse
from jsonschema import Draft202012Validator

from .device.conftest import log_in, simulated

ROOT = Path(__file__).parents[2]
LOGS = sorted((ROOT / "tests" / "samples" / "logs").glob("*.log"))


def schema(name: str) -> Any:
    data = json.loads((ROOT / "plugins" / "plugin_utils" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(data)
    return data


@pytest.mark.parametrize("model", list(models()))
def test_facts_of_every_firmware(model: str) -> None:
    state = simulated(model)
    _, inner = state.alert_event.working_copy("disk full")
    inner["alert-destination"].fill("2", {"to": "noc@example.com", "smtp-name": "relay"})
    state.alert_event.fill("disk full", {}, inner)
    state.alertemail.fill("", {"smtpserver": "old.example.com", "smtppassword": "an old secret"})
    device = log_in(state)
    entry = {"id": "relay", "server": "smtp.example.com", "auth": "enable", "passwd": "secret"}
    push(device.session, plan_entries(system_mail(), [entry], {}, device.status().firmware))
    facts = gather(device)
    Draft202012Validator(schema("facts")).validate(facts)
    assert facts["firmware"]["version_tuple"] == list(models()[model].firmware.version)
    assert facts["mail"][0]["auth_enabled"] is True
    assert facts["alert_destinations"] == [
        {"event": "disk full", "id": 2, "type": "mail", "from": "", "to": "noc@example.com", "smtp_name": "relay"}
    ]
    assert (facts["alertemail"]["smtpserver"], facts["alertemail"]["smtppassword_set"]) == ("old.example.com", True)
    assert facts["debug"] == {"level": 0, "on": False, "timestamps": False, "other_daemons": False}
    assert facts["fazmaild"]["queue_limit"] == 5000


@pytest.mark.parametrize("table", ["alert_event", "alertemail"])
def test_a_device_that_refuses_to_show_who_is_mailed_has_facts_without_it(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(entries: Any) -> list[str]:
        raise refuse("parse_error", word=table)

    state = simulated()
    monkeypatch.setattr(getattr(state, table), "show", refused)
    facts = gather(log_in(state))
    Draft202012Validator(schema("facts")).validate(facts)
    assert ("alert_destinations" in facts, "alertemail" in facts) == (table == "alertemail", False)
    assert facts["mail"] == []


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        (Facts, ["facts"]),
        (FirmwareFacts, ["facts", "properties", "firmware"]),
        (HaFacts, ["facts", "properties", "ha"]),
        (DebugFacts, ["facts", "properties", "debug"]),
        (Finding, ["compliance", "$defs", "finding"]),
        (WaiverRow, ["compliance", "properties", "waivers", "items"]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_type_has_the_keys_of_its_schema(typed: Any, where: list[str]) -> None:
    described = schema(where[0])
    for step in where[1:]:
        described = described[step]
    hints = get_type_hints(typed, include_extras=True)
    assert set(described["properties"]) == set(hints)
    assert set(described["required"]) == {name for name, hint in hints.items() if get_origin(hint) is not NotRequired}


def named(table: Table) -> set[str]:
    return {f"{option.python_name}_set" if option.secret else option.python_name for option in table.options}


def test_every_option_of_the_tables_has_a_place_in_the_schema() -> None:
    facts = schema("facts")
    assert set(facts["$defs"]["entry"]["properties"]) == {"id", "auth_enabled"} | named(system_mail())
    assert set(facts["$defs"]["alert_destination"]["properties"]) == {"event", "id"} | named(alert_destination())
    assert set(facts["properties"]["alertemail"]["properties"]) == named(system_alertemail())


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_the_analysis_of_every_sample_log(log: Path) -> None:
    result = document([analyse(log.read_text(encoding="utf-8"), str(log))])
    Draft202012Validator(schema("parse")).validate(result)


def test_the_sums_of_the_sample_logs() -> None:
    total = Summary()
    for log in LOGS:
        for item in stream(read(io.BytesIO(log.read_bytes()))):
            total.add(item)

    sums = total.as_dict()
    Draft202012Validator(schema("summary")).validate(sums)
    assert (
        sums["sends"]
        == sum(sums["verdicts"].values())
        == sum(number for row in sums["hours"] for name, number in row.items() if name != "hour")
    )


def test_a_wrong_document_does_not_pass() -> None:
    result = document([analyse("sendmail_task:1: mail failed: 535 5.7.8 no\n")])
    result["files"][0]["verdicts"][0]["outcome"] = "fine"
    assert list(Draft202012Validator(schema("parse")).iter_errors(result))
