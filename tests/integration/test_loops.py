# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible adds to a task: tries again, loops with passwords in their items, and the background, which there is none of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import ENTRY, MAIL_PASSWORD, play, task


def test_a_task_that_never_satisfies_until_says_what_it_found(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": {"relay": {"server": "closed.example.com", "port": "587"}}})
    again = {"register": "found", "retries": 1, "delay": 0, "ignore_errors": True}
    tasks = [
        {**task("mail_test", id="relay"), **again, "until": "found is fortiops.mail.delivered"},
        {**task("system_mail_info"), **again, "until": "found.entries | length > 7"},
    ]
    run = playbook(play(*tasks), fleet)
    tested, read = run.of("faz", "mail_test")[-1], run.of("faz", "system_mail_info")[-1]
    assert tested["msg"].startswith("the verdict is failed: connect_refused (")
    assert read["msg"] == "the task was done; `until` asks for something else than its result"
    assert "ignored=2" in run.output


@pytest.mark.parametrize("verbosity", ["-v", "--diff"])
def test_the_password_in_the_item_of_a_loop_is_not_shown(
    start: Any, playbook: Callable[..., Any], verbosity: str
) -> None:
    fleet = start({"name": "faz"})
    entries = [{**ENTRY, "id": "one"}, {**ENTRY, "id": "two", "port": 70000}]
    looped = {
        **task("system_mail", config=["{{ item }}"]),
        "loop": entries,
        "register": "changed",
        "ignore_errors": True,
    }
    shown = {
        "name": "seen",
        "ansible.builtin.debug": {"msg": "{{ changed.results | map(attribute='changed') | list }}"},
    }
    ids = {**task("system_mail_info", name="ids"), "loop": ["one", "two"]}
    run = playbook(play(looped, shown, ids), fleet, verbosity)
    assert MAIL_PASSWORD not in run.output
    assert "the item of the loop holds a password, so its result is not shown" in " ".join(run.output.split())
    assert run.of("faz", "seen")[0]["msg"] == [True, False]
    assert fleet.devices["faz"].state.mail.entries["one"]["passwd"] == MAIL_PASSWORD
    # What holds none is shown as ever.
    assert run.of("faz", "ids")[0]["results"][0]["entries"][0]["id"] == "one"
