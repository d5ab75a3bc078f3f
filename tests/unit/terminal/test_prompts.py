# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts are taken off lines; what stands behind them is a command or output, and never lost."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.prompts import split
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("FAZ-HQ # get system status", "get system status"),
        ("FAZ-HQ $ get system status", "get system status"),
        ("FAZ-HQ (mail) # edit 1", "edit 1"),
        ("(mail)# edit 1", "edit 1"),
        ("(1)# set server mail.example.com", "set server mail.example.com"),
        ("jokey-fmg-esx03 # diagnose test application fazmaild ?", "diagnose test application fazmaild ?"),
        ("faz.example.com~ # show", "show"),
        ("admin@FAZ+DR # show", "show"),
        ("HOST(Primary) (global) # show", "show"),
        ("FAZ # FAZ # diag debug enable", "diag debug enable"),
        ("FAZ # end", "end"),
        ("FAZ # exec ping 127.0.0.1  ", "exec ping 127.0.0.1"),
    ],
)
def test_a_typed_command_is_found(line: str, command: str) -> None:
    found = split(line)

    assert (found.command, found.text) == (command, "")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "jokey-fmg-esx03 # sendmail_loop:1143: total pending tasks: 0.",
            "sendmail_loop:1143: total pending tasks: 0.",
        ),
        ("(mail)# sendmail_loop:1143: hello", "sendmail_loop:1143: hello"),
        ("FAZ # FAZ # < 250 2.0.0 Ok", "< 250 2.0.0 Ok"),
        ("FAZ # getting no answer", "getting no answer"),
        ("FAZ # ended early", "ended early"),
        ("FAZ # ", ""),
        ("FAZ #", ""),
    ],
)
def test_output_behind_a_prompt_is_output(line: str, text: str) -> None:
    found = split(line)

    assert (found.command, found.text) == ("", text)


@pytest.mark.parametrize(
    "line",
    [
        "sendmail_loop:1143: total pending tasks: 0.",
        "get system status",
        "    set passwd ENC abc#def",
        "#device: faz-hq",
        "a sentence with a # in it",
        "price is $ 5",
        "alerts@example.com (noc) wrote # and $",
        "",
    ],
)
def test_a_line_without_a_prompt_stays_whole(line: str) -> None:
    found = split(line)

    assert (found.prompt, found.command, found.text) == ("", "", line)


@given(st.text(st.characters(exclude_characters="\n")))
def test_no_part_of_a_line_gets_lost(line: str) -> None:
    found = split(line)

    assert found.prompt + (found.command or found.text) in (line, line.rstrip(), line.strip()) or found.command
    assert line.startswith(found.prompt)
    assert found.command in line
    assert not (found.command and found.text)


@given(st.from_regex(r"[\w.-]{1,30}", fullmatch=True), st.text(st.characters(exclude_categories=("Cc",)), max_size=30))
def test_a_prompt_does_not_change_what_the_daemon_says(name: str, text: str) -> None:
    line = f"sendmail_loop:7: {text}"

    assert split(f"{name} # {line}").text == line
