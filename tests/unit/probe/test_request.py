# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that cannot be used are refused with one sentence that names them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.request import RequestError, request


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"host": ""}, "host is empty"),
        ({"host": "a\r\nb"}, "host is"),
        ({"host": "x" * 300}, "host has 300 characters"),
        ({"port": []}, "port is []"),
        ({"port": [25, 70000]}, "port is [25, 70000]"),
        ({"security": "ssl"}, "expected one of auto, none, starttls, smtps"),
        ({"timeout": 0}, "timeout is 0"),
        ({"user": "alerts"}, "user and passwd belong together"),
        ({"mail_to": "a@example.com"}, "mail_to needs mail_from"),
        ({"mail_from": "a@b>\r\nDATA"}, "mail_from is"),
        ({"helo": "a b"}, "helo is"),
        ({"ca_file": "/nowhere/ca.pem"}, "ca_file /nowhere/ca.pem: No such file"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(RequestError) as error:
        request(**{"host": "smtp.example.com", **options})
    assert named in str(error.value)
    assert "\n" not in str(error.value)


def test_a_ca_file_without_certificates(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing", encoding="utf-8")
    with pytest.raises(RequestError, match="expected certificates in PEM"):
        request(host="smtp.example.com", ca_file=str(tmp_path / "ca.pem"))


def test_a_port_named_twice_is_probed_once() -> None:
    assert request(host="[::1]", port=[587, 25, 587]).ports == (587, 25)
    assert request(host="[::1]").host == "::1"
