# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-doc says of results is what comes: each value is described, of the type it says, and there when it says so."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from .conftest import ENTRY, play, task

PACKAGE = "ansible_collections.fortiops.mail.plugins"
TYPES: dict[str, type | tuple[type, ...]] = {
    "bool": bool, "dict": dict, "float": (int, float), "int": int, "list": list, "str": str,
}  # fmt: skip
# Of every result, and not of one module.
GENERAL = {"changed", "diff", "warnings"}
CERTIFICATE = {"id": "certificate", "server": "mail.example.com", "auth_type": "certificate", "local_cert": "ours"}
OAUTH2 = {"id": "token", "server": "mail.example.com", "auth_type": "oauth2", "oauth2_client_id": "ours"}


def untrue(where: str, documented: Mapping[str, Any], value: Any) -> Iterator[str]:
    """What the documentation of a value does not say, or says differently."""
    if value is None:
        if "null" not in str(documented["description"]):
            yield f"{where} is null"
        return
    if not isinstance(value, TYPES[documented["type"]]) or (isinstance(value, bool) and documented["type"] != "bool"):
        yield f"{where} is no {documented['type']}: {value!r}"
    elif isinstance(value, list):
        element = {**documented, "type": documented["elements"]}
        for each in value:
            yield from untrue(f"{where}[]", element, each)
    elif isinstance(value, dict) and "contains" in documented:
        for name, each in value.items():
            if name in documented["contains"]:
                yield from untrue(f"{where}.{name}", documented["contains"][name], each)
            else:
                yield f"{where}.{name} is not documented"


def test_results_of_modules(start: Any, playbook: Callable[..., Any], tmp_path: Path, closed_port: int) -> None:
    fleet = start({"name": "new", "model": "fmg-7.6.7"}, {"name": "old", "model": "faz-7.0.11"})
    submission, plain = (fleet.mail_servers[f"mail.example.com:{port}"].spec for port in (587, 25))
    captures = {"capture_dir": str(tmp_path / "captures")}
    mail = {"id": "relay", "mail_from": "faz@example.com", "mail_to": "noc@example.com"}
    alert = {"event": "disk full", "destinations": [{"id": 1, "to": "noc@example.com", "smtp_name": "relay"}]}
    tasks = [
        task("system_mail", config=[ENTRY, CERTIFICATE]),
        {**task("system_mail", "token", config=[OAUTH2]), "when": "inventory_hostname == 'new'"},
        task("system_mail_info"),
        task("system_alert_event_mail", config=[alert]),
        task("system_alert_event_mail_info"),
        {**task("mail_test", **mail, **captures), "register": "test"},
        task("mail_path", **mail, **captures, traceroute=True),
        task("smtp_probe", host=plain.address, port=[submission.port, plain.port, closed_port], timeout=5),
        {**task("faz_facts"), "register": "facts"},
        task(
            "faz_command",
            commands=["show system mail"],
            backup=f"{tmp_path}/{{{{ inventory_hostname }}}}.conf",
            **captures,
        ),
        task("fazmaild"),
        task("fazmaild_debug", **captures, seconds=0.5),
        task("fazmaild_log_info", paths=["{{ test.capture_file }}"]),
        task(
            "compliance_report",
            results="{{ {inventory_hostname: facts} }}",
            reports={"html": f"{tmp_path}/{{{{ inventory_hostname }}}}.html"},
        ),
    ]
    run = playbook(play(*tasks), fleet)
    assert run.status == 0, run.output
    wrong = []
    for module in sorted({name.removeprefix("fortiops.mail.") for each in tasks for name in each if "." in name}):
        values = yaml.safe_load(importlib.import_module(f"{PACKAGE}.modules.{module}").RETURN)
        for host in fleet.devices:
            (result,) = (row["result"] for row in run.results if (row["host"], row["task"]) == (host, module))
            result = {name: value for name, value in result.items() if not name.startswith("_ansible")}
            found = {name: value for name, value in result.items() if name not in GENERAL}
            wrong += untrue(module, {"type": "dict", "contains": values}, found)
            always = {name for name, value in values.items() if value["returned"].startswith("success")}
            wrong += [f"{module}.{name} is missing" for name in always - set(found)]
    assert sorted(set(wrong)) == []
