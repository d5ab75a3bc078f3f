# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every template gives the records its samples promise, and is readable by plain TextFSM as well."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
import textfsm
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import find as templates
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.sample_check import differences, outcome
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.clean import lines

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT / "tests" / "samples").glob("*/*.raw"))
TEMPLATES = sorted((ROOT / "templates" / "textfsm").glob("*.textfsm"))
GRADES = {"verbatim", "documented", "reproduced", "assumed"}

sample = pytest.mark.parametrize("raw", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
template = pytest.mark.parametrize("file", TEMPLATES, ids=lambda path: path.stem)


def expectation(raw: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(raw.with_suffix(".yml").read_text(encoding="utf-8"))
    return data


@sample
def test_a_sample_gives_its_records(raw: Path) -> None:
    assert differences(raw) == []


@sample
def test_a_number_may_have_any_length(raw: Path) -> None:
    longer = [re.sub(r"[0-9]+", lambda number: number[0] * 5000, line) for line in lines(raw.read_text("utf-8"))]
    json.dumps(outcome(raw.parent.name, longer), allow_nan=False)


@sample
def test_a_sample_says_how_its_text_is_known(raw: Path) -> None:
    assert expectation(raw)["evidence"] in GRADES


@sample
def test_a_sample_gives_the_rows_of_plain_textfsm(raw: Path) -> None:
    name, text = raw.parent.name, raw.read_text(encoding="utf-8")
    with (ROOT / "templates" / "textfsm" / f"{name}.textfsm").open(encoding="utf-8") as file:
        plain = textfsm.TextFSM(file)

    own = templates.template(name).parse(lines(text))

    assert [list(row.values.values()) for row in own.rows] == plain.ParseText(text)


@template
def test_a_template_has_a_sample_that_it_reads(file: Path) -> None:
    assert any(raw.parent.name == file.stem and expectation(raw)["records"] for raw in SAMPLES)


@template
def test_a_template_says_how_its_text_is_known(file: Path) -> None:
    words = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("# Evidence: ")]

    assert len(words) == 1
    assert any(grade in words[0] for grade in GRADES)


def test_each_sample_belongs_to_a_template() -> None:
    assert {raw.parent.name for raw in SAMPLES} == {file.stem for file in TEMPLATES}


def test_the_index_names_only_templates_that_exist() -> None:
    rows = [
        row
        for row in csv.reader((ROOT / "templates" / "textfsm" / "index").open(encoding="utf-8"), skipinitialspace=True)
        if row and not row[0].startswith("#")
    ]
    header, named = rows[0], {row[0] for row in rows[1:]}

    assert header[0] == "Template"
    assert named
    assert named <= {file.name for file in TEMPLATES}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("get system status", "system_status"),
        ("show system mail", "show_system_mail"),
        ("show full-configuration system mail", "show_system_mail"),
        ("show system alert-event", "show_system_alert_event"),
        ('show system alert-event "disk full"', "show_system_alert_event"),
        ("show system alertemail", "show_system_alertemail"),
        ("get system mail", "get_system_mail"),
        ("get system mail 1", "get_system_mail_entry"),
        ("diagnose test application fazmaild 1", "fazmaild_status"),
        ("diagnose test application fazmaild 2", "fazmaild_statistics"),
        ("diagnose test application fazmaild ?", "fazmaild_usage"),
        ("diagnose debug info", "debug_info"),
        ('diagnose test connection mailserver "1" "a@b" "c@d"', "test_connection"),
        ("execute ping mail.example.com", "ping"),
        ("execute traceroute mail.example.com", "traceroute"),
        ("diagnose sniffer packet any 'host 192.0.2.25 and tcp port 25' 1 100 a", "sniffer_packet"),
        ("get system dns", "system_dns"),
        ("show system dns", "system_dns"),
        ("get sys stat", "system_status"),
        ("diag test app fazmaild 2", "fazmaild_statistics"),
        ("exec ping 127.0.0.1", "ping"),
    ],
)
def test_a_command_finds_its_template(command: str, name: str) -> None:
    assert templates.choose(command) == name


@pytest.mark.parametrize("command", ["", "show system interface", "diagnose test application oftpd 2", "end"])
def test_a_command_of_another_topic_finds_none(command: str) -> None:
    assert templates.choose(command) is None
