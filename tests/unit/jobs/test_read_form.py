# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read can be given back: whatever a device holds, the rows that describe it change nothing when they are written."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.filter.parse_show import parse_show
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.alert_events import plan_alert_events
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.gathered import host_variables
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_alert_event, system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import AlertEvents
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.written import written_options
from ansible_collections.fortiops.mail.simulator.device.models import models
from hypothesis import given, settings
from hypothesis import strategies as st

from ..device.test_plan_properties import TEXT, desired, value_for
from ..in_process import log_in, simulated
from .cases import Case, do

# What becomes of a device is the same in each Python.
pytestmark = pytest.mark.once


class Loader(yaml.SafeLoader):
    """Reads what Ansible reads."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


@st.composite
def events(draw: st.DrawFn, servers: list[str]) -> list[dict[str, Any]]:
    rows = []
    for name in draw(st.lists(TEXT, max_size=2, unique=True)):
        row: dict[str, Any] = {"event": name}
        for option in system_alert_event().options:
            if draw(st.booleans()):
                row[option.python_name] = draw(
                    value_for(option, None)
                    if option.type == "string"
                    else st.sampled_from([each.name for each in option.choices])
                )
        numbers = draw(st.lists(st.integers(1, 9), max_size=2, unique=True))
        row["destinations"] = [
            {"id": number, "to": draw(TEXT), "smtp_name": draw(st.sampled_from(servers))} for number in numbers
        ]
        rows.append(row)
    return rows


@pytest.mark.parametrize("model", ["faz-7.0.11", "fmg-7.6.7"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_the_modules_and_the_filter_return_changes_nothing_when_it_is_given_back(
    model: str, data: st.DataObject
) -> None:
    state = simulated(model)
    device, firmware = log_in(state), models()[model].firmware
    servers = data.draw(desired(model))
    alerts = data.draw(events([row["id"] for row in servers]))
    mail = plan_entries(system_mail(), servers, {}, firmware)
    push(device.session, mail)
    push(device.session, *plan_alert_events(alerts, AlertEvents({}, {}), list(mail.after), firmware).plans)
    with TemporaryDirectory() as directory:
        modules = [f"{name}_info" for name in ("system_mail", "system_alert_event_mail")]
        rows, found = (do(Case(module), state, Path(directory)).result for module in modules)
        shown = "\n".join([*state.mail.show(state.mail.entries), *state.alert_event.show(state.alert_event.entries)])
        for config, more in (
            (rows["entries"], found["events"]),
            (parse_show(shown), parse_show(shown, "alert-event")),
        ):
            options, notes = written_options("system_mail", {"config": config, "alert_events": more})
            assert notes == [] or "can only be read" in notes[0]
            for goal in ("merged", "replaced", "overridden"):
                done = do(Case("system_mail", {**options, "state": goal}), state, Path(directory))
                assert done.error is None
                assert (done.result["changed"], done.result["commands"]) == (False, []), goal
        gathered = do(Case("system_mail", {"state": "gathered"}), state, Path(directory)).result["gathered"]
        variables = yaml.load(host_variables("faz", gathered["mail_servers"], gathered["alert_events"]), Loader)
        options = {
            "config": variables["mail_servers"],
            "alert_events": variables["alert_events"],
            "state": "overridden",
        }
        adopted = do(Case("system_mail", options), state, Path(directory))
        assert (adopted.error, adopted.result["changed"]) == (None, False)


def test_what_a_task_does_not_make_is_left_alone_and_named() -> None:
    row = {"event": "disk full", "destinations": [{"id": 1, "type": "mail", "to": "x"}, {"id": 2, "type": "syslog"}]}
    options, notes = written_options("system_alert_event_mail", {"config": [row]})
    assert options["config"] == [{"event": "disk full", "destinations": [{"id": 1, "to": "x"}]}]
    assert notes == [
        "config: type can only be read, and had no effect",
        "config: alert event 'disk full' destination 2 is of type syslog, and is left alone",
    ]


def test_what_the_firmware_should_not_have_and_shows_all_the_same_can_be_given_back() -> None:
    firmware = models()["faz-7.4.2"].firmware
    observed = {"relay": {"server": "what?", "ssl-protocol": "tlsv1.2", "secure-option": "another"}}
    row = {"id": "relay", "server": "what?", "ssl_protocol": "tlsv1.2", "secure_option": "another"}
    assert not plan_entries(system_mail(), [row], observed, firmware).changed
