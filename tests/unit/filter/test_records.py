# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `records` reads the output of one command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.filter import records as plugin

records = plugin.FilterModule().filters()["records"]
SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*/*.raw"))


@pytest.mark.parametrize("raw", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_template_is_named(raw: Path) -> None:
    expected = yaml.safe_load(raw.with_suffix(".yml").read_text(encoding="utf-8"))["records"]

    found = records(raw.read_text(encoding="utf-8"), template=raw.parent.name)

    assert found == [{name: value for name, value in each.items() if name != "line"} for each in expected]


def test_or_found_by_the_command() -> None:
    text = "FAZ # pid: 12, status: running\r\r\n"

    assert records(text, command="diag test app fazmaild 1") == records(text, template="fazmaild_status")
    assert records(text, command="diag test app fazmaild 1")[0]["state"] == "running"


def test_text_nothing_is_known_of_has_no_records() -> None:
    assert records("bread\nbutter\n", command="get system status") == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "either template or command is needed"),
        ({"template": "ping", "command": "execute ping a"}, "either template or command is needed"),
        ({"template": "no_such"}, "there is no template 'no_such'"),
        ({"command": "get system interface"}, "no template reads the output of 'get system interface'"),
    ],
)
def test_a_wrong_use_is_one_clear_error(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(AnsibleFilterError, match=complaint):
        records("text", **arguments)


def test_templates_of_the_user_that_cannot_be_used_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index").write_text("rubbish\n", encoding="utf-8")
    monkeypatch.setenv("FAZMAIL_TEMPLATES", str(tmp_path))
    with pytest.raises(AnsibleFilterError, match=f"{tmp_path}/index: "):
        records("text", command="get system status")


@pytest.mark.parametrize("value", [None, 25, ["a"], b"bytes"])
def test_what_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes the text that one command printed; this is"):
        records(value, template="ping")
