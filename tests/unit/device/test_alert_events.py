# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is planned for mail destinations, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.alert_events import (
    dangling,
    mails_somebody,
    moved,
    plan_alert_events,
    plan_destinations,
    plan_destinations_deleted,
    references,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.desired import PlanError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import Plan
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import AlertEvents, destination_facts
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware

FAZ = Firmware("FortiAnalyzer", (7, 4, 2))
NOC = {"event": "disk full", "id": 1, "to": "noc@example.com", "smtp_name": "relay"}
STORED = {"to": "noc@example.com", "smtp-name": "relay"}
OBSERVED = AlertEvents(
    {"disk full": {}, "quiet": {}}, {"disk full/1": STORED, "disk full/2": {"type": "syslog", "smtp-name": "old"}}
)


def planned(*desired: dict[str, Any], observed: AlertEvents = OBSERVED, **options: Any) -> Plan:
    return plan_destinations(desired, observed, ["relay", "other"], FAZ, **options)


def commands(plan: Plan) -> list[str]:
    return [line.command for line in plan.lines]


def test_a_new_destination_of_a_new_event_gets_its_type_although_that_is_the_default() -> None:
    plan = planned({**NOC, "event": 'says "stop"', "id": 4, "from": "faz@example.com"})
    assert commands(plan) == [
        "config system alert-event",
        r'edit "says \"stop\""',
        "config alert-destination",
        "edit 4",
        "set type mail",
        'set from "faz@example.com"',
        'set to "noc@example.com"',
        'set smtp-name "relay"',
        "next",
        "end",
        "next",
        "end",
    ]
    assert plan.after['says "stop"/4'] == {**STORED, "from": "faz@example.com"}
    assert "alert event 'says \"stop\"' does not exist" in [line.reason for line in plan.lines]


def test_what_is_there_already_is_not_sent_again() -> None:
    assert not planned(NOC).changed
    assert not planned({"event": "disk full", "id": 1}).changed


def test_only_what_differs_is_sent_and_what_is_not_named_stays() -> None:
    plan = planned({"event": "disk full", "id": 1, "smtp_name": "other"})
    assert commands(plan)[3:5] == ["edit 1", 'set smtp-name "other"']
    assert plan.after["disk full/1"] == {"to": "noc@example.com", "smtp-name": "other"}
    assert plan.before["disk full/1"] == STORED
    assert "smtp-name: relay -> other" in [line.reason for line in plan.lines]


def test_an_option_is_unset_by_an_empty_text() -> None:
    observed = AlertEvents({"e": {}}, {"e/1": {**STORED, "from": "x@example.com"}})
    plan = planned({"event": "e", "id": 1, "from": ""}, observed=observed)
    assert "unset from" in commands(plan)
    assert plan.after["e/1"] == STORED


def test_destinations_of_one_event_are_pushed_within_one_edit() -> None:
    quiet = {**NOC, "event": "quiet"}
    plan = planned({**NOC, "id": 5}, quiet, {**NOC, "id": 6})
    assert commands(plan).count('edit "disk full"') == 1
    assert [line for line in commands(plan) if line.startswith("edit ")] == [
        'edit "disk full"', "edit 5", "edit 6", 'edit "quiet"', "edit 1",
    ]  # fmt: skip


def test_a_deletion_deletes_destinations_and_never_the_event_around_them() -> None:
    plan = plan_destinations_deleted([{"event": "disk full", "id": 1}, {"event": "gone", "id": 1}], OBSERVED)
    assert commands(plan) == [
        "config system alert-event", 'edit "disk full"', "config alert-destination", "delete 1", "end", "next", "end",
    ]  # fmt: skip
    assert list(plan.after) == ["disk full/2"]
    assert not plan_destinations_deleted([{"event": "quiet", "id": 1}], OBSERVED).changed


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"smtp_name": "gone"}, r"alert event 'disk full' destination 1: smtp_name 'gone' is no entry of config system mail \('relay', 'other'\)"),
        ({"to": ""}, "alert event 'disk full' destination 1: to is empty, so that nobody is mailed"),
        ({"smtp_name": ""}, "destination 1: smtp_name is empty"),
        ({"id": 3, "smtp_name": None}, "destination 3: smtp_name is empty"),
        ({"id": 3, "to": None}, "destination 3: to is empty"),
        ({"id": 2}, "alert event 'disk full' destination 2 is of type syslog, not mail"),
        ({"id": 0}, "alert event 'disk full': id 0 is not a whole number from 1 to"),
        ({"id": True}, "id True is not a whole number"),
        ({"event": ""}, "event '': expected a name of 1 to 63 characters"),
        ({"event": " x"}, "event ' x': expected a name"),
        ({"event": "x" * 64}, "expected a name of 1 to 63 characters"),
        ({"event": "what?"}, "event 'what[?]': the value holds a question mark"),
        ({"to": "a\nb"}, "alert event 'disk full' destination 1: to: the value holds the control character"),
        ({"from": "x" * 256}, "from: .* has 256 characters, the device takes 255"),
    ],
)  # fmt: skip
def test_what_is_refused(wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        planned({**NOC, **wanted})


def test_a_destination_named_twice_is_refused() -> None:
    with pytest.raises(PlanError, match="alert event 'disk full' destination 1 is named twice"):
        planned(NOC, {**NOC, "to": "x@example.com"})
    with pytest.raises(PlanError, match="named twice"):
        plan_destinations_deleted([NOC, NOC], OBSERVED)


@pytest.mark.parametrize("stored", [{"smtp-name": "gone"}, {"to": ""}], ids=["no such server", "no recipient"])
def test_what_mails_nobody_on_the_device_is_given_back_as_it_is_but_not_changed(stored: dict[str, str]) -> None:
    on_device = {**STORED, **stored}
    observed = AlertEvents({"e": {}}, {"e/1": on_device})
    row = {
        "event": "e",
        "id": 1,
        **{name.replace("-", "_"): value for name, value in on_device.items() if name != "type"},
    }

    assert not planned(row, observed=observed).changed
    with pytest.raises(PlanError, match=r"force: true sends it all the same"):
        planned({**row, "from": "other@example.com"}, observed=observed)
    plan = plan_alert_events(
        [{"event": "e", "destinations": [{name: value for name, value in row.items() if name != "event"}]}],
        observed,
        ["relay"],
        FAZ,
    )
    assert (plan.changed, list(plan.idle)) == (False, ["e/1"])


def test_force_sends_what_would_mail_nobody_and_changes_other_types() -> None:
    assert planned({**NOC, "smtp_name": "gone"}, force=True).after["disk full/1"]["smtp-name"] == "gone"
    plan = planned({**NOC, "id": 2}, force=True)
    assert "set type mail" in commands(plan)
    assert plan.after["disk full/2"] == STORED
    with pytest.raises(PlanError, match="of type syslog"):
        plan_destinations_deleted([{"event": "disk full", "id": 2}], OBSERVED)
    assert plan_destinations_deleted([{"event": "disk full", "id": 2}], OBSERVED, force=True).changed


def test_questions_about_destinations() -> None:
    facts = destination_facts(
        {
            "a/b/1": {**STORED},
            "c/1": {"to": "x@example.com", "smtp-name": "gone"},
            "c/2": {"to": "x@example.com"},
            "c/3": {"smtp-name": "relay"},
            "c/4": {"type": "snmp", "to": "x@example.com", "smtp-name": "relay"},
        }
    )
    assert facts[0] == {
        "event": "a/b",
        "id": 1,
        "type": "mail",
        "from": "",
        "to": "noc@example.com",
        "smtp_name": "relay",
    }
    assert [each["id"] for each in dangling(facts, ["relay"])] == [1, 2]
    assert [mails_somebody(each, ["relay"]) for each in facts] == [True, False, False, False, False]


def test_references_name_the_destinations_of_any_type() -> None:
    assert references(OBSERVED.destinations, "smtp-name", ["old", "relay", "other"]) == {
        "relay": ["disk full/1"],
        "old": ["disk full/2"],
    }
    assert references({"e/1": {}}, "smtp-name", [""]) == {}


def test_destinations_are_moved_from_one_server_to_another() -> None:
    events = [
        {"event": "a", "num_events": "5", "destinations": [{"id": 1, "smtp_name": "old"}, {"id": 2, "smtp_name": "x"}]},
        {"event": "b", "destinations": [{"id": 1, "type": "syslog", "smtp_name": "old"}]},
        {"event": "c"},
    ]
    assert moved(events, "old", "new") == [{"event": "a", "destinations": [{"id": 1, "smtp_name": "new"}]}]
