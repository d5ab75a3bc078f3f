# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document of a run says who changed what, from what to what, with which proof; and nothing that is not so."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.run import (
    change_text,
    read_run,
    run_document,
    run_text,
)
from jsonschema import Draft202012Validator

from ..jobs.test_mail_rollout import MOVE
from ..jobs.test_rollout_alerts import EVENTS, FRESH, Alerting
from ..test_schemas import schema

BY: Any = {"user": "alice", "controller": "ctl-1"}
NOW = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    def result(*config: Any, **options: Any) -> Any:
        return Alerting(tmp_path_factory.mktemp("device")).roll_out(*config, **options)

    results = {
        "moved": result(MOVE),
        "alerting": result(FRESH, alert_events=EVENTS),
        "wrong": result({**MOVE, "passwd": "a wrong secret"}),
        "refused": result({"id": "relay", "ssl_protocol": "tlsv1.2"}),
        "same": result({"id": "relay", "server": "old.example.com"}),
        "gone": {"unreachable": True, "msg": "<b>no answer</b>\x1b[31m"},
        "later": {},
    }
    return run_document(results, "rollout", BY, {"moved": "automation"}, NOW)


def device(document: Any, name: str) -> Any:
    return next(each for each in document["devices"] if each["name"] == name)


def changes(document: Any, name: str) -> list[str]:
    return [change_text(each) for each in device(document, name)["changes"]]


def test_devices_are_in_the_order_of_their_names_however_a_run_went() -> None:
    rows = run_document({"faz-b": {}, "faz-c": {}, "faz-a": {}}, "rollout", BY, {}, NOW)["devices"]
    assert [row["name"] for row in rows] == ["faz-a", "faz-b", "faz-c"]


def test_it_names_who_what_from_to_and_the_proof(document: Any) -> None:
    Draft202012Validator(schema("run")).validate(document)
    assert (document["by"], document["created"]) == (BY, "2026-11-30T14:05:00+00:00")
    moved = device(document, "moved")
    assert (moved["identity"], moved["login"], moved["state"]) == ("SERIAL", "automation", "proved")
    assert changes(document, "moved") == [
        "mail server 'relay' passwd: set -> set again",
        "mail server 'relay' server: old.example.com -> new.example.com",
    ]
    assert [(each["entry"], each["outcome"]) for each in moved["proofs"]] == [("relay", "accepted")]
    assert "alert event 'disk full' destination 1 smtp-name: relay -> fresh" in changes(document, "alerting")
    assert "alert event 'night': created" in changes(document, "alerting")
    assert "mail server 'fresh' passwd: (not set) -> set" in changes(document, "alerting")


def test_what_was_taken_back_or_never_saved_is_no_change(document: Any) -> None:
    assert {name: changes(document, name) for name in ("wrong", "refused", "same", "gone", "later")} == {
        name: [] for name in ("wrong", "refused", "same", "gone", "later")
    }
    assert [device(document, name)["state"] for name in ("wrong", "refused", "same", "gone", "later")] == [
        "taken_back", "refused", "unchanged", "not_reached", "not visited",
    ]  # fmt: skip
    assert device(document, "refused")["commands"] == []
    assert [each["outcome"] for each in device(document, "wrong")["proofs"]] == ["failed", "accepted"]


def test_no_password_is_in_it(document: Any) -> None:
    text = json.dumps(document)
    assert not [secret for secret in ("the old secret", "the new secret", "a wrong secret") if secret in text]
    assert not re.search(r"ENC \w", text)


def test_fazmail_report_shows_it_as_a_table_and_as_a_page(
    document: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, page = tmp_path / "run.json", tmp_path / "run.html"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert main(["report", str(file), "--html", str(page)]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("rollout of 2026-11-30 14:05 UTC, by alice on ctl-1\n7 devices: 1 taken back, 1 refused, ")
    assert "mail server 'relay' server: old.example.com -> new.example.com" in shown.partition("changed on moved:")[2]
    html = page.read_text(encoding="utf-8")
    assert "&lt;b&gt;no answer" in html
    assert "\x1b" not in shown + html
    assert "old.example.com -&gt; new.example.com" in html

    good = {**document, "devices": [device(document, "moved")]}
    file.write_text(json.dumps(good), encoding="utf-8")
    assert main(["report", str(file)]) == 0
    assert main(["report", str(file), "--csv", str(tmp_path / "x.csv")]) == 2
    assert "becomes --html only" in capsys.readouterr().err


def test_devices_that_changed_alike_are_named_together(document: Any) -> None:
    moved = device(document, "moved")
    fleet = [{**moved, "name": name} for name in ("faz-a", "faz-b", "faz-c")]
    shown = run_text([{**document, "devices": [*fleet, device(document, "alerting")]}], 60)

    assert "changed on faz-a, faz-b, faz-c:" in shown
    assert shown.count("passwd: set -> set again") == 1
    assert max(map(len, shown.splitlines())) <= 60


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "fortiops.mail/run/9"}, "expected 'fortiops.mail/run/1'"),
        ({"created": "yesterday"}, "document.created is 'yesterday', expected a time"),
        ({"devices": [{"name": "x"}]}, "devices\\[0\\].identity is missing, expected str"),
    ],
)
def test_a_file_that_is_no_record_is_refused_by_name(
    document: Any, change: Any, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps({**document, **change}), encoding="utf-8")
    assert main(["report", str(file)]) == 2
    with pytest.raises(Exception, match=message):
        read_run(file.read_text(encoding="utf-8"))
    assert str(file) in capsys.readouterr().err
