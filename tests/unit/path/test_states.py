# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device shows of itself in a log: a finding with its cause, in every form, and never a proof that mail leaves."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import OF_STATE
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.findings import findings
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.states import DeviceState

STATUS, COUNTERS = "diagnose test application fazmaild 1", "diagnose test application fazmaild 2"
TEST = "diagnose test connection mailserver 1 a@example.com b@example.com"
TAKEN = "2026-11-24 11:30:00 smtp:1: mail sent, server replied 250 2.0.0 Ok: queued as 4F1B22A0C1\n"


def counters(queue: str) -> str:
    return f"total sent mail count:     17\ntotal failed sendmail count:     0\nqueue:     {queue}\nqueue timeout:     60 seconds\n"


def shown(*entries: tuple[str, str], end: str = "end\n") -> str:
    rows = [f'    edit "{name}"\n        set port 587\n{options}    next\n' for name, options in entries]
    return "config system mail\n" + "".join(rows) + end


SERVER = '        set server "mail.example.com"\n'
ENTRY = "id : 1\nauth : disable\nport : 25\nsecure-option : default\nserver : {}\nuser : (null)\n"
ALERT = (
    'config system alert-event\n    edit "full"\n        config alert-destination\n            edit 1\n'
    '                set to "noc@example.com"\n                set smtp-name "1"\n            next\n        end\n    next\nend\n'
)
# What is wrong: the cause, what shows it, the line that proves it, and the same answers where nothing is wrong.
WRONG: dict[str, tuple[str, list[tuple[str, str]], str, list[tuple[str, str]]]] = {
    "daemon_paused": (
        "queue_blocked",
        [(STATUS, "fazmaild pid: 1234, status: paused\n")],
        "fazmaild pid: 1234, status: paused",
        [(STATUS, "fazmaild pid: 1234, status: running\n")],
    ),
    "no_daemon": ("queue_blocked", [(STATUS, "pid: 0\n")], "pid: 0", [(STATUS, "pid: 77, status: running\n")]),
    "queue_full": (
        "queue_blocked",
        [(COUNTERS, counters("5000/5000"))],
        "queue:     5000/5000",
        [(COUNTERS, counters("0/5000"))],
    ),
    "entry_without_server": (
        "config_incomplete",
        [("show system mail", shown(("1", "")))],
        'edit "1"',
        [("show system mail", shown(("1", SERVER)))],
    ),
    "no_mail_entry": (
        "config_incomplete",
        [("show system mail", shown())],
        "config system mail",
        [("show system mail", shown(("1", SERVER)))],
    ),
    "alert_without_entry": (
        "config_incomplete",
        [("show system mail", shown(("2", SERVER))), ("show system alert-event", ALERT)],
        'set smtp-name "1"',
        [("show system mail", shown(("1", SERVER))), ("show system alert-event", ALERT)],
    ),
}
FORMS = ("table", "json", "jsonl", "csv", "html", "markdown", "text")
EACH = pytest.mark.parametrize("name", list(WRONG))


def typed(commands: list[tuple[str, str]], host: str = "FAZ-1") -> str:
    return "".join(f"{host} # {command}\n{output}" for command, output in commands)


def wrong(name: str, host: str = "FAZ-1") -> str:
    return typed(WRONG[name][1], host)


def right(name: str, host: str = "FAZ-1") -> str:
    return typed(WRONG[name][3], host)


def states(text: str) -> list[dict[str, Any]]:
    return [path for path in analyse(text)["paths"] if not path["host"]]


def found(text: str) -> dict[str, dict[str, Any]]:
    return {each["finding"]: each for path in states(text) for each in path["findings"]}


def parsed(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    log = tmp_path / "faz.log"
    log.write_text(text, encoding="utf-8")
    status = main(["parse", *options, str(log)])
    return status, capsys.readouterr().out


@EACH
def test_what_is_wrong_has_its_cause_its_proof_and_what_to_do(name: str) -> None:
    cause, __, proof, ___ = WRONG[name]
    text = wrong(name)
    (path,) = states(text)
    finding = found(text)[name]

    assert (path["device"], path["seen_from"], finding["severity"]) == ("FAZ-1", "device", "failure")
    assert (finding["cause"], finding["owner"]) == (cause, "device admin")
    assert finding["grade"]
    assert finding["remedy"][0]["cli"]
    assert "<id>" not in finding["explanation"]
    lines = text.splitlines()
    assert all(lines[each["line"] - 1].strip() == each["text"] for each in finding["evidence"])
    assert proof in [each["text"] for each in finding["evidence"]]


@pytest.mark.parametrize(("name", "form"), list(product(WRONG, FORMS)))
def test_every_form_tells_it_and_none_that_mail_was_sent(
    name: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = parsed(tmp_path, wrong(name), capsys, "--format", form)
    row = findings()[name]

    assert status == 1
    told = [WRONG[name][0]] if form == "csv" else [row["explanation"].partition("<id>")[0]]
    plain = " ".join(out.replace("\\&lt;", "<").split())
    assert all(each in plain for each in told)
    assert "device admin" in plain or "administrator of the device" in plain
    assert WRONG[name][2].split()[-1].strip('"') in plain
    for good in ("mail was sent", "mails were sent", "accepted"):
        assert good not in out


@pytest.mark.parametrize(("name", "form"), list(product(WRONG, ("table", "json", "csv"))))
def test_the_totals_tell_it(name: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = parsed(tmp_path, wrong(name), capsys, "--summary", "--format", form)

    assert status == 1
    assert WRONG[name][0] in out
    if form == "json":
        rows = json.loads(out)["findings"]
        assert (name, "failure", "FAZ-1") in [(row["finding"], row["severity"], row["device"]) for row in rows]


@EACH
def test_a_state_without_a_fault_is_no_proof_that_mail_leaves(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = parsed(tmp_path, right(name), capsys)

    assert list(found(right(name))) == ["no_fault_shown"]
    assert status == 3
    assert "diagnose test connection mailserver" in out


@pytest.mark.parametrize(
    "name", [name for name in WRONG if name not in ("alert_without_entry", "entry_without_server")]
)
def test_the_last_answer_counts_and_the_one_before_is_told(name: str) -> None:
    over = found(wrong(name) + right(name))[name]
    assert (over["severity"], over["remedy"]) == ("hint", [])
    assert f"But line {over['evidence'][-1]['line']}, after that" in over["explanation"]

    begun = found(right(name) + wrong(name))[name]
    assert begun["severity"] == "failure"
    assert "before that, did not show it" in begun["explanation"]


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("fazmaild is not running", "no_daemon"),
        ("2026-11-24 11:30:00 The mail daemon is down.", "no_daemon"),
        ("Error: fazmaild: no such process", "no_daemon"),
        ("There is no fazmaild process", "no_daemon"),
        ("Daemon fazmaild doesn't run since the upgrade", "no_daemon"),
        ("fazmaild: sending mail is paused.", "daemon_paused"),
        ("The fazmaild process has been suspended", "daemon_paused"),
    ],
)
@pytest.mark.parametrize(
    "command", [STATUS, COUNTERS, "diagnose test application fazmaild 90", "get system performance", ""]
)
def test_a_sentence_tells_how_the_daemon_is(sentence: str, name: str, command: str) -> None:
    text = f"{typed([(command, sentence)])}\n" if command else f"{sentence}\n"
    log = analyse(text)

    assert [each["finding"] for path in log["paths"] for each in path["findings"]] == [name]
    (finding,) = log["paths"][0]["findings"]
    assert (finding["severity"], finding["grade"]) == ("failure", "assumed")
    assert [each["text"] for each in finding["evidence"]] == [sentence]
    assert (log["verdicts"], log["unmatched"]) == ([], [])


def test_a_status_that_says_it_in_another_word_tells_it_too() -> None:
    assert list(found(typed([(STATUS, "fazmaild pid: 12, status: not running\n")]))) == ["no_daemon"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Is fazmaild not running?",
        "If fazmaild is not running, restart it.",
        "fazmaild was not running yesterday",
        "fazmaild is not up to date",
        "we do not know whether fazmaild is paused",
        "oftpd is not running",
    ],
)
def test_what_may_be_or_was_is_no_state(sentence: str) -> None:
    assert not found(f"{sentence}\n")


def test_a_daemon_that_was_started_again_holds_no_later_test() -> None:
    test = typed([(TEST, "Connecting.\n")])
    stopped = typed([(STATUS, "fazmaild is not running\n")])
    (verdict,) = analyse(stopped + test)["verdicts"]
    assert verdict["cause"] == "queue_blocked"
    assert [each["text"] for each in verdict["evidence"]] == ["fazmaild is not running"]

    restarted = stopped + typed([("diagnose test application fazmaild 99", "")])
    assert analyse(restarted + test)["verdicts"][0]["cause"] == "unknown"


def test_an_entry_that_was_completed_is_over() -> None:
    name = "entry_without_server"
    assert found(wrong(name) + right(name))[name]["severity"] == "hint"
    assert found(wrong(name) + typed([("config system mail", "")]))[name]["severity"] == "hint"


def test_an_entry_that_is_gone_is_not_told() -> None:
    text = wrong("entry_without_server") + typed([("show system mail", shown(("2", SERVER)))])
    assert list(found(text)) == ["no_fault_shown"]


def test_a_daemon_that_was_told_to_go_on_may_run() -> None:
    text = wrong("daemon_paused") + typed([("diagnose test application fazmaild 91", "")])
    finding = found(text)["daemon_paused"]
    assert finding["severity"] == "hint"
    assert "But line 3 changes that afterwards" in finding["explanation"]


@pytest.mark.parametrize("name", ["daemon_paused", "no_daemon", "queue_full", "no_mail_entry"])
def test_a_mail_that_was_accepted_later_is_told_and_one_before_does_not_help(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = typed([("diagnose debug enable", TAKEN)])
    later = wrong(name) + taken
    finding = found(later)[name]
    assert finding["severity"] == "hint"
    assert f"accepted after that, at line {len(later.splitlines())}" in finding["explanation"]
    assert parsed(tmp_path, later, capsys)[0] == 0

    assert found(taken + wrong(name))[name]["severity"] == "failure"
    status, out = parsed(tmp_path, taken + wrong(name), capsys, "--format", "text")
    assert status == 1
    assert "keeps further mail from leaving" in " ".join(out.split())


@EACH
def test_what_one_device_shows_never_reaches_another(name: str) -> None:
    for text in (
        wrong(name, "FAZ-A") + right(name, "FAZ-B"),
        right(name, "FAZ-B") + wrong(name, "FAZ-A"),
        wrong(name, "FAZ-A") + typed([("exit", "")], "FAZ-A") + right(name, "FAZ-B"),
    ):
        told = {path["device"]: [each["finding"] for each in path["findings"]] for path in states(text)}
        assert told["FAZ-A"][0] == name
        assert told["FAZ-B"] == ["no_fault_shown"]


def test_the_mail_of_one_device_says_nothing_of_another() -> None:
    text = wrong("daemon_paused", "FAZ-A") + typed([("diagnose debug enable", TAKEN)], "FAZ-B")
    assert found(text)["daemon_paused"]["severity"] == "failure"


def test_each_device_is_told_once_also_after_it_was_left() -> None:
    left = typed([("exit", "")], "FAZ-A")
    text = wrong("daemon_paused", "FAZ-A") + left + right("queue_full", "FAZ-B") + right("daemon_paused", "FAZ-A")
    assert [path["device"] for path in states(text)] == ["FAZ-A", "FAZ-B"]
    assert found(text)["daemon_paused"]["severity"] == "hint"


@pytest.mark.parametrize("command", [STATUS, COUNTERS, "show system mail", "show system alert-event", TEST])
@pytest.mark.parametrize(
    "refusal", ["Unknown action 0", "No permission to 'diagnose test.application'", "command parse error before 'x'"]
)
def test_what_was_refused_is_told_and_never_good(
    command: str, refusal: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = typed([(command, f"{refusal}\n")])
    finding = found(text)["command_refused"]
    assert [each["text"] for each in finding["evidence"]] == [command, refusal]
    assert finding["severity"] == "hint"
    assert parsed(tmp_path, text, capsys)[0] == 3


@pytest.mark.parametrize(
    ("answer", "verdicts", "findings"),
    [
        ("Unknown action 0", [], ["command_refused"]),
        ("permission denied", [], ["command_refused"]),
        ("value parse error before '9'\nCommand fail. Return code -61", [], ["command_refused"]),
        ("entry not found in datasource", ["config_incomplete"], []),
        ('no object was found for mail server "3"\nCommand fail. Return code -3', ["config_incomplete"], []),
        ("Connecting to mail server.\nCommand fail. Return code 1", ["unknown"], []),
        ("fazmaild: < 535 5.7.8 no\nCommand fail. Return code 1", ["auth_credentials_invalid"], []),
    ],
)
def test_an_answer_to_a_test_is_told_once(answer: str, verdicts: list[str], findings: list[str]) -> None:
    log = analyse(typed([(TEST, f"{answer}\n")]) + "FAZ-1 # \n")

    assert [each["cause"] for each in log["verdicts"]] == verdicts
    assert [each["finding"] for path in log["paths"] for each in path["findings"]] == findings


def test_a_refused_test_that_the_counters_show_was_made() -> None:
    before, after = counters("0/5000"), counters("0/5000").replace("17", "18")
    log = analyse(typed([(COUNTERS, before), (TEST, "Unknown action 0\n"), (COUNTERS, after)]))
    assert [each["outcome"] for each in log["verdicts"]] == ["accepted"]


def test_a_command_that_was_answered_later_was_not_refused() -> None:
    text = typed([(STATUS, "Unknown action 0\n")]) + right("daemon_paused")
    assert list(found(text)) == ["no_fault_shown"]


def test_a_test_that_failed_was_not_refused() -> None:
    text = typed([(TEST, "Connecting to mail server.\nFailed.\nCommand fail. Return code 1\n")])
    assert "command_refused" not in found(text)


@pytest.mark.parametrize(
    "table", [shown(("2", SERVER), end=""), 'config system mail\n    edit "2"\n', "config system mail\n"]
)
def test_of_a_table_that_is_cut_off_nothing_is_missing(table: str) -> None:
    text = typed([("show system mail", table), ("show system alert-event", ALERT)])
    assert not {"alert_without_entry", "no_mail_entry", "entry_without_server"} & found(text).keys()


@EACH
def test_of_lines_that_were_not_read_nothing_is_missing(name: str) -> None:
    """Whatever stands in place of a line of a table, its entry is not said to be missing."""
    lines = right(name).splitlines(keepends=True)
    missing = {"alert_without_entry", "no_mail_entry", "entry_without_server"}
    for place, line in enumerate(lines):
        if line.startswith(" "):
            text = "".join([*lines[:place], "?? 3f\n", *lines[place + 1 :]])
            assert not missing & found(text).keys(), text


def test_one_entry_is_not_the_whole_table() -> None:
    text = "FAZ-1 (2)# show\n" + shown(("2", SERVER)) + typed([("show system alert-event", ALERT)])
    assert "alert_without_entry" not in found(text)


def test_the_entries_of_other_tables_are_no_mail_entries() -> None:
    other = 'config system admin user\n    edit "admin"\n        set profileid "x"\n    next\nend\n'
    assert "entry_without_server" not in found(typed([("show", other + shown(("1", SERVER)))]))


@pytest.mark.parametrize(("server", "expected"), [("(null)", "entry_without_server"), ("a.example", "no_fault_shown")])
def test_get_in_an_entry_tells_it_too(server: str, expected: str) -> None:
    assert list(found("FAZ-1 (1)# get\n" + ENTRY.format(server))) == [expected]


def test_debug_output_between_the_lines_hides_nothing() -> None:
    lines = WRONG["queue_full"][1][0][1].splitlines()
    debug = "2026-11-24 10:00:00 check mail pending tasks: 0\n"
    text = f"FAZ-1 # {COUNTERS}\n" + debug.join(f"{line}\n" for line in lines)
    assert "queue_full" in found(text)


def test_counts_of_failed_mails_are_told_where_no_send_is() -> None:
    text = typed([(COUNTERS, "total failed sendmail count:     3\nqueue:     0/5000\n")])
    assert (found(text)["mails_lost"]["severity"], found(text)["mails_lost"]["evidence"][0]["line"]) == ("hint", 2)
    assert "mails_lost" not in found(text + typed([("diagnose debug enable", TAKEN)]))


@EACH
def test_another_product_gets_none_of_our_commands(name: str) -> None:
    text = "FGT # get system status\nVersion: FortiGate-60F v7.4.3,build2573,240201 (GA.F)\n" + wrong(name, "FGT")
    remedy = found(text)[name]["remedy"]
    assert not any(step["cli"] or step["task"] for step in remedy)
    assert "FortiGate" in remedy[0]["advice"]


def test_explain_tells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "faz.log"
    log.write_text(wrong("daemon_paused"), encoding="utf-8")
    assert main(["explain", "-f", str(log)]) == 0
    out = capsys.readouterr().out
    assert "daemon_paused" in out
    assert "diagnose test application fazmaild 91" in out


def test_many_entries_are_bounded() -> None:
    text = typed([("show system mail", shown(*((str(number), "") for number in range(3_000))))])
    (path,) = states(text)
    assert 0 < len(path["findings"]) <= 100


@pytest.mark.parametrize("name", ["daemon_paused", "queue_full"])
def test_a_test_that_stays_in_the_queue_has_the_line_that_shows_why(name: str) -> None:
    text = typed([(TEST, "Connecting.\n")]) + wrong(name)
    (verdict,) = analyse(text)["verdicts"]
    assert verdict["cause"] == "queue_blocked"
    assert [each["text"] for each in verdict["evidence"]] == [WRONG[name][2]]
    assert analyse(text.replace(wrong(name), ""))["verdicts"][0]["cause"] == "unknown"


def test_an_entry_behind_those_that_are_kept_is_not_missing() -> None:
    table = shown(*((str(number), SERVER) for number in range(2, 1_100)), ("1", SERVER))
    assert list(found(typed([("show system mail", table), ("show system alert-event", ALERT)]))) == ["no_fault_shown"]


def test_alerts_that_name_very_many_missing_entries_end_in_findings() -> None:
    events = "".join(
        f'    edit "e{number}"\n        config alert-destination\n            edit 1\n                set to "noc@example.com"\n'
        f'                set smtp-name "gone{number}"\n            next\n        end\n    next\n'
        for number in range(1_050)
    )
    alerts = f"config system alert-event\n{events}end\n"
    text = typed([("show system alert-event", alerts), ("show system mail", shown(("2", SERVER)))])
    assert found(text)["alert_without_entry"]["severity"] == "failure"


@pytest.mark.parametrize("template", sorted(OF_STATE))
def test_a_template_of_ones_own_may_have_other_fields(template: str) -> None:
    state = DeviceState()
    state.command(1, "show system mail", "show_system_mail")
    state.line(2, "config system mail", "show_system_mail")
    state.record(3, template, {"mine": "x"})
    if template == "show_system_mail":
        state.line(4, "end", template)
    assert [each["severity"] for each in state.findings("")] in ([], ["hint"])
