# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans on generated tables, with the simulator's engine as the device."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.desired import PlanError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import (
    Table,
    alert_destination,
    system_alertemail,
    system_dns,
    system_mail,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import entries_of
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.known_secrets import MASK
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.find import template
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.configuration import read_block
from ansible_collections.fortiops.mail.simulator.device.models import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..in_process import log_in, simulated

# What becomes of a device is the same in each Python.
pytestmark = pytest.mark.once

# What may be sent: no controls, line separators, lone surrogates, question mark, and no mask of ours.
TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="?"), min_size=1, max_size=20
).filter(lambda text: text == text.strip() and MASK not in text)


def value_for(option: Any, firmware: Any) -> st.SearchStrategy[Any]:
    if option.type == "option":
        return st.sampled_from([choice.name for choice in option.choices_on(firmware)])
    if option.type == "integer":
        return st.integers(option.minimum, option.maximum)
    return TEXT


@st.composite
def desired(draw: st.DrawFn, model: str) -> list[dict[str, Any]]:
    firmware = models()[model].firmware
    entries = []
    for key in draw(st.lists(TEXT, min_size=1, max_size=2, unique=True)):
        entry: dict[str, Any] = {"id": key}
        for option in system_mail().options_on(firmware):
            if draw(st.booleans()):
                entry[option.python_name] = draw(value_for(option, firmware))
        # Leave out what the other values hide; that refusal has a test of its own.
        complete = {
            option.name: str(entry.get(option.python_name, option.default or "")) for option in system_mail().options
        }
        entries.append(
            {
                name: value
                for name, value in entry.items()
                if name == "id" or system_mail().option(name).visible(complete)
            }
        )
    return entries


@pytest.mark.parametrize("model", ["faz-7.0.11", "faz-7.4.2", "fmg-7.6.7"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_apply_does_what_the_plan_says_and_the_second_plan_is_empty(model: str, data: st.DataObject) -> None:
    states = [data.draw(desired(model)) for __ in range(3)]
    # The same ids in all of them: what matters is what becomes of an entry.
    ids = data.draw(st.lists(TEXT, min_size=2, max_size=2, unique=True))
    states = [[{**entry, "id": ids[place]} for place, entry in enumerate(entries)] for entries in states]
    state = simulated(model)
    device = log_in(state)
    firmware = device.status().firmware
    for entries in states:
        goal = data.draw(st.sampled_from(["merged", "replaced", "overridden"]))
        try:
            plan = plan_entries(system_mail(), entries, device.mail_table(), firmware, state=goal)
        except PlanError as error:
            assert "exists only while" in str(error)  # hidden by what the first push has stored
            continue
        before = device.mail_table()
        if plan.changed:
            push(device.session, plan)
        assert (device.mail_table() != before) <= plan.changed
        found = {
            key: {name: value for name, value in entry.items() if name not in plan.uncovered.get(key, ())}
            for key, entry in device.mail_table().items()
        }
        assert found == plan.after
        assert not plan_entries(system_mail(), entries, device.mail_table(), firmware, state=goal).changed
        if goal == "overridden":
            assert set(device.mail_table()) == {entry["id"] for entry in entries}


@pytest.mark.parametrize("model", list(models()))
def test_every_firmware_refuses_exactly_what_its_schema_lacks(model: str) -> None:
    firmware = models()[model].firmware
    has = {option.name for option in system_mail().options_on(firmware)}
    for option in system_mail().options:
        value = option.choices[-1].name if option.choices else 25 if option.type == "integer" else "x"
        entry: dict[str, Any] = {"id": "1", option.python_name: value}
        entry |= {other.replace("-", "_"): needed for other, needed in option.when}
        try:
            plan_entries(system_mail(), [entry], {}, firmware)
            accepted = True
        except PlanError as error:
            accepted = False
            assert "has no option" in str(error) or "is not one of" in str(error)
        assert accepted == (option.name in has), option.name


# How exposed an entry is while it is being changed: credentials or mail without encryption.
def exposure(entry: dict[str, str]) -> int:
    protection = {"none": 2, "default": 1}.get(entry.get("secure-option", "default"), 0)
    return protection * (2 if entry.get("auth") == "enable" else 1)


@pytest.mark.parametrize("model", ["faz-7.4.2", "fmg-7.6.7"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_prefix_of_the_commands_is_less_safe_than_both_ends(model: str, data: st.DataObject) -> None:
    firmware = models()[model].firmware
    start = plan_entries(system_mail(), data.draw(desired(model)), {}, firmware).after
    key = next(iter(start))
    try:
        plan = plan_entries(system_mail(), [{**data.draw(desired(model))[0], "id": key}], start, firmware)
    except PlanError:
        return
    entry = dict(start[key])
    allowed = max(exposure(start[key]), exposure(plan.after[key]))
    for line in plan.lines:
        words = line.command.split(" ", 2)
        if words[0] == "set":
            entry[words[1]] = words[2].strip('"')
        elif words[0] == "unset":
            entry.pop(words[1], None)
        assert exposure(entry) <= allowed, line.command


@pytest.mark.parametrize("model", ["faz-7.4.2", "fmg-7.6.7"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_rendered_is_parsed_the_same(model: str, data: st.DataObject) -> None:
    firmware = models()[model].firmware
    entries = data.draw(desired(model))
    plan = plan_entries(system_mail(), entries, {}, firmware)
    # As the device would show it: passwords encrypted, nothing else changed.
    shown = [re.sub(r"^(set \S*(?:passwd|secret)) .*", r"\1 ENC x", line.command) for line in plan.lines]
    text = "\n".join([shown[0], *(f"    {line}" for line in shown[1:-1]), shown[-1]])
    assert entries_of(read_block(text, "system mail"), system_mail()) == plan.after


@pytest.mark.parametrize(
    ("name", "table", "keys"),
    [
        ("show_system_mail", system_mail(), {"id"}),
        ("get_system_mail_entry", system_mail(), {"id"}),
        ("show_system_alert_event", alert_destination(), {"event", "id"}),
        ("show_system_alertemail", system_alertemail(), set()),
        ("system_dns", system_dns(), set()),
    ],
)
def test_a_template_of_a_table_knows_every_option_of_the_schema(name: str, table: Table, keys: set[str]) -> None:
    values = {value.lower() for value in template(name).header}
    assert values == keys | {option.python_name for option in table.options}
