# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves a job: judged raw, redacted at the edge, and kept where the paper fails."""

from __future__ import annotations

import importlib
import os
import traceback
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.device import fingerprints
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import FazmailError
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import faz_facts, mail_path, mail_test, system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import Context, JobError, Options, TaskResult, run
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import findings
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import MASK, Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import UnreachableError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen

from ..in_process import EngineTransport, context_of, session_on, simulated
from .cases import Case, options_of, prepared

SECRET = "fortinet"
ENTRY = {"id": "1", "server": "fortinet-notifications.com", "port": 465, "secure_option": "smtps"}
RULE = {
    "id": "ACME-001",
    "title": "Mail goes through the relay of Fortinet",
    "severity": "high",
    "why": "It is free",
    "fix": "set server fortinet-notifications.com",
    "refs": (),
    "require": {"server": ["fortinet-notifications.com"]},
}


def opened(state: Any, **transport: Any) -> Session:
    session = session_on(state, **transport)
    session.redactor = Redactor([SECRET])
    return session


def configured(**entry: Any) -> Any:
    state = simulated()
    options = options_of(Case("system_mail", {"config": [{**ENTRY, **entry}]}))
    run(system_mail.work, options, context_of(lambda: session_on(state), Path("/nowhere")))
    return state


def test_what_a_job_says_of_its_failure_has_no_secret_and_the_device_was_reached(tmp_path: Path) -> None:
    def failing(device: Device, options: Options, context: Context) -> TaskResult:
        context.warnings.append(f"the way to {SECRET} is long")
        raise UnreachableError(f"{SECRET} does not answer", output=[{SECRET: f"of {SECRET}"}])

    context = context_of(lambda: opened(simulated()), tmp_path)
    with pytest.raises(UnreachableError) as failed:
        run(failing, {}, context)
    assert str(failed.value) == f"{MASK} does not answer"
    assert failed.value.details == {"output": [{MASK: f"of {MASK}"}]}
    assert failed.value.unreachable is False
    assert context.warnings == [f"the way to {MASK} is long"]


@pytest.mark.parametrize("at_login", [False, True])
def test_what_a_device_says_in_an_error_or_a_warning_does_nothing_to_a_terminal(at_login: bool, tmp_path: Path) -> None:
    hostile, shown = "a\x9b31m\x1b]0;t\x07\u202e", "a\\x9b31m\\x1b]0;t\\x07\\u202e"

    def session() -> Session:
        if at_login:
            raise UnreachableError(f"the server said {hostile}\nand more")
        return opened(simulated())

    def failing(device: Device, options: Options, context: Context) -> TaskResult:
        context.warnings.append(f"one warning {hostile}")
        raise JobError(f"the server said {hostile}\nand more")

    context = context_of(session, tmp_path)
    with pytest.raises(FazmailError) as failed:
        run(failing, {}, context)
    assert str(failed.value) == f"the server said {shown}\nand more"
    assert context.warnings == ([] if at_login else [f"one warning {shown}"])


@pytest.mark.parametrize(
    "secret",
    [
        "p\u00e4ssword",
        "it's a #secret",
        "of so many words that they take more than one line of what is shown to a person",
    ],
)
def test_a_diff_shows_no_secret_that_its_yaml_writes_otherwise(tmp_path: Path, secret: str) -> None:
    def opening() -> Session:
        session = session_on(simulated())
        session.redactor = Redactor([secret])
        return session

    destinations = [{"id": 1, "to": f"x {secret}", "smtp_name": "1"}]
    alerts = [{"event": "disk full", "destinations": destinations}]
    options = options_of(Case("system_mail", {"config": [{**ENTRY, "user": f"x {secret}"}], "alert_events": alerts}))
    result = run(system_mail.work, options, context_of(opening, tmp_path, check_mode=True, diff=True))
    mail, events = (yaml.safe_load(each["after"]) for each in result["diff"])
    assert mail["1"]["user"] == f"x {MASK}"
    assert events["disk full"]["alert-destination"]["1"]["to"] == f"x {MASK}"


def test_a_diff_tells_the_first_password_of_an_entry_from_another_one(tmp_path: Path) -> None:
    state = configured()
    entries = [{"id": name, "server": "mail.example.com", "passwd": SECRET} for name in ("1", "new")]
    options = options_of(Case("system_mail", {"config": entries, "update_password": "always"}))
    shown = {}
    for round_ in ("first", "again"):
        result = run(system_mail.work, options, context_of(lambda: opened(state), tmp_path, diff=True))
        mail = yaml.safe_load(result["diff"]["after"])
        shown[round_] = [mail[name]["passwd"] for name in ("1", "new")]
    assert shown["first"][1] == "<set>"
    assert shown["again"] == ["<set again>", "<set again>"]


def test_a_value_that_holds_a_secret_by_chance_is_read_and_judged_as_it_is(tmp_path: Path) -> None:
    state = configured()
    context = context_of(lambda: opened(state), tmp_path)
    result = run(faz_facts.work, {}, context)
    assert result["ansible_facts"]["faz"]["mail"][0]["server"] == "fortinet-notifications.com"
    assert [row["status"] for row in findings(result, [RULE])] == ["pass"]
    again = run(system_mail.work, options_of(Case("system_mail", {"config": [ENTRY]})), context)
    assert again["changed"] is False
    assert context.warnings == []


def test_a_value_that_is_a_secret_is_masked_and_named(tmp_path: Path) -> None:
    context = context_of(lambda: opened(configured(id=SECRET, user=SECRET)), tmp_path)
    entry = run(faz_facts.work, {}, context)["ansible_facts"]["faz"]["mail"][0]
    assert (entry["id"], entry["user"]) == ("<redacted>", "<redacted>")
    assert context.warnings == [
        f"ansible_facts.faz.mail[0].{name} is masked: it is equal to a secret of this task" for name in ("id", "user")
    ]


def test_a_secret_that_a_refusal_repeats_leaves_in_no_field(tmp_path: Path) -> None:
    answers = {"set port": f"The word {SECRET} is not a port.\nCommand fail. Return code -9999"}
    context = context_of(lambda: opened(configured(), screen=Screen(answers=answers)), tmp_path)
    with pytest.raises(FazmailError) as failed:
        run(system_mail.work, options_of(Case("system_mail", {"config": [{**ENTRY, "port": 25}]})), context)
    assert "is not a port" in str(failed.value)
    assert SECRET not in f"{failed.value} {failed.value.details} {context.warnings}"


def test_a_fault_in_a_job_shows_no_secret(tmp_path: Path) -> None:
    def job(*__: Any) -> Any:
        try:
            raise ValueError(f"first {SECRET}")
        except ValueError as error:
            raise TypeError(f"then {SECRET}") from error

    with pytest.raises(TypeError) as failed:
        run(job, {}, context_of(lambda: opened(configured()), tmp_path))
    shown = "".join(traceback.format_exception(failed.value))
    assert "ValueError: first" in shown
    assert "TypeError: then" in shown
    assert SECRET not in shown


def test_a_capture_that_cannot_be_written_after_the_work_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case("mail_test", {"id": "relay"})
    state = prepared(case)

    def full(*__: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.capture.save", full)
    context = context_of(lambda: session_on(state), tmp_path, capture_dir=tmp_path / "captures")
    result = run(mail_test.work, options_of(case), context)
    assert result["verdict"]["outcome"] == "accepted"
    assert "No space left on device" in result["capture_error"]
    assert result["capture_error"] in context.warnings
    assert "capture_file" not in result


@pytest.mark.parametrize(
    ("case", "before"),
    [
        (Case("mail_test", {"id": "relay"}), "diagnose test connection mailserver"),
        (Case("faz_command", {"commands": ["get system status", "show system nothing"]}), "show system nothing"),
        (Case("mail_path", {"id": "relay"}), "execute ping"),
        (Case("mail_rollout", {"config": [{"id": "relay", "server": "new.example.com"}]}), "set server"),
    ],
    ids=lambda value: value.module if isinstance(value, Case) else "",
)
def test_the_session_of_a_task_that_failed_is_saved_and_named(case: Case, before: str, tmp_path: Path) -> None:
    state = prepared(case)

    def logged_in() -> Session:
        transport = EngineTransport(state)
        # Another session finds out how it ended; faz_command is only refused.
        transport.cut_before = before if case.module != "faz_command" else None
        session = Session(transport, Limits(), clock=transport.clock)
        session.login()
        return session

    context = context_of(logged_in, tmp_path, capture_dir=tmp_path / "captures")
    with pytest.raises(FazmailError) as caught:
        run(importlib.import_module(f".{case.module}", mail_test.__package__).work, options_of(case), context)

    (file,) = (tmp_path / "captures").iterdir()
    assert caught.value.details["capture_file"] == str(file)
    assert "get system status" in file.read_text(encoding="utf-8")


def test_nothing_is_saved_of_a_task_that_did_not_begin(tmp_path: Path) -> None:
    case = Case("mail_test", {"id": ""})
    context = context_of(lambda: session_on(prepared(case)), tmp_path, capture_dir=tmp_path / "captures")
    with pytest.raises(FazmailError, match="id is empty"):
        run(mail_test.work, options_of(case), context)

    assert list((tmp_path / "captures").iterdir()) == []


def test_a_capture_directory_that_is_none_is_found_out_before_a_login(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    context = context_of(lambda: pytest.fail("logged in"), tmp_path, capture_dir=tmp_path / "file")
    with pytest.raises(JobError, match="the capture cannot be written to capture_dir"):
        run(mail_test.work, options_of(Case("mail_test", {"id": "relay"})), context)


def test_a_fingerprint_that_cannot_be_kept_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*__: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(fingerprints, "write_private", full)
    state = simulated()
    config = [{**ENTRY, "auth": "enable", "user": "a", "passwd": "new secret"}]
    case = Case("system_mail", {"config": config, "fingerprint_file": str(tmp_path / "prints")})
    context = context_of(lambda: session_on(state), tmp_path)
    result = run(system_mail.work, options_of(case), context)
    assert result["changed"] is True
    assert ["sent once more" in each for each in context.warnings] == [True]


@pytest.mark.parametrize("place", ["first", "stopped"])
def test_packets_that_could_not_be_watched_take_nothing_of_the_attempt(tmp_path: Path, place: str) -> None:
    case = Case("mail_path", {"id": "relay"})
    state = prepared(case)
    sessions: list[Session] = []

    def open_session() -> Session:
        session = session_on(state)
        sessions.append(session)
        if len(sessions) == 2:
            transport: Any = session.transport
            send = transport.send

            def breaking(data: bytes) -> None:
                if place == "first" or data == b"\x03":
                    raise OSError("connection reset")
                send(data)

            transport.send = breaking
        return session

    context = context_of(open_session, tmp_path)
    result = run(mail_path.work, options_of(case), context)
    assert result["path"]["verdict"]["outcome"] == "accepted"
    assert state.daemon.sent == 1
    assert any("packets were not watched" in each and "connection reset" in each for each in context.warnings)


def test_a_value_that_a_change_brings_to_light_is_told(tmp_path: Path) -> None:
    state = configured(auth_type="certificate", local_cert="Fortinet_Local")

    def changed(auth_type: str) -> Any:
        options = options_of(Case("system_mail", {"config": [{"id": "1", "auth_type": auth_type}]}))
        return run(system_mail.work, options, context_of(lambda: session_on(state), tmp_path))["after"]["1"]

    # The device keeps what it hides beside a password.
    assert "local-cert" not in changed("psk")
    assert changed("certificate")["local-cert"] == "Fortinet_Local"


def test_a_secret_that_is_a_part_of_a_value_does_not_mask_what_was_changed(tmp_path: Path) -> None:
    state = configured(user=SECRET)
    options = options_of(Case("system_mail", {"config": [{**ENTRY, "port": 466}]}))
    context = context_of(lambda: opened(state), tmp_path)
    result = run(system_mail.work, options, context)
    assert result["before"]["1"]["server"] == result["after"]["1"]["server"] == ENTRY["server"]
    assert result["after"]["1"]["port"] == "466"
    # A value that is the secret is masked, and a warning says so.
    assert (result["before"]["1"]["user"], result["after"]["1"]["user"]) == (MASK, MASK)
    assert "after.1.user is masked: it is equal to a secret of this task" in context.warnings
