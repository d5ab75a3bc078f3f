# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who waits for a large log sees how far it is read, how fast, and how long it takes."""

from __future__ import annotations

import io
import itertools
import sys
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command import watch
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_shows_share_rate_and_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "debug.log"
    log.write_text("nobody knows this line\n" * 100_000, encoding="ascii")
    screen = Terminal()
    seconds = itertools.count()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(watch.time, "monotonic", lambda: float(next(seconds)))

    main(["parse", "--summary", str(log)])

    shown = [text.strip() for text in screen.getvalue().replace("\x1b[K", "").split("\r") if text.strip()]
    assert shown[0] == "'debug.log': 0 MB, 0.3 MB/s, 22 %, 7 s left"
    assert screen.getvalue().endswith("\r\x1b[K")


def test_what_is_printed_never_stands_behind_a_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = [tmp_path / "a.log", tmp_path / "b.log"]
    for log in logs:
        log.write_text("2026-11-24 10:00:00 smtp:1: send mail failed: 535 5.7.8 no\n" * 20_000, encoding="ascii")
    screen = Terminal()
    seconds = itertools.count()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(watch.time, "monotonic", lambda: float(next(seconds)))

    main(["parse", *map(str, logs), str(tmp_path / "missing.log")])

    behind = [text.partition("\x1b[K")[2] for text in screen.getvalue().split("\r") if "MB/s" in text]
    assert behind
    assert not any(behind)
