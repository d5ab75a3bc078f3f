# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One page about all logs that a command was given: `--format html`, `markdown` and `text` of `parse` and `explain`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, cast

from ..log.stream import LogOptions, stream
from ..log.window import Selection
from ..logfile.archives import open_log
from ..logfile.batch import Batch
from ..logfile.capture import FIRST_LINE, HEADER_LINE
from ..logfile.reader import read
from ..path.saved import SavedPath
from ..report.log_collected import CollectedLogs
from ..report.log_page import LogPage
from .input import A_LOG, InputError, read_errors
from .output import output, terminal_width
from .parser import complain
from .watch import INTERRUPTED, Watch

_USUAL_WIDTH = 80
# The first lines of a capture, in which its header is.
_HEADER = 8
# Longer lines are hard to read.
_WIDEST = 100


def write_page(
    names: Sequence[str], form: str, selection: Selection, place: str | None, status_of: Callable[[CollectedLogs], int]
) -> int:
    """Read some logs, write the page about them and return the exit status; without a log that can be read there is none.

    place: the file to write, None for standard output, where Ctrl-C gives the page about what is known by then.
    """
    with Watch(names, sys.stderr.isatty(), stops=place is None) as watch:
        logs, status = _collected(names, selection, watch)
    if not logs.files:
        return status
    with output(place) as out:
        out.write(_page_of(logs, form, terminal_width(out)))
    return INTERRUPTED if watch.stopped else status or status_of(logs)


def _collected(names: Sequence[str], selection: Selection, watch: Watch) -> tuple[CollectedLogs, int]:
    """Read some logs; return what is in them, and 2 if one of them could not be read, else 0."""
    logs, status = CollectedLogs(), 0
    wanted = LogOptions(selection, evidence=SavedPath)
    for name in names:
        if not watch.next_file():
            break
        try:
            with read_errors(name, A_LOG), open_log(name) as members:
                for member in members:
                    batches = watch.batches(read(cast(BinaryIO, member.stream)), member.name, member.position)
                    for item in watch.items(stream(_with_header(batches, logs), wanted)):
                        logs.add(member.name, item)
                    if watch.stopped:
                        break
        except InputError as error:
            status = complain(str(error))
            logs.unread.append(
                (name, f"it cannot be read: {getattr(error.__cause__, 'strerror', None) or error.__cause__}")
            )
    return logs, status


def _page_of(logs: CollectedLogs, form: str, width: int | None) -> str:
    """Return the page in a format. width: that of lines of text; None where it is not for a terminal."""
    page = LogPage(logs)
    if form == "html":
        from ..report.log_as_html import log_as_html

        return log_as_html(page)
    if form == "markdown":
        from ..report.log_as_markdown import log_as_markdown

        return log_as_markdown(page)
    from ..report.log_as_text import log_as_text

    return log_as_text(page, min(width or _USUAL_WIDTH, _WIDEST))


def _with_header(batches: Iterable[Batch], logs: CollectedLogs) -> Iterator[Batch]:
    """Yield batches, and take in what a capture of ours says of its device before anything else."""
    for batch in batches:
        if len(batch) and batch.numbers[0] == 1 and batch.texts[0] == FIRST_LINE:
            logs.header(dict(line[1:].split(": ", 1) for line in batch.texts[1:_HEADER] if HEADER_LINE.match(line)))
        yield batch
