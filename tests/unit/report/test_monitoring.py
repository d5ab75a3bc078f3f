# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of one device for a monitoring system: its state, and what each format shows of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.monitoring import (
    CRITICAL,
    OK,
    UNKNOWN,
    WARNING,
    DeviceCheck,
    ThresholdError,
    add_test,
    as_json,
    as_metrics,
    as_plugin,
    check,
    limits,
)

from ..in_process import simulated
from ..jobs.cases import Case, do

GIVEN = {"queue": "10%,50%", "failed": "1,", "discarded": ",1", "age": ","}
# The form of the line, by the guidelines of the Monitoring Plugins.
VALUE = r"\w+=-?\d+(?:\.\d+)?(?:s|c)?(?:;\d*(?:;\d*(?:;\d*(?:;\d*)?)?)?)?"
LINE = re.compile(rf"MAIL (?:OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+(?: \| {VALUE}(?: {VALUE})*)?")


def checked(
    directory: Path, given: dict[str, str] | None = None, before: dict[str, int] | None = None, **daemon: Any
) -> DeviceCheck:
    state = simulated()
    for name, value in daemon.items():
        setattr(state.daemon, name, value)
    answers = {"diagnose test application fazmaild 2": "Is that so?"} if daemon.get("sent") == -1 else {}
    result = do(Case("fazmaild", answers=answers), state, directory).result
    bounds = {name: limits(name, text, name == "queue") for name, text in {**GIVEN, **(given or {})}.items()}
    return check("faz", result, bounds, before or {})


@pytest.mark.parametrize(
    ("daemon", "given", "before", "state", "words"),
    [
        ({}, {}, {}, OK, "queue 0/5000, 0 sent"),
        ({"paused": True}, {}, {}, CRITICAL, "the mail daemon is paused"),
        ({"pid": 0}, {}, {}, CRITICAL, "the mail daemon has no process"),
        ({"queue": ["mail"] * 500}, {}, {}, WARNING, "queue has 500 mails"),
        ({"queue": ["mail"] * 2500}, {}, {}, CRITICAL, "queue has 2500 mails"),
        ({"queue": ["mail"] * 2500}, {"queue": ","}, {}, OK, "queue 2500/5000"),
        ({"failed": 7}, {}, {}, OK, "7 failed"),
        ({"failed": 7}, {}, {"failed": 5}, WARNING, "2 failed since the last check"),
        ({"failed": 2}, {}, {"failed": 5}, WARNING, "2 failed since the last check"),
        ({"failed": 7, "discarded": 1}, {}, {"failed": 5, "discarded": 0}, CRITICAL, "1 discarded since the last check, 2 failed"),
        ({}, {"age": "60,3600"}, {}, WARNING, "no mail was ever sent"),
        ({"last_sent": 1_700_000_000}, {"age": "60,3600"}, {}, CRITICAL, "the last mail was sent "),
        ({"sent": -1}, {}, {}, UNKNOWN, "queue, sent, failed, discarded not read (diagnose test application fazmaild 2: the device answered"),
        ({"sent": -1, "paused": True}, {}, {}, CRITICAL, "the mail daemon is paused"),
    ],
)  # fmt: skip
def test_a_daemon_has_a_state(
    tmp_path: Path, daemon: Any, given: dict[str, str], before: dict[str, int], state: int, words: str
) -> None:
    found = checked(tmp_path, given, before, **daemon)

    assert found.state == state
    assert words in as_plugin(found)
    assert LINE.fullmatch(as_plugin(found))
    assert json.loads(as_json(found))["state"] == ("OK", "WARNING", "CRITICAL", "UNKNOWN")[state]


@pytest.mark.parametrize("unread", [{}, {"queue_limit": 0}, {"queue_limit": "many"}])
def test_a_queue_of_unknown_size_is_not_held_against_percentages(unread: dict[str, Any]) -> None:
    statistics = {"queue_length": 4000, **dict.fromkeys(("sent", "failed", "discarded"), 0), **unread}
    result = {"status": {"state": "running"}, "statistics": statistics}
    for queue, state in (("10%,50%", UNKNOWN), ("10,50", CRITICAL), (",", OK)):
        bounds = {name: limits(name, text, name == "queue") for name, text in {**GIVEN, "queue": queue}.items()}
        found = check("faz", result, bounds, {})
        assert found.state == state
        assert LINE.fullmatch(as_plugin(found))


def test_what_failed_while_the_counters_were_not_read_is_found_at_the_next_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORTIOPS_MAIL_STATE_DIR", str(tmp_path))
    read = {"queue_length": 0, "queue_limit": 5000, "sent": 9, "discarded": 0}
    results = [{**read, "failed": 5}, None, {**read, "failed": 7}, {**read, "failed": 7}]
    monkeypatch.setattr(
        "ansible_collections.fortiops.mail.plugins.plugin_utils.command.monitor.do",
        lambda *__: {"identity": "FAZ-1", "status": {"state": "running"}, "statistics": results.pop(0)},
    )
    assert [main(["monitor", "faz"]) for __ in range(4)] == [OK, UNKNOWN, WARNING, OK]
    assert "2 failed since the last check" in capsys.readouterr().out


def test_the_age_is_by_the_clock_of_the_device(tmp_path: Path) -> None:
    state = simulated()
    state.clock, state.utc_offset = (lambda: 1_700_000_000.0), -8
    state.daemon.last_sent = 1_700_000_000 - 3723
    result = do(Case("fazmaild"), state, tmp_path).result

    assert result["statistics"]["last_sent_age"] == 3723
    found = check("faz", result, {name: limits(name, ",") for name in GIVEN}, {})
    assert "last mail 1 h 2 min ago" in as_plugin(found)


@pytest.mark.parametrize(
    ("outcome", "state", "words"),
    [
        ("accepted", OK, "test mail accepted"),
        ("failed", CRITICAL, "test mail failed: relay_denied at rcpt_to"),
        ("unknown", UNKNOWN, "test mail unknown"),
    ],
)
def test_a_test_mail_counts(tmp_path: Path, outcome: str, state: int, words: str) -> None:
    found = checked(tmp_path)
    add_test(found, {"outcome": outcome, "cause": "relay_denied" if outcome == "failed" else "", "stage": "rcpt_to"})

    assert (found.state, words in as_plugin(found)) == (state, True)


@pytest.mark.parametrize("text", ["", "1", "10%,50%", "1,2,3", "-1,2", "a,b", "10%,5"])
def test_limits_are_two_numbers_or_nothing(text: str) -> None:
    if text in ("", "1"):
        assert limits("--failed", text).critical is None
        return
    with pytest.raises(ThresholdError, match="expected WARNING,CRITICAL: two numbers"):
        limits("--failed", text)


def test_metrics_have_the_values_that_were_read(tmp_path: Path) -> None:
    text = as_metrics(checked(tmp_path, sent=12, failed=3))
    missing = as_metrics(checked(tmp_path, sent=-1))

    assert 'fortiops_mail_device_sent_total{device="faz"} 12' in text.splitlines()
    assert 'fortiops_mail_device_daemon_running{device="faz"} 1' in text.splitlines()
    assert "sent_total" not in missing and 'fortiops_mail_device_state{device="faz"} 3' in missing


def test_a_device_is_called_the_same_whether_or_not_it_was_reached(tmp_path: Path) -> None:
    reached, lost = checked(tmp_path), DeviceCheck("faz", [(UNKNOWN, "no route")])

    assert [as_metrics(each).count('{device="faz"}') > 0 for each in (reached, lost)] == [True, True]
    shown = [json.loads(as_json(each)) for each in (reached, lost)]
    assert [(each["device"], each["hostname"]) for each in shown] == [("faz", "FAZ-HQ"), ("faz", None)]
    assert as_plugin(reached).startswith("MAIL OK - FAZ-HQ: ")


def test_a_hostile_name_breaks_no_line() -> None:
    found = DeviceCheck('faz|a=1\n"x', [(UNKNOWN, "it says |\x1b[31m")])

    assert LINE.fullmatch(as_plugin(found))
    assert as_metrics(found).splitlines()[-1] == 'fortiops_mail_device_state{device="faz|a=1\\n\\"x"} 3'
