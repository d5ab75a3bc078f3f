# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four examples of the vendor's article on mail that does not leave (KB 245012)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes
from ansible_collections.fortiops.mail.simulator.running import running
from ansible_collections.fortiops.mail.simulator.specification.fleet import read_fleet
from ansible_collections.fortiops.mail.tests.integration.conftest import play, task

from .cases import ENTRY, all_cases
from .everything import Production
from .produce import Produced


def rows(name: str, coming: Production) -> list[Produced]:
    case = next(each for each in all_cases() if each.name == name)
    return [row for row in coming[case.origin].result() if row.case.name == name]


@pytest.mark.root
def test_article_no_route_interface_disabled(coming: Production) -> None:
    for row in rows("the interface to the server is disabled", coming):
        ping, __, test = row.text.partition("# diagnose test connection")
        assert "Network is unreachable" in ping and "Network is unreachable" in test
        assert (row.verdict["cause"], row.verdict["owner"]) == ("no_route", "network team")
    for row in rows("no route to the network", coming):
        assert row.verdict["cause"] == "no_route"


@pytest.mark.root
def test_article_ping_fine_but_tcp_lost(coming: Production) -> None:
    for row in rows("ping is fine but data is lost", coming):
        assert " 0% packet loss" in row.text
        assert row.verdict["outcome"] == "failed"
        assert "tcp" in row.verdict["stages_reached"] or row.dialect == "terse"
        # The words of the daemon are those for a silent server; who looks after the network has to help.
        assert row.verdict["cause"] == "greeting_timeout"
        assert "network team" in causes()["greeting_timeout"].also


def test_article_ping_fine_but_tcp_lost_in_the_packets(playbook: Callable[..., Any]) -> None:
    """The packets show what the daemon's words do not: the same data sent again and again."""
    device = {
        "name": "faz",
        "mail": {"relay": {**ENTRY, "server": "mail.example"}},
        "hosts": {"mail.example:587": "asymmetric"},
        "retransmit_interval": 0.1,
        "smtp_timeout": 1,
    }
    with running(read_fleet({"devices": [device]})) as fleet:
        run = playbook(play(task("mail_path", id="relay")), fleet)
    (result,) = run.of("faz", "mail_path")
    path = result["path"]
    assert path["ping"]["loss_percent"] == 0
    assert [each["finding"] for each in path["findings"]] == ["asymmetric_route"]
    assert path["verdict"]["outcome"] == "failed"


@pytest.mark.root
def test_article_wrong_user_or_password(coming: Production) -> None:
    for name in ("wrong password at Postfix", "unknown user at Postfix over implicit TLS"):
        for row in rows(name, coming):
            assert row.verdict["cause"] == "auth_credentials_invalid"
            assert row.verdict["reply"]["code"] == "535"
            assert "set passwd" in row.verdict["remedy"][0]["cli"]


@pytest.mark.root
def test_article_port_25_with_and_without_authentication(coming: Production) -> None:
    for row in rows("Postfix takes a mail on port 25 without login", coming):
        assert row.verdict["outcome"] == "accepted"
        if row.dialect != "terse":
            assert "auth" not in row.verdict["stages_reached"]
            assert "clear_text" in row.verdict["warnings"]
    for row in rows("Postfix takes a mail on port 25 with login", coming):
        assert row.verdict["outcome"] == "accepted"
        if row.dialect != "terse":
            assert "auth" in row.verdict["stages_reached"]
            assert "clear_text" not in row.verdict["warnings"]
