# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that nothing answers for is unreachable, in Ansible's sense; one that answers and refuses has failed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import play, task
from .test_roles import role

READ = task("system_mail_info")
NEXT: dict[str, Any] = {"name": "next", "ansible.builtin.debug": {"msg": "still here"}}
RESCUED: dict[str, Any] = {"name": "tried", "block": [READ], "rescue": [{**NEXT, "name": "rescued"}]}


def recap(run: Any, host: str) -> dict[str, int]:
    (line,) = [line for line in run.output.splitlines() if line.startswith(f"{host} ") and "unreachable=" in line]
    return {name: int(count) for name, __, count in (word.partition("=") for word in line.split() if "=" in word)}


def down(name: str, **variables: Any) -> dict[str, Any]:
    return {"name": name, "vars": {"ansible_fortiops_mail_connect_limit": 2, **variables}}


def test_row_01_what_is_not_reached_is_unreachable_and_what_answers_has_failed(
    start: Any, playbook: Callable[..., Any]
) -> None:
    ways = {
        "refused": {"ansible_port": 1},
        "dns": {"ansible_host": "nowhere.invalid"},
        "proxy": {"ansible_fortiops_mail_proxy_command": "sh -c 'exit 3'"},
    }
    fleet = start(
        *(down(name, **variables) for name, variables in ways.items()),
        down("login_refused", ansible_password="wrong"),
        down("option", ansible_fortiops_mail_proxy_command="nc %q"),
    )
    run = playbook(play(RESCUED, NEXT), fleet)
    for name in ways:
        (result,) = run.of(name, "system_mail_info")
        assert result["unreachable"] is True and not result.get("failed")
        assert result["cause"] == name and result["msg"]
        assert (recap(run, name)["unreachable"], recap(run, name)["failed"]) == (1, 0)
        assert run.of(name, "rescued") == run.of(name, "next") == []
    for name in ("login_refused", "option"):
        (result,) = run.of(name, "system_mail_info")
        assert "unreachable" not in result and result["cause"] == name
        assert recap(run, name)["rescued"] == 1
        assert len(run.of(name, "next")) == 1
    assert run.status == 4  # Ansible's own: some hosts were unreachable


def test_a_login_limit_that_is_shorter_than_the_connect_limit_changes_nothing(
    start: Any, playbook: Callable[..., Any]
) -> None:
    silent = {"ansible_fortiops_mail_proxy_command": "sleep 60", "ansible_fortiops_mail_login_limit": 1}
    run = playbook(play({**READ, "ignore_unreachable": True}, NEXT), start(down("faz", **silent)))
    (result,) = run.of("faz", "system_mail_info")
    assert result["unreachable"] is True and result["cause"] == "limit_login"
    assert len(run.of("faz", "next")) == 1
    assert run.status == 0


def test_reports_and_answers_name_a_device_that_was_not_reached(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start(down("faz", ansible_port=1))
    for name, status in (("verify", 4), ("compliance", 2)):
        variables = {"mail_server": "relay", "reports": {"json": str(tmp_path / f"{name}.json")}}
        run = playbook(f"fortiops.mail.{name}", fleet, variables=variables)
        (device,) = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))["devices"]
        assert (device["status"], device["error"]["cause"]) == ("error", "refused")
        assert run.status == status, run.output
    run = playbook(role("troubleshoot", troubleshoot_mail_server="relay", troubleshoot_assert=False), fleet)
    answer = run.of("faz", "Conclude")[0]["ansible_facts"]["troubleshoot_result"]
    assert answer["outcome"] == "unknown"
    assert "refuses connections" in json.dumps(answer)
