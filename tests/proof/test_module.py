# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module mail_test against real mail servers, by playbook: the same verdicts as without Ansible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fortiops.mail.simulator.mail.dialects import dialects
from ansible_collections.fortiops.mail.simulator.running import running
from ansible_collections.fortiops.mail.simulator.specification.fleet import read_fleet
from ansible_collections.fortiops.mail.tests.integration.conftest import play, task

from .cases import cases
from .packages import unpacked
from .real_servers import real_servers

_CHOSEN = (
    "Postfix takes a mail after STARTTLS and login",
    "wrong password at Exim",
    "Postfix speaks TLS 1.0 only",
    "Postfix offers no STARTTLS",
    "Exim greylists",
)


@pytest.mark.root
def test_row_25_by_playbook(playbook: Callable[..., Any]) -> None:
    chosen = [case for case in cases("real") if case.name in _CHOSEN]
    assert len(chosen) == len(_CHOSEN)
    with real_servers(unpacked()) as servers:
        devices, expected = [], {}
        for number, (case, dialect) in enumerate((case, dialect) for case in chosen for dialect in dialects()):
            name = f"device-{number}"
            expected[name] = case.cause
            devices.append(
                {
                    "name": name,
                    "dialect": dialect,
                    "mail": {"relay": case.values},
                    "hosts": {case.host: servers.places[case.server]},
                    "vars": {"to": case.recipient},
                }
            )
        with running(read_fleet({"devices": devices})) as fleet:
            tasks = play(task("mail_test", id="relay", mail_from="faz@test.example", mail_to="{{ to }}"))
            run = playbook(tasks, fleet)
    assert run.status == 0, run.output
    found = {name: run.of(name, "mail_test")[0]["verdict"]["cause"] for name in expected}
    assert found == expected
