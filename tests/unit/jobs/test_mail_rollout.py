# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device ends proved, or as it was, or is named as neither; whatever breaks in between."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import mail_rollout, rollout_end
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import TaskResult, run
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import (
    ConnectError,
    GreetingError,
    HostKeyError,
    LimitError,
    LoginError,
    SessionError,
    UnreachableError,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Session
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen
from ansible_collections.fortiops.mail.simulator.device.state import Mail

from ..in_process import context_of, log_in, session_on, simulated
from .cases import Case, options_of

# What becomes of a device is the same in each Python.
pytestmark = pytest.mark.once

OLD = {"id": "relay", "server": "old.example.com", "auth": "enable", "user": "me", "passwd": "the old secret"}
BYSTANDER = {"id": "other", "server": "other.example.com", "passwd": "another secret"}
# Mail is accepted by each of these servers with its own password only.
PASSWORDS = {"old.example.com": "the old secret", "new.example.com": "the new secret"}
MOVE = {"id": "relay", "server": "new.example.com", "passwd": "the new secret"}


def mail_servers(mail: Mail) -> str:
    right = PASSWORDS.get(mail.values.get("server", ""))
    return "accepted" if right and mail.values.get("passwd") == right else "failed"


class Fleet:
    """One simulated device with two entries, and a controller that can be killed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.state = simulated()
        entries = plan_entries(system_mail(), [OLD, BYSTANDER], {}, self.state.model.firmware)
        push(log_in(self.state).session, entries)
        self.before = self.table()
        self.mail: Callable[[Mail], str] = mail_servers
        self.heard: Callable[[str], None] = lambda line: None
        self.screen = Screen(answers={})
        self.captures: Path | None = None
        self.down = 0  # so many logins fail
        self.typed: list[str] = []

    def table(self) -> dict[str, dict[str, str]]:
        return {key: dict(entry) for key, entry in self.state.mail.entries.items()}

    def told(self, result: dict[str, Any]) -> bool:
        """Return whether a result has the entries that the device has."""
        hidden = {
            key: {name: "ENC" if name == "passwd" else value for name, value in entry.items()}
            for key, entry in self.table().items()
        }
        return bool(result["after"] == hidden)

    def roll_out(self, *config: dict[str, Any], check_mode: bool = False, **options: Any) -> TaskResult:
        def open_session() -> Session:
            if self.down:
                self.down -= 1
                raise ConnectError("the device cannot be reached")
            return session_on(self.state, screen=self.screen, heard=self._hear, mail=self.mail)

        self.context = context_of(open_session, self.directory, check_mode=check_mode, capture_dir=self.captures)
        case = Case("mail_rollout", {"config": list(config), "update_password": "always", **options})
        try:
            return run(mail_rollout.work, options_of(case), self.context)
        except rollout_end.RolloutError as error:
            return {"changed": False, **error.details, "failed": True, "cause": error.cause, "msg": str(error)}

    def _hear(self, line: str) -> None:
        self.typed.append(line)
        self.heard(line)

    @property
    def restore_points(self) -> list[Path]:
        return list(self.directory.glob("restore-*"))


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


def sent_mails(fleet: Fleet) -> list[str]:
    return [line.split('"')[1] for line in fleet.typed if line.startswith("diagnose test connection")]


def test_a_change_that_delivers_is_proved(fleet: Fleet) -> None:
    result = fleet.roll_out(MOVE)
    assert (result["state"], result["changed"], result.get("failed", False)) == ("proved", True, False)
    assert result["verdict"]["outcome"] == "accepted"
    assert fleet.table()["relay"]["server"] == "new.example.com"
    assert sent_mails(fleet) == ["relay"]
    assert fleet.restore_points == []


def test_the_entries_are_on_the_disk_before_the_first_line_and_the_file_is_private(fleet: Fleet) -> None:
    seen: list[dict[str, Any]] = []

    def look(line: str) -> None:
        if line == "config system mail" and not seen:
            [point] = fleet.restore_points
            assert point.stat().st_mode & 0o777 == 0o600
            assert "the old secret" not in point.read_text(encoding="utf-8")
            seen.append(json.loads(point.read_text(encoding="utf-8")))

    fleet.heard = look
    fleet.roll_out(MOVE)
    assert seen[0]["device"] == "SERIAL"
    assert seen[0]["touched"] == ["relay"]
    assert seen[0]["entries"]["relay"]["server"] == "old.example.com"
    assert seen[0]["entries"]["relay"]["passwd"].startswith("ENC ")


def test_a_change_that_does_not_deliver_is_taken_back_and_the_old_entries_are_proved(fleet: Fleet) -> None:
    result = fleet.roll_out({**MOVE, "passwd": "a wrong secret"})
    assert (result["state"], result["failed"]) == ("taken_back", True)
    assert fleet.table() == fleet.before
    assert result["verdict"]["cause"] == "auth_credentials_invalid"
    assert [test["outcome"] for test in result["taken_back"]["tests"]] == ["accepted"]
    # The entry that was tested is gone: what troubleshooting tests now is the one before.
    assert "fazmail explain --cause auth_credentials_invalid" in result["next"]
    assert fleet.restore_points == []
    assert "secret" not in json.dumps(result["taken_back"]["commands"])


@pytest.mark.parametrize(
    ("error", "follow"),
    [
        (UnreachableError("no route"), "run the task again when the device can be reached"),
        (GreetingError("too many connections"), "run the task again when the device can be reached"),
        (LimitError("login", 30, "before the prompt"), "run the task again when the device can be reached"),
        (HostKeyError("another key"), "correct what the reason names, and run the task again"),
        (LoginError("wrong password"), "correct what the reason names, and run the task again"),
    ],
)
def test_nobody_is_asked_to_log_in_again_with_what_was_refused(error: SessionError, follow: str) -> None:
    assert rollout_end.not_begun(error).details["next"] == follow


def test_behind_an_entry_that_does_not_deliver_no_other_one_is_tested(fleet: Fleet) -> None:
    result = fleet.roll_out({**MOVE, "passwd": "a wrong secret"}, {**MOVE, "id": "other"})
    assert [test["id"] for test in result["tests"]] == ["relay"]
    assert fleet.table() == fleet.before


def test_a_password_that_the_change_left_alone_is_not_sent_to_take_it_back(fleet: Fleet) -> None:
    result = fleet.roll_out({"id": "relay", "server": "nowhere.example.com"})
    assert (result["state"], fleet.table()) == ("taken_back", fleet.before)
    assert 'set server "old.example.com"' in fleet.typed
    assert not [line for line in fleet.typed if line.startswith("set passwd")]


def test_new_entries_go_and_deleted_ones_come_back_with_their_passwords(fleet: Fleet) -> None:
    result = fleet.roll_out({"id": "fresh", "server": "nowhere.example.com"}, state="overridden")
    assert result["state"] == "not_taken_back", result["reason"]
    # The bystander delivers nowhere, so its password cannot be proved; it is stored all the same.
    assert fleet.table() == fleet.before
    assert "'other'" in result["reason"]
    assert "could not be proved" in result["reason"]


def test_an_earlier_password_of_the_caller_is_taken_rather_than_the_encrypted_text(fleet: Fleet) -> None:
    earlier = [{"id": "relay", "passwd": "the old secret"}]
    result = fleet.roll_out({**MOVE, "passwd": "wrong"}, passwords_before=earlier)
    assert result["state"] == "taken_back"
    assert 'set passwd "the old secret"' in fleet.typed
    assert fleet.table() == fleet.before


def test_an_earlier_password_that_is_not_proved_is_named(fleet: Fleet) -> None:
    earlier = [{"id": "relay", "passwd": "not the old secret"}]
    result = fleet.roll_out({**MOVE, "passwd": "wrong"}, passwords_before=earlier)
    assert result["state"] == "not_taken_back"
    assert "could not be proved" in result["reason"]


def test_nothing_to_do_sends_nothing_and_all_can_be_proved(fleet: Fleet) -> None:
    same = {"id": "relay", "server": "old.example.com"}
    result = fleet.roll_out(same)
    assert (result["state"], result["changed"], sent_mails(fleet)) == ("unchanged", False, [])
    result = fleet.roll_out(same, prove="all")
    assert (result["state"], sent_mails(fleet)) == ("unchanged", ["relay"])
    result = fleet.roll_out({"id": "other", "server": "other.example.com"}, prove="all")
    assert (result["state"], result["failed"]) == ("unchanged", True)
    assert fleet.table() == fleet.before


@pytest.mark.parametrize(("keep", "state"), [("take_back", "taken_back"), ("keep", "not_taken_back")])
def test_an_unknown_outcome_is_decided_by_an_option(fleet: Fleet, keep: str, state: str) -> None:
    fleet.mail = lambda mail: "silent" if mail.values["server"] == "new.example.com" else mail_servers(mail)
    result = fleet.roll_out(MOVE, on_unknown=keep, wait=1, quiet=1)
    assert (result["state"], result["failed"]) == (state, True)
    assert (fleet.table() == fleet.before) is (keep == "take_back")
    assert fleet.restore_points == []


def test_check_mode_sends_nothing(fleet: Fleet) -> None:
    result = fleet.roll_out(MOVE, check_mode=True)
    assert (result["state"], result["changed"]) == ("planned", True)
    assert 'set server "new.example.com"' in result["commands"]
    assert not [line for line in fleet.typed if line.startswith(("config", "diagnose test connection"))]
    assert (fleet.table(), fleet.restore_points) == (fleet.before, [])


@pytest.mark.parametrize(
    ("config", "options", "message"),
    [
        ([{"id": "relay", "ssl_protocol": "tlsv1.2"}], {}, "has no option ssl-protocol"),
        ([], {}, "config is empty"),
        ([MOVE], {"mail_to": "noc@example.com"}, "mail_to needs mail_from"),
    ],
)
def test_what_cannot_be_planned_is_refused(fleet: Fleet, config: Any, options: Any, message: str) -> None:
    result = fleet.roll_out(*config, **options)
    assert (result["state"], result["failed"], result["changed"]) == ("refused", True, False)
    assert message in result["reason"]
    assert (fleet.table(), fleet.restore_points) == (fleet.before, [])


def test_a_device_that_refuses_the_first_line_is_as_it_was(fleet: Fleet) -> None:
    fleet.screen = Screen(answers={"config system mail": "No permission to 'config system.mail'"})
    result = fleet.roll_out(MOVE)
    assert (result["state"], result["cause"], result["changed"]) == ("refused", "privilege", False)
    assert (sent_mails(fleet), fleet.restore_points) == ([], [])


def test_a_device_that_refuses_to_be_taken_back_keeps_the_restore_point_for_the_next_run(fleet: Fleet) -> None:
    answers: dict[str, str] = {}
    fleet.screen = Screen(answers=answers)

    def deny_after_the_test(line: str) -> None:
        if line.startswith("diagnose test connection"):
            answers["config system mail"] = "No permission to 'config system.mail'"

    fleet.heard = deny_after_the_test
    result = fleet.roll_out({**MOVE, "passwd": "wrong"})
    assert (result["state"], result["failed"]) == ("not_taken_back", True)
    assert "No permission" in result["reason"]
    assert "mail_state=recovered" in result["next"]
    assert fleet.restore_points == [Path(result["restore_point"])]

    fleet.heard = lambda line: None
    answers.clear()
    recovered = fleet.roll_out(state="recovered")
    assert (recovered["state"], "failed" in recovered, recovered["changed"]) == ("taken_back", False, True)
    assert (fleet.table(), fleet.restore_points) == (fleet.before, [])
    assert fleet.roll_out(state="recovered")["state"] == "unchanged"


class Killed(BaseException):
    """The controller is gone."""


def lines_of(fleet: Fleet, *config: dict[str, Any], **options: Any) -> int:
    fleet.typed.clear()
    fleet.roll_out(*config, **options)
    return len(fleet.typed)


@pytest.mark.parametrize("password", ["the new secret", "a wrong secret"])
def test_a_controller_killed_at_any_line_is_made_good_by_one_more_run(tmp_path: Path, password: str) -> None:
    wanted = {**MOVE, "passwd": password}
    # Debug is on in one of them: its lines are many.
    debug = {"debug": password == "the new secret"}
    count = lines_of(Fleet(tmp_path / "whole"), wanted, **debug)
    for number in range(1, count + 1):
        fleet = Fleet(tmp_path / str(number))
        left = number

        def kill(line: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        fleet.heard = kill
        with pytest.raises(Killed):
            fleet.roll_out(wanted, **debug)
        fleet.heard = lambda line: None
        result = fleet.roll_out(wanted, **debug)
        if password == "the new secret":
            assert result["state"] in ("proved", "unchanged"), (number, result["reason"])
            assert fleet.table()["relay"] == {**fleet.before["relay"], "server": "new.example.com", "passwd": password}
        else:
            assert result["state"] == "taken_back", (number, result["reason"])
            assert fleet.table() == fleet.before
        assert fleet.table()["other"] == fleet.before["other"]
        assert fleet.state.debug.fazmaild == 0
        assert list(fleet.directory.iterdir()) == [], number


def test_a_run_that_finds_a_restore_point_goes_back_to_its_entries_whatever_the_device_shows(fleet: Fleet) -> None:
    fleet.heard = lambda line: (__ for __ in ()).throw(Killed) if line.startswith("diagnose test connection") else None
    with pytest.raises(Killed):
        fleet.roll_out(MOVE)
    fleet.heard = lambda line: None
    assert fleet.table()["relay"]["server"] == "new.example.com"
    fleet.state.mail.entries["relay"]["server"] = "meddled.example.com"
    planned = fleet.roll_out({"id": "relay", "server": "old.example.com"}, check_mode=True)
    assert any("interrupted rollout would be taken back" in warning for warning in fleet.context.warnings)
    assert planned["commands"] == []
    result = fleet.roll_out({"id": "relay", "server": "old.example.com"})
    assert result["state"] == "unchanged"
    assert any("an earlier rollout was interrupted" in warning for warning in fleet.context.warnings)
    assert fleet.table() == fleet.before


@pytest.mark.parametrize(
    ("module", "config"),
    [
        ("system_mail", [{"id": "relay", "port": 2525}]),
        (
            "system_alert_event_mail",
            [{"event": "x", "destinations": [{"id": 1, "to": "a@b.example", "smtp_name": "relay"}]}],
        ),
    ],
)
def test_whoever_changes_a_device_hears_of_a_rollout_that_would_bring_back_what_was(
    fleet: Fleet, module: str, config: list[Any]
) -> None:
    def changed(check_mode: bool) -> list[str]:
        context = context_of(lambda: session_on(fleet.state), fleet.directory, check_mode=check_mode)
        work = importlib.import_module(f".{module}", mail_rollout.__package__).work
        assert run(work, options_of(Case(module, {"config": config})), context)["changed"]
        return [each for each in context.warnings if "mail_state=recovered" in each]

    assert changed(check_mode=True) == []
    fleet.heard = lambda line: (__ for __ in ()).throw(Killed) if line.startswith("diagnose test connection") else None
    with pytest.raises(Killed):
        fleet.roll_out(MOVE)
    [file] = fleet.restore_points
    assert [str(file) in warning for warning in changed(check_mode=True)] == [True]
    assert [str(file) in warning for warning in changed(check_mode=False)] == [True]


@pytest.mark.parametrize("number", range(1, 12))
def test_a_session_that_is_lost_ends_proved_or_taken_back(tmp_path: Path, number: int) -> None:
    fleet = Fleet(tmp_path)
    left = number

    def cut(line: str) -> None:
        nonlocal left
        if line not in ("", "get system status", "show system mail"):
            left -= 1
            if left == 0:
                raise OSError("connection reset")

    fleet.heard = cut
    result = fleet.roll_out(MOVE)
    assert result["state"] in ("proved", "taken_back"), result["reason"]
    expected = fleet.before if result["state"] == "taken_back" else {**fleet.before, "relay": fleet.table()["relay"]}
    assert fleet.table() == expected
    assert fleet.told(result)
    if result["state"] == "taken_back":
        assert "run the task again" in result["next"]
    assert fleet.restore_points == []


def test_what_a_lost_session_has_saved_is_taken_back_when_nobody_could_read_it(fleet: Fleet) -> None:
    def cut(line: str) -> None:
        if line == "end" and fleet.table() != fleet.before:
            fleet.heard, fleet.down = lambda line: None, 1
            raise OSError("connection reset")

    fleet.heard = cut
    result = fleet.roll_out(MOVE)
    assert "what was saved is unknown" in result["reason"]
    assert (result["state"], fleet.table()) == ("taken_back", fleet.before)


def test_a_full_disk_after_an_accepted_mail_decides_nothing(fleet: Fleet, tmp_path: Path) -> None:
    captures = tmp_path / "captures"

    def fill(line: str) -> None:
        if line.startswith("diagnose test connection"):
            captures.rmdir()
            captures.write_text("", encoding="utf-8")

    fleet.heard = fill
    fleet.captures = captures
    result = fleet.roll_out(MOVE)
    assert result["state"] == "proved"
    assert any("cannot be written" in warning for warning in fleet.context.warnings)
    assert fleet.table()["relay"]["server"] == "new.example.com"


@pytest.mark.parametrize("content", [
    b"\xff\n", b'{"device": "SERIAL"}\n', b"[]\n",
    b'{"device": "SERIAL", "entries": {"relay": {"nonsense": "x"}}, "touched": [], "secrets": {}}\n',
])  # fmt: skip
def test_a_damaged_restore_point_is_named_and_changes_nothing(fleet: Fleet, content: bytes) -> None:
    (fleet.directory / "restore-SERIAL.json").write_bytes(content)
    result = fleet.roll_out(MOVE)
    assert (result["state"], result["failed"], result["changed"]) == ("not_taken_back", True, False)
    assert "was damaged" in result["reason"]
    assert fleet.table() == fleet.before
    assert fleet.roll_out(MOVE)["state"] == "proved"


def test_a_restore_point_that_was_not_written_to_its_end_means_that_nothing_was_sent(fleet: Fleet) -> None:
    (fleet.directory / "restore-SERIAL.json").write_bytes(b'{"device": "SERIAL", "ent')
    assert fleet.roll_out(MOVE)["state"] == "proved"


def test_the_restore_point_of_another_device_is_refused_by_name(fleet: Fleet) -> None:
    entry = {"device": "OTHER", "entries": {}, "touched": [], "secrets": {}}
    (fleet.directory / "restore-SERIAL.json").write_text(json.dumps(entry) + "\n", encoding="utf-8")
    result = fleet.roll_out(MOVE)
    assert result["state"] == "not_taken_back"
    assert "of the device OTHER, and this is SERIAL" in result["reason"]
    assert fleet.table() == fleet.before


def test_a_second_rollout_of_the_same_device_is_refused(fleet: Fleet) -> None:
    def meddle(line: str) -> None:
        if line == "config system mail":
            fleet.heard = lambda line: None
            other.append(fleet.roll_out({"id": "relay", "port": 99}))

    other: list[TaskResult] = []
    fleet.heard = meddle
    assert fleet.roll_out(MOVE)["state"] == "proved"
    assert (other[0]["state"], other[0]["cause"]) == ("refused", "conflict")


def test_a_state_directory_that_cannot_be_written_refuses_before_anything_is_sent(fleet: Fleet) -> None:
    fleet.directory = fleet.directory / "file"
    fleet.directory.write_text("", encoding="utf-8")
    result = fleet.roll_out(MOVE)
    assert (result["state"], result["cause"]) == ("refused", "restore_point")
    assert fleet.table() == fleet.before


def test_a_failed_test_says_that_the_password_of_the_task_was_never_sent(fleet: Fleet) -> None:
    never = "The password that the task names for 'relay' was never sent, because one is stored"
    wrong = {**MOVE, "server": "old.example.com", "port": 26}
    fleet.mail = lambda mail: "failed"
    assert never in fleet.roll_out(wrong, update_password="on_create")["reason"]
    assert never not in fleet.roll_out(wrong)["reason"]
