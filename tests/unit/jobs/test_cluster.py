# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices of a cluster, of newer firmware, and FortiManagers without a mail daemon: what tasks do there and tell of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.desired import PlanError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import system_mail as job
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError, run
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.examine import examine

from ..in_process import context_of, session_on
from .cases import Case, do, options_of, prepared

CHANGE = {"config": [{"id": "relay", "server": "new.example.com"}]}
ROLLOUT = {**CHANGE, "wait": 1, "quiet": 1, "debug": False}
WRITES = [
    Case("system_mail", CHANGE, ha="secondary"),
    Case(
        "system_alert_event_mail",
        {"config": [{"event": "disk full", "destinations": [{"id": 1, "to": "a@example.com", "smtp_name": "relay"}]}]},
        ha="secondary",
    ),
    Case("mail_rollout", ROLLOUT, ha="secondary"),
    Case("faz_command", {"commands": ["config system mail", "end"], "allow_write": True}, ha="secondary"),
]


@pytest.mark.parametrize("case", WRITES, ids=str)
def test_nothing_is_written_on_a_secondary_and_the_primary_is_named(tmp_path: Path, case: Case) -> None:
    state = prepared(case)
    before = dict(state.mail.entries["relay"])
    done = do(case, state, tmp_path)

    assert done.error is not None and done.error.cause == "secondary"
    assert "FAZ-PEER (192.0.2.5)" in str(done.error)
    assert not [line for line in done.typed if line.startswith("config")]
    assert state.mail.entries["relay"] == before


def test_what_is_the_own_of_a_secondary_may_be_done_there(tmp_path: Path) -> None:
    options = {"commands": ["diagnose debug timestamp enable"], "allow_write": True}
    case = Case("faz_command", options, ha="secondary")

    assert do(case, prepared(case), tmp_path).result["changed"] is True


def test_check_mode_refuses_what_would_be_refused(tmp_path: Path) -> None:
    state = prepared(WRITES[0])
    context = context_of(lambda: session_on(state), tmp_path, check_mode=True)
    with pytest.raises(JobError, match="secondary unit of a cluster"):
        run(job.work, options_of(WRITES[0]), context)


def test_a_role_that_was_not_read_is_left_to_the_device(tmp_path: Path) -> None:
    case = Case(
        "system_mail", CHANGE, ha="primary", answers={"diagnose ha status": "No permission to 'diagnose ha.status'"}
    )
    done = do(case, prepared(case), tmp_path)

    assert done.result["changed"] is True
    assert any("whether this is the primary unit of a cluster was not read" in each for each in done.context.warnings)


def test_the_cluster_is_a_fact(tmp_path: Path) -> None:
    def ha(**case: Any) -> dict[str, Any]:
        tried = Case("faz_facts", **case)
        facts: dict[str, Any] = do(tried, prepared(tried), tmp_path).result["ansible_facts"]["faz"]
        return {**facts["ha"], "unread": facts["unread"].get("ha.role", "")}

    alone, secondary = ha(), ha(ha="secondary")
    denied = ha(ha="primary", answers={"diagnose ha status": "Something else."})
    assert (alone["enabled"], alone["role"], alone["units"], alone["unread"]) == (False, None, None, "")
    assert (secondary["role"], secondary["primary"]) == ("secondary", "FAZ-PEER")
    assert [unit["role"] for unit in secondary["units"]] == ["secondary", "primary"]
    assert (denied["enabled"], denied["role"]) == (True, None) and "Something else." in denied["unread"]


def test_a_fortimanager_without_a_mail_daemon_says_so(tmp_path: Path) -> None:
    off = ("config system global", "set faz-status disable", "end")
    case = Case("fazmaild", before=off, model="fmg-7.6.7")
    done = do(case, prepared(case), tmp_path)
    facts = Case("faz_facts", before=off, model="fmg-7.6.7")
    told = do(facts, prepared(facts), tmp_path).result

    assert done.error is None and done.result["statistics"] is None
    assert "the features of FortiAnalyzer are off" in done.result["unread"]["statistics"]
    assert told["ansible_facts"]["faz"]["global"]["faz_status"] == "disable"
    assert "the features of FortiAnalyzer are off" in told["unread"]["fazmaild.state"]


def test_newer_firmware_looks_a_name_up_and_older_pings(tmp_path: Path) -> None:
    def path(model: str) -> dict[str, Any]:
        case = Case("mail_path", {"id": "relay", "attempt": False}, model=model)
        found: dict[str, Any] = do(case, prepared(case), tmp_path).result["path"]
        return found

    new, old = path("faz-8.0.0"), path("faz-7.6.2")
    assert new["lookup"] == {"server": "192.0.2.53", "addresses": ["192.0.2.25"], "error": ""}
    assert old["lookup"] is None and old["target"]["address"] == new["target"]["address"] == "192.0.2.25"


@pytest.mark.parametrize(
    ("lookup", "finding"),
    [
        ("** server can't find mail.example.com: NXDOMAIN", "name_not_found"),
        ("** server can't find mail.example.com: SERVFAIL", "name_servers_silent"),
        (";; connection timed out; no servers could be reached", "name_servers_silent"),
    ],
)
def test_what_a_lookup_says_wins_over_the_one_text_of_ping(lookup: str, finding: str) -> None:
    from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse

    text = (
        f"FAZ # get system dns\nprimary             : 192.0.2.53\n\nFAZ # execute nslookup mail.example.com\n{lookup}\n\n"
        "FAZ # execute ping mail.example.com\nping: unknown host mail.example.com\n"
    )
    found = examine(text, analyse(text, concluded=False), "mail.example.com", 587)

    assert [each["finding"] for each in found["findings"]] == [finding]


def test_oauth2_is_refused_where_it_is_not_known_to_be_with_the_releases() -> None:
    wanted = [{"id": "1", "auth_type": "oauth2"}]
    for version, why in (((7, 6, 6), "7.6.6 may have it"), ((7, 6, 5), "exists in >=7.6.7")):
        with pytest.raises(PlanError, match=why):
            plan_entries(system_mail(), wanted, {}, Firmware("FortiAnalyzer", version))
    for version in ((7, 6, 7), (8, 0, 0)):
        assert plan_entries(system_mail(), wanted, {}, Firmware("FortiManager", version)).changed
