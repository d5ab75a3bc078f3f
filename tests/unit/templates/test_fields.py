# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of fields that a user gives beside templates: they go before ours, field by field, and mistakes are one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import UserFileError
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.records import read_with

STATUS = "fazmaild pid: 4711\nfazmaild status: paused"


def test_words_of_a_device_mean_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fields.yml").write_text("fazmaild_status: {state: {paused: stopped}}\n", encoding="utf-8")
    assert read_with("fazmaild_status", STATUS) == [{"pid": 4711, "state": "paused"}]
    monkeypatch.setenv("FAZMAIL_TEMPLATES", str(tmp_path))
    assert read_with("fazmaild_status", STATUS) == [{"pid": 4711, "state": "stopped"}]


@pytest.mark.parametrize("text", ["[]", "fazmaild_status: integer", "fazmaild_status: {state: word}", "a: {b: [c]}"])
def test_a_mistake_names_the_file_and_what_was_expected(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fields.yml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("FAZMAIL_TEMPLATES", str(tmp_path))
    with pytest.raises(UserFileError, match=r"fields\.yml: .*expected templates, each with fields"):
        read_with("fazmaild_status", STATUS)
