# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation is the one source of options; these tests hold it against the schema and against Ansible's rules."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.action._task import argument_spec
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.relays import relays
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import alert_destination, system_mail

PLUGINS = Path(__file__).parents[3] / "plugins"
MODULES = sorted(file.stem for file in (PLUGINS / "modules").glob("*.py"))


def documented(module: str, part: str = "DOCUMENTATION") -> Any:
    return yaml.safe_load(
        getattr(importlib.import_module(f"ansible_collections.fortiops.mail.plugins.modules.{module}"), part)
    )


def test_each_module_has_an_action_and_each_action_a_module() -> None:
    actions = {file.stem for file in (PLUGINS / "action").glob("*.py") if not file.stem.startswith("_")}
    assert set(MODULES) == actions


@pytest.mark.parametrize("module", MODULES)
def test_examples_use_only_documented_options(module: str) -> None:
    name = f"fortiops.mail.{module}"
    spec = argument_spec(module)
    tasks = [task for task in documented(module, "EXAMPLES") if name in task]
    assert tasks
    for task in tasks:
        assert set(task[name] or {}) <= set(spec)


@pytest.mark.parametrize("module", MODULES)
def test_every_return_value_is_described(module: str) -> None:
    for value in documented(module, "RETURN").values():
        assert value["description"]
        assert value["returned"]
        assert value["type"]


def test_system_mail_documents_exactly_the_options_of_the_schema() -> None:
    options = argument_spec("system_mail")["config"]["options"]
    schema = {option.python_name: option for option in system_mail().options}
    assert set(options) == {"id", "relay", *schema}
    assert options["relay"]["choices"] == list(relays())
    for name, option in schema.items():
        assert set(options[name].get("choices", [])) == {choice.name for choice in option.choices}
        assert options[name]["type"] == ("int" if option.type == "integer" else "str")
        assert options[name].get("no_log", False) == option.secret


def test_system_alert_event_mail_documents_exactly_what_a_mail_destination_has() -> None:
    options = argument_spec("system_alert_event_mail")["config"]["options"]
    schema = {option.python_name for option in alert_destination().options}
    assert set(options) == {"event", "id"} | schema - {"type"}
    assert {name for name, option in options.items() if option.get("required")} == {"event", "id"}


def test_the_action_group_holds_every_module_that_talks_to_a_device() -> None:
    runtime = yaml.safe_load((PLUGINS.parent / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    with_device = {
        module
        for module in MODULES
        if any("device" in name for name in documented(module).get("extends_documentation_fragment", []))
    }
    assert set(runtime["action_groups"]["device"]) == with_device
