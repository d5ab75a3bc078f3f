# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings: the escapes of Oxidized's files, and back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.record import record, redacted
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.recording import (
    RecordedCommand,
    Recording,
    RecordingError,
    dump,
    load,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Session
from ansible_collections.fortiops.mail.simulator.cli.engine import Effect, Write
from ansible_collections.fortiops.mail.simulator.cli.replay import Replay
from hypothesis import given
from hypothesis import strategies as st

# Of Oxidized's documentation, and the beginning of its recording of FMG 7.4.6.
MAPPING = r"""---
init_prompt: |-
  \e[4m\rLAB-R1234_Garderos#\e[m\x20
commands:
  show system version: |-
    show system version
    grs-gwuz-armel/003_005_068 (Garderos; 2021-04-30 16:19:35)
    \e[4m\rLAB-R1234_Garderos#\e[m\x20
# ...
  exit: ""
"""
SEQUENCE = r"""---
init_prompt: |-
    FortiMgr2 #\x20
commands:
  - "get system status\n": |-
      get system status\r\r
      Platform Type                   : FMG-VM64\r
      \r
      FortiMgr2 #\x20
  - "show\n": |-
      show\r\r
          set hostname \"FortiMgr2\"\r
      FortiMgr2 #\x20
  - "exit\n": |-
      exit\r\r
"""


def test_a_mapping_of_commands() -> None:
    recording = load(MAPPING, "lab")
    assert recording.init_prompt == b"\x1b[4m\rLAB-R1234_Garderos#\x1b[m "
    assert [each.command for each in recording.exchanges] == ["show system version", "exit"]
    assert recording.exchanges[0].output.endswith(b"16:19:35)\n\x1b[4m\rLAB-R1234_Garderos#\x1b[m ")


def test_a_sequence_of_commands_with_their_line_ends() -> None:
    recording = load(SEQUENCE, "fmg")
    assert recording.init_prompt == b"FortiMgr2 # "
    assert recording.exchanges[0] == RecordedCommand(
        "get system status",
        b"get system status\r\r\nPlatform Type                   : FMG-VM64\r\n\r\nFortiMgr2 # ",
    )
    assert recording.exchanges[1].output == b'show\r\r\n    set hostname "FortiMgr2"\r\nFortiMgr2 # '


# In the form of Oxidized's files of devices that stop at the end of a page.
PAGED = r"""---
init_prompt: |-
    Authorised use only\r
    (Press 'a' to accept):
commands:
  - "a": |-
      a\r
      \r
      FAZ #\x20
  - "\n": |-
      \r\r
      FAZ #\x20
  - "show\n": |-
      show\r\r
      config system global\r
      --More--\x20
  - " ": |-
      \r         \r    set hostname FAZ\r
      --More--\x20
  - " ": |-
      \r         \rend\r
      \r
      FAZ #\x20
  - "get system status\n": |-
      get system status\r\r
      Hostname                        : FAZ\r
      \r
      FAZ #\x20
  - "exit\n": ""
"""


class Replayed:
    """A Transport that is a replayed recording, with the keys that reach it."""

    def __init__(self, recording: Recording) -> None:
        self.heard: list[str] = []
        self._replay = Replay(recording, lambda prompt, line: self.heard.append(line))
        self._coming = self._bytes(self._replay.start())

    def _bytes(self, effects: list[Effect]) -> bytes:
        return b"".join(effect.data for effect in effects if isinstance(effect, Write))

    def send(self, data: bytes) -> None:
        self._coming += self._bytes(self._replay.feed(data))

    def receive(self, timeout: float) -> bytes:
        if not self._coming:
            raise TimeoutError
        came, self._coming = self._coming, b""
        return came

    def close(self) -> None:
        pass


def test_a_key_is_no_line_and_acts_only_where_it_was_pressed() -> None:
    recording = load(PAGED, "paged")
    assert recording.keys == (("a", b"a\r\n\r\nFAZ # "),)
    assert [keys for keys, __ in recording.exchanges[1].keys] == [" ", " "]
    assert load(dump(recording), "again") == recording
    transport = Replayed(recording)
    received = bytearray()
    with Session(transport, watch=received.extend) as session:
        assert session.run("show").text == "config system global\n    set hostname FAZ\nend"
        assert session.run("get system status").text.endswith("FAZ")
    assert transport.heard[:2] == ["a", ""]
    assert transport.heard[2:6] == ["show", " ", " ", "get system status"]


def test_what_is_recorded_of_a_pager_is_written_with_its_keys() -> None:
    received = bytearray()
    with Session(Replayed(load(PAGED, "paged")), watch=received.extend) as session:
        recording = redacted(record(session, received, ["show", "get system status"]), Redactor(["hostname"]))
    show, status = recording.exchanges[:2]
    assert show.output == b"show\r\r\nconfig system global\r\n--More-- "
    assert show.keys == (
        (" ", b"\r         \r    set <redacted> FAZ\r\n--More-- "),
        (" ", b"\r         \rend\r\n\r\nFAZ # "),
    )
    assert status.keys == ()


@given(
    st.binary(min_size=1),
    st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\r\n")), st.binary())),
)
def test_every_byte_survives(begin: bytes, exchanges: list[tuple[str, bytes]]) -> None:
    recording = Recording(begin, tuple(RecordedCommand(command, output) for command, output in exchanges))
    assert load(dump(recording), "again") == recording


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "lab: not YAML"),
        ("[]", "lab: expected the keys init_prompt and commands"),
        ("init_prompt: x\ncommands: [text]", "lab: commands: expected a mapping"),
        ("init_prompt: x\ncommands: {show: [1]}", "lab: commands: 'show': expected a text"),
        ("init_prompt: x\ncommands: 5", "lab: commands: expected a mapping"),
        ("init_prompt: 2026-99-99\ncommands: {}", "lab: not YAML"),
        ("init_prompt: '\\777'\ncommands: {}", "lab: the escape"),
        ("init_prompt: '\\u{110000}'", "lab: the escape .* is no character"),
        ("init_prompt: '\\u{FFFFFFFFFFFFFFFF}'", "lab: the escape .* is no character"),
        ("init_prompt: '\\ud800'", "lab: the escape .* is no character"),
        ("init_prompt: x\ncommands: {'\\xff': a}", "lab: commands: .* is no text"),
    ],
)
def test_what_is_no_recording_is_one_line(text: str, problem: str) -> None:
    with pytest.raises(RecordingError, match=problem) as failed:
        load(text, "lab")
    assert "\n" not in str(failed.value)


def test_secrets_are_masked_and_line_ends_stay() -> None:
    output = b'show\r\r\n        set passwd ENC AAbb+/cc==\r\n        set user "canary-secret"\r\n\r\nFAZ # '
    recording = Recording(b"canary-secret\r\nFAZ # ", (RecordedCommand("show", output),))
    masked = redacted(recording, Redactor(["canary-secret"]))
    assert masked.init_prompt == b"<redacted>\r\nFAZ # "
    assert masked.exchanges[0].output == (
        b'show\r\r\n        set passwd ENC <redacted>\r\n        set user "<redacted>"\r\n\r\nFAZ # '
    )


def test_the_bytes_of_packets_are_masked() -> None:
    output = b"0x0030   4155 5448 2050 4c41 494e        AUTH.PLAIN\r\nFAZ # "
    masked = redacted(Recording(b"FAZ # ", (RecordedCommand("diagnose sniffer packet", output),)), Redactor())
    assert masked.exchanges[0].output == b"0x0030   <redacted>\r\nFAZ # "


def test_without_a_terminal_the_password_is_asked_for_in_words(tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("fazmail"), "record", "127.0.0.1", "-o", tmp_path / "device.yaml"]
    environment = {name: value for name, value in os.environ.items() if name != "FAZMAIL_PASSWORD"}

    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.endswith("set FAZMAIL_PASSWORD, or name a --key-file\n")
