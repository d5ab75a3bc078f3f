# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail doctor`: what is wrong, at which step, and what to do."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command import doctor
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.doctor import FAILED, OK, WARNING, Check
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import FazmailError
from ansible_collections.fortiops.mail.plugins.plugin_utils.libraries import MissingLibraryError
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import lint

Printed = pytest.CaptureFixture[str]


def result(**changes: Any) -> dict[str, Any]:
    facts = {
        "firmware": {"family": "FortiAnalyzer", "version": "7.4.2"},
        "debug": {"on": False, "level": 0},
        "unread": {},
        **changes,
    }
    return {"ansible_facts": {"faz": facts}, "warnings": []}


def states(checks: Any) -> dict[str, str]:
    return {check.name: check.state for check in checks}


def test_an_installation_in_order(capsys: Printed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FORTIOPS_MAIL_STATE_DIR", str(tmp_path / "new"))

    assert main(["doctor"]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("installation\n  ok       Python ")
    assert "  failed " not in printed
    assert not (tmp_path / "new").exists()


def test_what_is_missing_is_said_with_the_command_that_installs_it(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_required", lambda: ["paramiko>=99", "no-such-package-of-ours>=1"])

    assert main(["doctor"]) == 1

    printed = " ".join(capsys.readouterr().out.split())
    assert "expected >=99" in printed
    assert "-m pip install 'no-such-package-of-ours>=1'" in printed


def test_templates_without_the_package_for_them_are_no_fault_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_directory: Path, _samples: None) -> None:
        raise MissingLibraryError("textfsm")

    monkeypatch.setattr(lint, "lint", missing)

    (found,) = (each for each in doctor.installation() if each.name == "templates and texts")

    assert found.state == FAILED
    assert "textfsm" in found.found and "file" not in found.advice


def test_what_galaxy_does_not_install_is_checked_as_what_pip_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    by_pip = states(doctor.installation())

    def nothing(_name: str) -> None:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "requires", nothing)

    assert {"ansible-core", "paramiko", "pyyaml"} < set(by_pip)
    assert states(doctor.installation()) == by_pip


def test_a_device_in_order() -> None:
    checks = list(doctor.of_device("faz", result()))

    assert {check.state for check in checks} == {OK}
    assert [check.name for check in checks] == ["reachable", "host key", "login", "firmware", "privilege", "debug"]


@pytest.mark.parametrize(
    ("changes", "name", "state", "said"),
    [
        ({"unread": {"mail": "No permission."}}, "privilege", FAILED, "mail (No permission.)"),
        ({"firmware": None, "unread": {"firmware": "denied"}}, "firmware", FAILED, "denied"),
        ({"debug": {"on": True, "level": 8}}, "debug", WARNING, "output is on, level of fazmaild 8"),
        ({"debug": {"on": False, "level": 8}}, "debug", WARNING, "the level of fazmaild is 8"),
        ({"debug": {"on": None, "level": None}}, "debug", WARNING, "not known"),
    ],
)
def test_what_is_wrong_on_a_device_is_said(changes: dict[str, Any], name: str, state: str, said: str) -> None:
    (check,) = [check for check in doctor.of_device("faz", result(**changes)) if check.name == name]

    assert check.state == state
    assert said in check.found


def stopped(step: str, role: str = "device", cause: str = "refused") -> FazmailError:
    at = {"role": role, "host": "192.0.2.9", "port": 22, "step": step}
    return FazmailError("so it is " * 15, cause, stopped_at=at)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (stopped("connection"), {"reachable": FAILED}),
        (stopped("host_key"), {"reachable": OK, "host key": FAILED}),
        (stopped("login"), {"reachable": OK, "host key": OK, "login": FAILED}),
        # Whatever a cause is called: without a host at which it happened, nothing is known.
        (FazmailError("so it is", "host_key"), {"session": FAILED}),
        (FazmailError("so it is", "session_closed"), {"session": FAILED}),
    ],
)
def test_a_login_that_fails_names_its_step_and_what_to_do(error: FazmailError, expected: dict[str, str]) -> None:
    checks = list(doctor.of_error("faz", error))

    assert states(checks) == expected
    assert checks[-1].found == str(error)
    assert checks[-1].advice or "stopped_at" not in error.details


@pytest.mark.parametrize("step", ["connection", "host_key", "login", "forwarding"])
def test_what_a_jump_host_refuses_is_no_good_news_of_the_device(step: str) -> None:
    (check,) = doctor.of_error("faz", stopped(step, "jump_host", "host_key"))

    assert (check.name, check.state) == ("reachable", FAILED)
    assert "jump host" in check.advice


def test_each_device_is_checked_and_lines_fit(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    def do(options: Any, module: str, __: Any) -> dict[str, Any]:
        assert module == "faz_facts"
        if options.host == "faz-b":
            raise stopped("host_key")
        return result()

    monkeypatch.setattr(doctor, "do", do)
    monkeypatch.setenv("FAZMAIL_PASSWORD", "x")
    monkeypatch.setenv("COLUMNS", "80")

    assert main(["doctor", "faz-a", "faz-b"]) == 1
    printed = capsys.readouterr().out
    assert "\nfaz-a\n  ok       reachable" in printed
    assert "\nfaz-b\n  ok       reachable" in printed
    assert "\n           -> Compare the fingerprint" in printed
    assert max(map(len, printed.splitlines())) <= 80
    main(["doctor", "--format", "json", "faz-a"])
    assert {row["of"] for row in json.loads(capsys.readouterr().out)} == {"installation", "faz-a"}


def test_of_a_device_that_nobody_has_contacted_nothing_is_good(
    monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    def no_terminal(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", no_terminal)
    monkeypatch.delenv("FAZMAIL_PASSWORD", raising=False)

    assert main(["doctor", "--format", "json", "--user", "x", "faz-a"]) == 1
    rows = [row for row in json.loads(capsys.readouterr().out) if row["of"] == "faz-a"]
    assert [row["state"] for row in rows] == [FAILED]
    assert "set FAZMAIL_PASSWORD" in rows[0]["found"]


def test_an_inventory_that_cannot_be_read_is_one_clear_line(capsys: Printed, tmp_path: Path) -> None:
    (tmp_path / "empty.yml").write_text("all:\n", encoding="utf-8")

    assert main(["doctor", "-i", str(tmp_path / "empty.yml")]) == 2
    error = capsys.readouterr().err
    assert "empty.yml: has no host; expected an inventory with devices" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["doctor"], 2), (["run", "faz", "get x"], 2), (["gather", "faz"], 1), (["monitor", "faz"], 3)],
)
def test_an_inventory_that_is_not_there_is_named_by_every_command(
    arguments: list[str], status: int, capsys: Printed
) -> None:
    assert main([*arguments, "-i", "missing.yml"]) == status

    printed = capsys.readouterr()
    assert "-i missing.yml: no such file or folder; expected an inventory with devices" in printed.out + printed.err


def test_text_of_a_device_does_nothing_on_a_terminal() -> None:
    assert "\x1b" not in doctor.shown([Check("faz", "login", FAILED, "\x1b[2Jno", "do it")])
