# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""faz_command: what is sent, what is refused, what is waited for, and the backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.modules.faz_command import DOCUMENTATION
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.conditions import condition
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.read_only import kind_of, read_only
from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import FazmailError
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import faz_command
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import run
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.backup import facts_of
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen

from ..in_process import context_of, session_on, simulated
from .cases import Case, Run, do, options_of, prepared

_PASSWORD = "correct horse battery"


def ran(directory: Path, state: Any = None, transport: Any = None, **options: Any) -> Run:
    return do(Case("faz_command", options), state or prepared(Case("faz_command")), directory, **(transport or {}))


def result_of(directory: Path, state: Any = None, **options: Any) -> dict[str, Any]:
    done = ran(directory, state, **options)
    assert done.error is None, done.error
    return done.result


@pytest.mark.parametrize(
    "line",
    [
        "config system mail",
        "execute reboot",
        "exec rebo",
        "diagnose test application fazmaild 90",
        "diagnose test application fazmaild 1 90",
        "diagnose test connection mailserver relay",
        "diagnose debug application fazmaild 8",
        "diagnose debug enable",
        "execute ping a.example.com; execute reboot",
        "get system status | tee x",
        "show | grep x > file",
        "show | grep x | tee y",
        "execute reboot | grep x",
        "get system ?",
        "get system '?'",
        "show | grep 'a?b'",
        "show\x00",
        "diagnose sniffer packet any none 3 10",
        "diagnose sniffer packet any none 1 0",
        "d",
        "sho system mail > file",
    ],
)
def test_what_may_change_the_device_is_refused_before_anything_is_sent(tmp_path: Path, line: str) -> None:
    done = ran(tmp_path, commands=["get system status", line])

    assert done.error is not None
    assert "\x00" in line or done.error.cause == "not_read_only"
    assert "get system status" not in done.typed[1:]


@pytest.mark.parametrize(
    "line",
    [
        "g sy stat",
        "sh",
        "show full-configuration system mail",
        "diag  test application fazmaild  2",
        "exec ping 192.0.2.25",
        "execute ping6 2001:db8::25",
        "diag sniffer packet any 'host 192.0.2.25 and (port 25 or port 587)' 1 10 a",
        'get system mail "night <A>"',
        "show | grep -f mail",
        "get system status | grep 'HA Mode'",
    ],
)
def test_what_only_reads_may_be_cut_as_the_device_allows(line: str) -> None:
    assert kind_of(line) is not None


@pytest.mark.parametrize("key", ["?", "\t", "\n", "\x03", "\x15", "\x1b", "\x7f", "\x9b", "\u2028"])
def test_a_key_that_acts_while_it_is_typed_does_not_only_read(key: str) -> None:
    lines = (f"get 'a{key}execute reboot'", f'get system mail "{key}"', f"show | grep '{key}'", f"get{key}")
    assert [line for line in lines if kind_of(line)] == []


def test_the_module_documents_every_kind_of_command_that_only_reads() -> None:
    text = " ".join(DOCUMENTATION.split())

    assert [each.name for each in read_only() if f"C({each.name})" not in text] == []


def test_each_command_has_its_output_and_its_records(tmp_path: Path) -> None:
    told = result_of(
        tmp_path, commands=["diag test app fazmaild 2", "execute ping mail.example.com", "diag debug info"]
    )

    queue, ping, debug = told["results"]
    assert told["changed"] is False
    assert queue["records"][0]["queue_limit"] == 5000
    assert queue["output"][0].startswith("total sent mail count:")
    assert ping["records"][0]["host"] == "mail.example.com"
    assert (debug["template"], debug["error"]) == ("debug_info", None)


def test_a_template_of_the_users_reads_in_place_of_the_index(tmp_path: Path) -> None:
    template = tmp_path / "mine.textfsm"
    template.write_text("Value SENT (\\d+)\n\nStart\n  ^total sent.*:\\s+${SENT} -> Record\n", encoding="utf-8")
    told = result_of(tmp_path, commands=["diagnose test application fazmaild 2"], template=str(template))

    assert told["results"][0]["records"] == [{"sent": "0"}]
    assert told["results"][0]["template"] == "mine"


def test_a_refused_command_ends_the_task_or_is_reported(tmp_path: Path) -> None:
    lines = ["get system status", "get system nonsense", "show system mail"]
    ended = ran(tmp_path, commands=lines)
    went_on = result_of(tmp_path, commands=lines, on_error="continue")

    assert ended.error is not None and "command parse error before 'nonsense'" in str(ended.error)
    assert len(ended.error.details["results"]) == 2
    assert [row["error"] is None for row in went_on["results"]] == [True, False, True]


def test_what_is_written_is_changed_and_what_is_refused_is_not(tmp_path: Path) -> None:
    state = simulated()
    route = ["config system route", "edit 1", 'set device "port1"', "set gateway 192.0.2.1", "end"]
    assert result_of(tmp_path, state, commands=route, allow_write=True)["changed"] is True
    assert state.route.entries["1"]["gateway"] == "192.0.2.1"

    bad = ran(tmp_path, state, commands=[*route[:2], "set nonsense 1", "end"], allow_write=True)
    denied = ran(
        tmp_path,
        state,
        transport={"denied": ["config system route"]},
        commands=route,
        allow_write=True,
        on_error="fail",
    )
    assert bad.error is not None and bad.typed[-1] == "exit" and "abort" in bad.typed
    assert denied.error is not None and denied.error.details["changed"] is False
    assert state.route.entries["1"]["gateway"] == "192.0.2.1"


def test_a_table_that_is_left_open_is_left_without_saving(tmp_path: Path) -> None:
    state = simulated()
    done = ran(tmp_path, state, commands=["config system route", "edit 1", "set device port1"], allow_write=True)

    assert done.error is not None and "end inside the shell (1)" in str(done.error)
    assert state.route.entries == {}


def test_a_question_is_answered_as_the_task_says(tmp_path: Path) -> None:
    state = simulated()
    state.confirm_restart = True
    pid = state.daemon.pid
    restart = {"commands": ["diagnose test application fazmaild 99"], "allow_write": True}
    refused = ran(tmp_path, state, **restart)
    assert refused.error is not None and "was answered n" in str(refused.error)
    assert refused.error.details["changed"] is False

    assert result_of(tmp_path, state, **restart, answer="y")["changed"] is True
    assert state.daemon.pid != pid


def test_check_mode_sends_what_reads_and_predicts_the_rest(tmp_path: Path) -> None:
    state = simulated()
    lines = ["get system status", "config system route", "edit 1", "set device port1", "end"]
    context = context_of(lambda: session_on(state), tmp_path, check_mode=True)
    told = run(faz_command.work, options_of(Case("faz_command", {"commands": lines, "allow_write": True})), context)

    assert (told["changed"], told["not_sent"]) == (True, lines[1:])
    assert [row["command"] for row in told["results"]] == lines[:1]
    assert state.route.entries == {}


def test_a_condition_is_waited_for_with_what_only_reads(tmp_path: Path) -> None:
    state = simulated()
    asked = 0

    def heard(line: str) -> None:
        nonlocal asked
        asked += line.endswith("fazmaild 1")
        state.daemon.paused = asked < 3

    options = {"commands": ["diagnose test application fazmaild 1"], "interval": 5, "retries": 5}
    wait = {"wait_for": ["result[0] not contains paused", "result[0].state eq running", "result[0].pid gt 1"]}
    done = ran(tmp_path, state, transport={"heard": heard}, **options, **wait)
    assert done.error is None and asked == 3

    never = ran(tmp_path, state, commands=options["commands"], wait_for=["result[0].state eq dead"], retries=2)
    assert never.error is not None and never.error.cause == "wait_for"
    assert "after 2 retries this does not hold: result[0].state eq dead" in str(never.error)
    either = result_of(
        tmp_path, state, **options, wait_for=["result[0].state eq dead", "result[0] matches ^fazmaild"], match="any"
    )
    assert len(either["results"]) == 1


@pytest.mark.parametrize(
    ("wait_for", "why"),
    [
        ("result[1] contains x", "there is no result[1]"),
        ("result[0] resembles x", "expected `result[NUMBER] contains TEXT`"),
        ("result[0] matches (", "in the expression"),
        ("result[0] lt 3", "compares a field"),
    ],
)
def test_a_condition_that_cannot_hold_is_refused_before_the_first_command(
    tmp_path: Path, wait_for: str, why: str
) -> None:
    done = ran(tmp_path, commands=["get system status"], wait_for=[wait_for])

    assert done.error is not None and done.error.cause == "option" and why in str(done.error)


def test_a_condition_on_a_field_that_is_a_list_compares_no_number() -> None:
    rows = [{"hosts": ["a", "b"]}]
    assert not condition("result[0].hosts ge 1", 1).holds("", rows)
    assert condition("result[0].hosts contains b", 1).holds("", rows)


# -- backup ------------------------------------------------------------------------------------------------------------


def with_password() -> Any:
    state = prepared(Case("faz_command"))
    with session_on(state) as session:
        for line in ("config system mail", "edit relay", "set auth enable", f'set passwd "{_PASSWORD}"', "end"):
            session.run(line)
    return state


def test_a_backup_has_no_secret_and_stays_the_same_as_long_as_the_configuration_does(tmp_path: Path) -> None:
    state = with_password()
    file = tmp_path / "backups" / "faz.conf"
    first = result_of(tmp_path, state, commands=["show"], backup=str(file))
    kept = file.read_bytes()
    again = result_of(tmp_path, state, commands=["show"], backup=str(file))

    encrypted = [row["results"][0]["output"] for row in (first, again)]
    assert encrypted[0] == encrypted[1]
    assert (first["changed"], again["changed"]) == (True, False)
    assert file.read_bytes() == kept
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"set passwd ENC <redacted>" in kept and _PASSWORD.encode() not in kept
    assert facts_of(kept.decode(), "7.4.2")["mail"][0]["passwd_set"] is True
    state.mail.entries["relay"]["port"] = "465"
    assert result_of(tmp_path, state, commands=["show"], backup=str(file))["changed"] is True


def test_what_is_no_whole_configuration_replaces_no_backup(tmp_path: Path) -> None:
    file = tmp_path / "faz.conf"
    file.write_text("the last good one", encoding="utf-8")
    state = with_password()
    for transport in ({"denied": ["show system mail"]}, {"denied": ["show"]}):
        done = ran(tmp_path, state, transport=transport, commands=["show"], backup=str(file))
        assert done.error is not None and "No permission to" in str(done.error)
    for text in ("", "This unit is busy.", 'config system mail\n    edit "relay"\n        set port 25'):
        done = ran(
            tmp_path, state, transport={"screen": Screen(answers={"show": text})}, commands=["show"], backup=str(file)
        )
        assert done.error is not None and "expected a whole configuration" in str(done.error)
    other = ran(tmp_path, state, commands=["show", "get system status"], backup=str(file))

    assert other.error is not None and "'get system status' is no show command" in str(other.error)
    assert file.read_text(encoding="utf-8") == "the last good one"


def test_check_mode_predicts_the_backup(tmp_path: Path) -> None:
    file = tmp_path / "faz.conf"
    context = context_of(lambda: session_on(with_password()), tmp_path, check_mode=True)
    told = run(faz_command.work, options_of(Case("faz_command", {"commands": ["show"], "backup": str(file)})), context)

    assert told["changed"] is True and not file.exists()


def test_a_backup_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    done = ran(tmp_path, commands=["show"], backup=str(tmp_path))

    assert isinstance(done.error, FazmailError) and str(tmp_path) in str(done.error)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_password_that_is_typed_is_in_no_result(tmp_path: Path, check_mode: bool) -> None:
    state = with_password()
    lines = ["config system mail", "edit relay", "set passwd canary-5ecret", "end"]
    options = options_of(Case("faz_command", {"commands": lines, "allow_write": True, "on_error": "continue"}))
    context = context_of(lambda: session_on(state), tmp_path, check_mode=check_mode, capture_dir=tmp_path / "captures")
    told = run(faz_command.work, options, context)

    shown = f"{told} {context.warnings}" + "".join(file.read_text() for file in tmp_path.glob("captures/*"))
    assert "set passwd <redacted>" in shown and "canary-5ecret" not in shown


def test_a_backup_to_a_pipe_or_a_terminal_is_written_without_reading_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading there may never end, and /dev/full has zeros until the memory is full."""
    monkeypatch.setattr(Path, "read_text", lambda *__, **___: pytest.fail("it was read"))
    assert result_of(tmp_path, commands=["show"], backup="/dev/null")["changed"] is True
