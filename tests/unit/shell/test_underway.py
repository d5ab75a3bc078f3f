# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that run until they are stopped: Ctrl-C only while they run, and never left running."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import ClosedError, LimitError

from .peer import PROMPT, Chunks, device, echoed

PING = "execute ping 127.0.0.1"
LINE = "64 bytes from 127.0.0.1\r\n"
END = "5 packets transmitted\r\n\r\n" + PROMPT


def endless(lines: int = 200) -> Chunks:
    chunks: Chunks = [f"{PING}\r\r\n"]
    for __ in range(lines):
        chunks += [LINE, 1.0]
    return chunks


def test_a_command_that_ends_by_itself_is_not_interrupted() -> None:
    with device([echoed(PING, LINE)]) as session:
        with session.start(PING) as ping:
            assert ping.wait(10)
        assert ping.stop().text == LINE.strip()
        assert "\x03" not in session.transport.typed


def test_an_endless_command_is_stopped_after_its_time_and_its_last_words_are_kept() -> None:
    with device(endless(3), [END]) as session:
        with session.start(PING) as ping:
            assert not ping.wait(10)
        assert session.transport.typed.endswith(PING + "\n\x03")
        assert session.results[-1].text.splitlines() == [*[LINE.strip()] * 3, "5 packets transmitted"]
        assert session.prompt == PROMPT


def test_a_command_is_stopped_as_soon_as_enough_was_seen() -> None:
    with device(endless(3), [END]) as session, session.start(PING) as ping:
        assert not ping.wait(60, lambda text: text.count("64 bytes") == 2)
        assert session.clock() < 3


def test_a_command_is_stopped_when_the_block_fails() -> None:
    with device(endless(3), [END], [echoed("get x", "value\r\n")]) as session:
        with pytest.raises(RuntimeError), session.start(PING):
            raise RuntimeError
        assert session.run("get x").text == "value"


def test_a_device_that_ignores_the_interruption_is_an_error_that_names_the_command() -> None:
    with device(endless(0), []) as session, pytest.raises(LimitError, match="127"), session.start(PING) as ping:
        ping.wait(1)


def test_a_session_that_ends_meanwhile_is_reported() -> None:
    with device([*endless(1), None]) as session, pytest.raises(ClosedError), session.start(PING) as ping:
        ping.wait(5)
