# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations as people keep them: tables, logs, backups of everything."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.filter.parse_show import parse_show
from ansible_collections.fortiops.mail.plugins.filter.render_mail import render_mail

TABLE = """config system mail
    edit "relay"
        set server "smtp.example.com"
        set passwd ENC AAAA
        set port 587
    next
    edit "old: relay"
    next
end
"""
ENTRIES: list[dict[str, Any]] = [
    {"id": "relay", "server": "smtp.example.com", "passwd_set": True, "port": 587},
    {"id": "old: relay"},
]
BACKUP = (
    "#config-version=FMG-VM64-7.4-FW-build2588-241212\n#branch_pt=2588\n"
    "config system certificate local\n"
    '    edit "x"\n'
    '        set private-key "-----BEGIN ENCRYPTED PRIVATE KEY-----\n'
    "config system mail\n"
    'no table, but the middle of a value\n-----END ENCRYPTED PRIVATE KEY-----"\n'
    "    next\nend\n"
    "config system alert-event\n"
    '    edit "disk"\n        config alert-destination\n            edit 1\n                set smtp-name "relay"\n'
    "            next\n        end\n    next\nend\n" + TABLE + "config system route\n    edit 1\n    next\nend\n"
)


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        TABLE.replace("\n", "\r\n"),
        "FAZ # show system mail\r\r\n" + TABLE.replace("\n", "\r\n") + "\r\nFAZ # exit\r\n",
        TABLE.replace("    next\n", "--More-- \r         \r    next\n", 1),
        BACKUP,
        "config system mail\nend\n" + BACKUP,
        "\n".join("    " + line if line else line for line in TABLE.splitlines()),
        "\n".join(map(str.lstrip, TABLE.splitlines())),
    ],
)
def test_the_table_is_found_wherever_it_stands(text: str) -> None:
    assert parse_show(text) == ENTRIES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found none in 0 lines"),
        ("config system route\nend\n", "found none in 2 lines"),
        (TABLE.replace("\nend\n", "\n"), "without its `end`; is the text cut off"),
        (7, "takes the text of a configuration; this is of type int"),
    ],
)
def test_a_text_without_a_whole_table_is_an_error_and_no_empty_table(text: Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        parse_show(text)


def test_alert_events_are_found_with_their_destinations() -> None:
    assert parse_show(BACKUP, "alert-event") == [{"event": "disk", "destinations": [{"id": 1, "smtp_name": "relay"}]}]
    assert parse_show(
        BACKUP.replace("edit 1\n                set smtp", "edit one\n                set smtp"), "alert-event"
    ) == [{"event": "disk", "destinations": [{"id": "one", "smtp_name": "relay"}]}]
    with pytest.raises(AnsibleFilterError, match="table is 'route', expected one of mail, alert-event"):
        parse_show(BACKUP, "route")


@pytest.mark.parametrize("port", ["abc", "-", "\u00b2"])
def test_a_number_that_is_none_stays_as_it_is(port: str) -> None:
    text = f'config system mail\n    edit "a"\n        set port {port}\n    next\nend\n'
    assert parse_show(text) == [{"id": "a", "port": port}]


def test_what_is_parsed_can_be_rendered_and_is_then_parsed_the_same() -> None:
    wanted = [{"id": 'a "b"', "server": "smtp.example.com", "port": 587, "user": "dom\\me"}]
    commands = render_mail(wanted, "FortiAnalyzer 7.4.2")
    assert parse_show("\n".join([commands[0], *("    " + line for line in commands[1:-1]), commands[-1]])) == wanted


def test_a_rendered_password_is_not_shown_and_a_missing_option_refused() -> None:
    assert "set passwd <redacted>" in render_mail([{"id": "1", "passwd": "hunter2"}], "FortiAnalyzer 7.4.2")
    with pytest.raises(AnsibleFilterError, match="has no option ssl-protocol"):
        render_mail([{"id": "1", "ssl_protocol": "tlsv1.2"}], "FortiAnalyzer 7.4.2")
    with pytest.raises(AnsibleFilterError, match="does not look like"):
        render_mail([{"id": "1"}], "7.4.2")
