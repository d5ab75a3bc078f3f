# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a configuration is read by its structure, whatever its values hold."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.configuration import (
    NoBlockError,
    read_block,
    strays,
)

EVENTS = """config system alert-event
    edit "disk \\"full\\""
        set generic-text "two
    next
end
lines"
        config alert-destination
            edit 1
                set to "noc@example.com"
            next
            edit 2
            next
        end
        set num-events 5
    next
    edit "quiet"
    next
end
"""


def test_tables_inside_entries_and_values_of_several_lines_are_read() -> None:
    events = read_block(EVENTS, "system alert-event").entries
    assert list(events) == ['disk "full"', "quiet"]
    first = events['disk "full"']
    assert first.options == {"generic-text": "two\n    next\nend\nlines", "num-events": "5"}
    destinations = first.blocks["alert-destination"].entries
    assert {key: each.options for key, each in destinations.items()} == {"1": {"to": "noc@example.com"}, "2": {}}


def test_an_object_without_entries_has_its_options_itself() -> None:
    block = read_block("config system dns\n    set primary 192.0.2.53\nend\n", "system dns")
    assert block.options == {"primary": "192.0.2.53"}
    assert block.entries == {}


@pytest.mark.parametrize("lines", range(1, EVENTS.count("\n")))
def test_a_text_that_ends_too_early_is_no_table(lines: int) -> None:
    with pytest.raises(NoBlockError, match="is the text cut off"):
        read_block("\n".join(EVENTS.splitlines()[:lines]), "system alert-event")


# Lines 3 to 5 are within a value.
PLACES = [place for place in range(1, EVENTS.count("\n") - 1) if place not in (3, 4, 5)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("line", ["No permission to 'show system.mail'", "next", '    edit "more"', "end"])
def test_a_line_that_is_out_of_place_is_found(place: int, line: str) -> None:
    rows = EVENTS.splitlines()
    assert strays(EVENTS) == []
    try:
        assert strays("\n".join([*rows[:place], line, *rows[place:]]))
    except NoBlockError:
        assert "edit" in line


@pytest.mark.parametrize("place", PLACES)
def test_a_line_of_the_structure_that_is_missing_is_noticed(place: int) -> None:
    rows = EVENTS.splitlines()
    if rows[place].split()[0] in ("config", "edit", "next", "end"):
        with suppress(NoBlockError):
            assert strays("\n".join([*rows[:place], *rows[place + 1 :]]))


def test_a_table_that_was_cut_off_does_not_swallow_the_one_behind_it() -> None:
    text = "config system dns\n    set primary 192.0.2.1\nconfig system dns\n    set secondary 192.0.2.2\nend\n"
    assert read_block(text, "system dns").options == {"secondary": "192.0.2.2"}


@pytest.mark.parametrize("line", ["set x " + '"' * 200_001, "set " + " " * 200_000, "\\" * 200_000, "edit x" * 40_000])
def test_a_line_without_end_takes_no_time(line: str) -> None:
    started = time.process_time()
    with pytest.raises(NoBlockError):
        read_block(f"config system mail\n{line}\n" * 3, "system mail")
    assert time.process_time() - started < 2
