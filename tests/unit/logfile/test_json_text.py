# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results that Ansible shows, or that were saved as JSON, are read like what the device has printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse_file
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.archives import open_log

SAMPLES = Path(__file__).parents[2] / "samples" / "logs"
LOGS = [SAMPLES / "two_devices.log", SAMPLES / "debug_three_sends.log", SAMPLES / "swaks_relay_denied.log"]


def result(text: str) -> dict[str, Any]:
    return {"changed": False, "rc": 0, "stdout": text.replace("\n", "\r\n"), "stdout_lines": text.split("\n")}


FORMS = {
    "a task": lambda text: f"ok: [faz1] => {json.dumps(result(text))}\n",
    "a task, indented": lambda text: f"TASK [show] ****\nok: [faz1] => {json.dumps(result(text), indent=4)}\n",
    "a loop": lambda text: f"ok: [faz1] => (item=1) => {json.dumps(result(text))}\nok: [faz2] => {{}}\n",
    "one string": lambda text: json.dumps({"stdout": text}),
    "a list of strings": lambda text: json.dumps(text.split("\n")),
    "a registered variable": lambda text: json.dumps({"results": [{"item": 1, **result(text)}]}, indent=2),
}


def read(path: Path) -> bytes:
    with open_log(path) as members:
        return b"".join(member.stream.read() for member in members)


def judged(path: Path) -> list[tuple[str, str, str]]:
    (found,) = analyse_file(str(path))
    return [(each["outcome"], each["cause"], each["stage"]) for each in found["verdicts"]]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_a_result_gives_what_its_text_gives(log: Path, form: Any, tmp_path: Path) -> None:
    file = tmp_path / "result.txt"
    file.write_text(form(log.read_text(encoding="utf-8")), encoding="utf-8")

    assert judged(file) == judged(log) != []


def test_what_others_have_written_is_no_failure(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([{"subject": "550 5.1.1 User unknown", "text": "one\ntwo"}]), encoding="utf-8")

    assert judged(file) == []
    assert b'"subject": "550 5.1.1 User unknown"' in read(file)


@pytest.mark.parametrize("value", ["c4n\ny-7f", 'c4n" y-7f', ["c4n", "y-7f"], {"old": "c4n\ny-7f"}])
@pytest.mark.parametrize("name", ["passwd", "ansible_password", "oauth2_client_secret", "token"])
def test_a_secret_is_masked_however_many_lines_it_has(name: str, value: Any, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text(json.dumps({name: value, "stdout": "one\ntwo"}, indent=1), encoding="utf-8")
    shown = json.dumps(analyse_file(str(file)))

    assert "one" in shown
    assert not {part for part in ("c4n", "y-7f") if part in shown}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "one\\ntwo"',
        '{"level": "error", "text": "one"}\n{"level": "error", "text": "two"}\n',
        "[" * 100_000,
        '[1,\n"two\\nlines",\n' * 20_000,
        'ok: [faz1] => {"stdout": "one\\ntwo',
        "[]",
    ],
    ids=["cut off", "lines of JSON", "deep", "deep, in lines", "a task, cut off", "nothing in it"],
)
def test_what_is_no_value_with_lines_stays_as_it_is(text: str, tmp_path: Path) -> None:
    file = tmp_path / "result.txt"
    file.write_text(text, encoding="utf-8")

    assert read(file).decode() == text


def test_what_is_too_large_to_be_a_result_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    data = json.dumps({"stdout": "one\ntwo\n" * (3 << 20)}).encode()
    file.write_bytes(data)

    assert read(file) == data
