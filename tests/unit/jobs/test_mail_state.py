# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device shows of its mail daemon reaches the answer about its mail, in the words that a saved log has for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.filter.answers_report import answers_report
from ansible_collections.fortiops.mail.plugins.filter.mail_answer import mail_answer
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import mail_test
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError, run
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.findings import findings
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.saved import of_device
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen

from ..in_process import context_of, session_on
from .cases import Case, options_of, prepared

STATUS, COUNTERS = "diagnose test application fazmaild 1", "diagnose test application fazmaild 2"
TEST = 'diagnose test connection mailserver "relay"'
FULL = "total sent mail count: 1\ntotal failed sendmail count: 0\nqueue:     5000/5000"
# What the device prints, by command.
HELD = {
    "daemon_paused": {STATUS: "fazmaild pid: 812, status: paused", TEST: "Test mail is queued."},
    "no_daemon": {STATUS: "fazmaild is not running", TEST: "Test mail is queued."},
    "queue_full": {COUNTERS: FULL, TEST: "Test mail is queued."},
}
CASE = Case("mail_test", {"id": "relay", "wait": 1, "quiet": 1})
ENTRY = {"id": "relay", "server": "mail.example.com", "port": 587}
EACH = pytest.mark.parametrize("name", list(HELD))


def sent_on(tmp_path: Path, answers: dict[str, str]) -> tuple[Any, str]:
    """The result of the job, also of one that failed, and the capture of its session."""
    state = prepared(CASE)
    context = context_of(lambda: session_on(state, screen=Screen(answers=answers)), tmp_path, capture_dir=tmp_path)
    try:
        result = run(mail_test.work, options_of(CASE), context)
    except JobError as error:
        result = {"failed": True, "msg": str(error), **error.details}
    (capture,) = (path for path in tmp_path.iterdir() if path.is_file() and "mail_test" in path.name)
    return result, capture.read_text(encoding="utf-8")


def answered(test: Any, entry: dict[str, Any] | None = None) -> Any:
    return mail_answer({"entries": [entry or ENTRY]}, "relay", test=test)


@EACH
def test_the_answer_has_the_words_of_the_saved_log(name: str, tmp_path: Path) -> None:
    result, capture = sent_on(tmp_path, HELD[name])
    saved = of_device(analyse(capture)["paths"])
    answer = answered(result)

    assert result["findings"] == saved
    (shown,) = [each for each in saved if each["finding"] == name]
    assert (answer["outcome"], answer["cause"], answer["decided_by"]) == ("failed", "queue_blocked", "state")
    for field in ("explanation", "remedy", "evidence", "owner"):
        assert answer[field] == shown[field]
    assert findings()[name]["explanation"].partition(".")[0] in " ".join(
        answers_report([{"device": "faz", "server": "mail.example.com:587", "answer": answer}]).split()
    )


@EACH
def test_a_test_that_the_device_refused_has_the_same_answer(name: str, tmp_path: Path) -> None:
    result, __ = sent_on(tmp_path, {**HELD[name], TEST: "Unknown action 0"})
    answer = answered(result)

    assert "no attempt to send is seen" in result["msg"]
    assert answer["explanation"] == findings()[name]["explanation"]
    assert any("Unknown action 0" in note for note in answer["supporting"])


def test_a_device_without_a_fault_shows_none(tmp_path: Path) -> None:
    result, __ = sent_on(tmp_path, {})
    assert (result["findings"], answered(result)["decided_by"]) == ([], "test")


def test_the_state_of_another_entry_is_not_that_of_this_one(tmp_path: Path) -> None:
    table = 'config system mail\n    edit "relay"\n        set server "a.example"\n    next\n    edit "spare"\n    next\nend'
    result, __ = sent_on(tmp_path, {"show system mail": table})
    assert [each["finding"] for each in result["findings"]] == ["entry_without_server"]
    assert answered(result)["outcome"] == "accepted"


def test_an_entry_without_a_server_is_the_answer() -> None:
    answer = answered({}, {"id": "relay", "server": "", "port": 25})
    assert (answer["outcome"], answer["cause"], answer["decided_by"]) == ("failed", "config_incomplete", "config")
    assert answer["explanation"] == "The mail entry relay has no server. Mail through it cannot leave."
    assert "edit relay" in answer["remedy"][0]["cli"]
