# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `fazmail parse` keeps in memory does not follow the length of a log, nor of its lines."""

from __future__ import annotations

import gc
import io
import sys
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.log import classifier, kinds
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.classifier import Sorter
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.summary import UNKNOWN_HOUR, LogSummary
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile import rich_text
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import recognise

pytestmark = pytest.mark.once

KILOBYTE = 1000
COMMANDS = (
    *("show system mail", "get system mail", "get system mail 1", "get system status", "get system dns"),
    *("show system alert-event", "show system alertemail", "execute ping a", "execute traceroute a"),
    *(f"diagnose {rest}" for rest in ("debug info", "sniffer packet any", "test connection mailserver 1")),
)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without the search for cycles: what has no use any more must be gone by itself. Nor are texts kept with what they mean."""
    monkeypatch.setattr(classifier, "recognise", lambda text: None)
    gc.disable()
    tracemalloc.start()
    yield
    tracemalloc.stop()
    gc.enable()


def kept() -> int:
    return tracemalloc.get_traced_memory()[0]


def feed(sorter: Sorter, texts: Iterable[str]) -> None:
    lines = list(texts)
    for __ in sorter.segments(lines, range(1, len(lines) + 1)):
        pass


def words(number: int) -> str:
    """A text that no other number gives, and that is another one as well when its digits are folded."""
    return "".join(chr(ord("g") + int(digit)) for digit in str(number)) + " said something"


@pytest.mark.usefixtures("traced")
def test_a_table_that_is_printed_again_and_again_leaves_nothing_behind() -> None:
    sorter = Sorter()
    table = ["config system mail", '    edit "relay"', "        set port 25", "    next", "end"]
    feed(sorter, table * 200)
    before = kept()

    feed(sorter, table * 2000)

    assert kept() < before + 100 * KILOBYTE


@pytest.mark.usefixtures("traced")
def test_what_stood_below_many_commands_is_forgotten() -> None:
    def kept_of(commands: Iterable[str]) -> int:
        before = kept()
        sorter = Sorter()
        for command in commands:
            feed(sorter, [f"FAZ # {command}", *map(words, range(500))])
        return kept() - before

    kept_of(COMMANDS)  # what is loaded once
    assert kept_of(COMMANDS) < 1.5 * kept_of(COMMANDS[:4])


@pytest.mark.usefixtures("traced")
def test_what_was_learnt_from_one_log_is_gone_before_the_next() -> None:
    def read_log() -> None:
        feed(Sorter(), map(words, range(500)))

    read_log()
    before = kept()
    read_log()

    assert kept() < before + 50 * KILOBYTE


@pytest.mark.usefixtures("traced")
def test_long_texts_are_not_remembered() -> None:
    recognise("anything")
    before = kept()

    for number in range(20):
        assert recognise(f"{'x' * 10_000} {number}") is None

    assert kept() < before + 20 * KILOBYTE


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("length", [20, 400, 600])
def test_of_lines_that_all_differ_only_the_latest_are_remembered(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_MOST_KEYS", 1_000)  # a tenth, so that few lines are more than are remembered
    sorter = Sorter()
    before = kept()

    for start in range(0, 8000, 500):
        feed(sorter, (f"{words(number)} {'x' * length}" for number in range(start, start + 500)))

    assert kept() < before + 1000 * KILOBYTE


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_result_is_not_put_together_before_it_is_written(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: list[int] = []

    class Written(io.StringIO):
        def write(self, text: str) -> int:
            pieces.append(len(text))
            return len(text)

    log = tmp_path / "long.log"
    log.write_text("".join(f"nobody knows {number} {'x' * 60_000}\n" for number in range(50)), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", Written())

    main(["parse", "--format", form, str(log)])

    assert sum(pieces) > 3_000_000
    assert max(pieces) < 200_000


@pytest.mark.usefixtures("traced")
def test_what_is_cut_off_a_paragraph_of_rich_text_is_not_kept() -> None:
    block = rb"\'41" * 1000
    before = kept()

    (text,) = rich_text.paragraphs([rb"{\rtf1 ", *[block] * 100, rb"\par}"], longest=1000)

    assert text == "A" * 1000
    assert tracemalloc.get_traced_memory()[1] < before + 200 * KILOBYTE


def test_the_hours_of_many_logs_are_bounded_as_those_of_one_are() -> None:
    def of_log(year: int) -> LogSummary:
        summary = LogSummary()
        for hour in range(6000):
            start = f"{year}-{hour // 24 // 28 + 1:02d}-{hour // 24 % 28 + 1:02d}T{hour % 24:02d}:00:00"
            summary.add(("send", {"start": start, "device": "", "outcome": "accepted", "cause": "accepted"}))
        return summary

    total = LogSummary()
    for year in (2024, 2025, 2026):
        total.merge(of_log(year))

    assert len(total.hours) == 10_001
    assert total.hours["", UNKNOWN_HOUR]["accepted", "accepted"] == 8000
