# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation is the one source of options; these tests hold it against the schema and against Ansible's rules."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.action._task import argument_spec
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.relays import relays
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import (
    alert_destination,
    system_alert_event,
    system_mail,
)

PLUGINS = Path(__file__).parents[3] / "plugins"
MODULES = sorted(file.stem for file in (PLUGINS / "modules").glob("*.py"))


def documented(module: str, part: str = "DOCUMENTATION") -> Any:
    return yaml.load(
        getattr(importlib.import_module(f"ansible_collections.fortiops.mail.plugins.modules.{module}"), part),
        yaml.CSafeLoader,
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
    assert set(options) == {
        "id",
        "relay",
        *schema,
        *(f"{name}_set" for name, option in schema.items() if option.secret),
    }
    assert options["relay"]["choices"] == list(relays())
    for name, option in schema.items():
        assert set(options[name].get("choices", [])) == {choice.name for choice in option.choices}
        assert options[name]["type"] == ("int" if option.type == "integer" else "str")
        assert options[name].get("no_log", False) == option.secret


@pytest.mark.parametrize(
    ("module", "name"),
    [("system_alert_event_mail", "config"), ("system_mail", "alert_events"), ("mail_rollout", "alert_events")],
)
def test_alert_events_document_exactly_what_the_schema_has(module: str, name: str) -> None:
    options = argument_spec(module)[name]["options"]
    schema = {option.python_name: option for option in system_alert_event().options}
    assert set(options) == {"event", "destinations", *schema}
    for option_name, option in schema.items():
        assert options[option_name].get("choices", []) == [choice.name for choice in option.choices]
    destinations = options["destinations"]["options"]
    assert set(destinations) == {"id"} | {option.python_name for option in alert_destination().options} - {"type"}


def test_the_action_groups_hold_every_module_and_those_with_an_option() -> None:
    # Ansible gives the defaults of a group to all of its modules.
    runtime = yaml.load((PLUGINS.parent / "meta" / "runtime.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert set(runtime["action_groups"]) == {"all", "capture"}
    assert runtime["action_groups"]["all"] == MODULES
    assert runtime["action_groups"]["capture"] == [each for each in MODULES if "capture_dir" in argument_spec(each)]


@pytest.mark.parametrize("kind", ["connection", "filter", "modules", "test"])
def test_each_page_leads_to_another(kind: str) -> None:
    files = [file for file in (PLUGINS / kind).glob("*.py") if not file.stem.startswith("_")]
    assert files
    for file in files:
        plugin = importlib.import_module(f"ansible_collections.fortiops.mail.plugins.{kind}.{file.stem}")
        assert yaml.load(plugin.DOCUMENTATION, yaml.CSafeLoader).get("seealso"), file.name


DOCUMENTED = sorted(
    file
    for kind in ("modules", "connection", "filter", "test")
    for file in (PLUGINS / kind).glob("*.py")
    if not file.stem.startswith("_")
)


@pytest.mark.parametrize("file", DOCUMENTED, ids=lambda file: file.stem)
def test_ansibles_rules_for_documentation_that_nothing_else_checks(file: Path) -> None:
    plugin = importlib.import_module(f"ansible_collections.fortiops.mail.plugins.{file.parent.name}.{file.stem}")
    documentation = yaml.load(plugin.DOCUMENTATION, yaml.CSafeLoader)
    assert all("(@" in author for author in documentation["author"])
    if file.parent.name == "modules":
        assert "fortiops.mail.attributes" in documentation["extends_documentation_fragment"]
    version = yaml.load((PLUGINS.parent / "galaxy.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)["version"]
    assert documentation["version_added"] <= version
    returned = yaml.load(getattr(plugin, "RETURN", "{}"), yaml.CSafeLoader)
    assert [key for key in keys(returned) if not isinstance(key, str)] == []
    for name in re.findall(r"RV\((_value[^)]*)\)", plugin.DOCUMENTATION + getattr(plugin, "RETURN", "")):
        contains = {"contains": returned}
        for part in name.replace("[]", "").split("."):
            assert part in contains["contains"], name
            contains = contains["contains"][part]


def keys(data: Any) -> Iterator[Any]:
    """All keys of nested data; YAML takes `on` and `yes` for booleans."""
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from keys(each)
    yield from data if isinstance(data, dict) else ()


@pytest.mark.parametrize(
    "file", [file for file in DOCUMENTED if file.parent.name == "filter"], ids=lambda file: file.stem
)
def test_filters_document_the_order_of_their_arguments(file: Path) -> None:
    plugin = importlib.import_module(f"ansible_collections.fortiops.mail.plugins.filter.{file.stem}")
    documentation = yaml.load(plugin.DOCUMENTATION, yaml.CSafeLoader)
    names = list(inspect.signature(plugin.FilterModule().filters()[file.stem]).parameters)
    assert documentation["positional"].split(", ") == ["_input", *names[1:]]
    assert set(documentation["options"]) == {"_input", *names[1:]}


@pytest.mark.parametrize("name", ["capture_error", "device", "unread"])
def test_what_several_modules_return_is_described_alike(name: str) -> None:
    # Ansible has no fragments for RETURN.
    returned = [
        yaml.load(
            importlib.import_module(f"ansible_collections.fortiops.mail.plugins.modules.{module}").RETURN,
            yaml.CSafeLoader,
        )
        for module in MODULES
    ]
    texts = [str(values[name]["description"]) for values in returned if name in values]

    assert len(texts) > 2
    assert set(texts) == {texts[0]}
