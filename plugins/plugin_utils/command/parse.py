# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail parse`: records and verdicts from saved text."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..whole_file import STANDARD_STREAM
from .parser import Commands, add_templates, add_vocabulary, complain, use_templates, use_vocabulary

if TYPE_CHECKING:
    from ..log.summary import LogSummary
    from ..log.window import Selection
    from .output import Output

_EPILOG = """\
times: those that the device printed, as 2026-11-24, 2026-11-24T10:00, 10:00
(on any day) or 2h (before now); a line without one has the time of the line
above it

exit status of `parse`:
  0  each line was understood and each mail was accepted
  1  a mail failed, or a device shows what keeps its mail back: a paused
     daemon, a full queue, an entry without a server, no way to a server
  2  a file could not be read, the result could not be written, or the command
     was wrong
  3  some lines were not recognised, a verdict is unknown, the text mentions
     mail but no send was recognised in it, or there was nothing to read
  130  Ctrl-C: what was known by then was printed, as `partial`; a file of -o
       stays as it was
"""
_FORMS = ("table", "json", "jsonl", "csv", "html", "markdown", "text")
_PAGES = ("html", "markdown", "text")
_SUMMARIES = ("table", "json", "csv")


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "parse",
        help="read saved logs: what was sent, and why it failed",
        description="Read captures, terminal logs and saved debug output: what was sent, and why it did not arrive.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a saved log, packed or not; a folder is read with all below it, but no hidden files and no links to folders; - is standard input",
    )
    parser.add_argument(
        "--format",
        choices=_FORMS,
        default="table",
        help="default: table; csv has a row for each send and each finding; html, markdown and text are one page about all files for somebody "
        "who knows nothing of mail servers",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write to a file, atomically; - is standard output",
    )
    parser.add_argument(
        "--summary",
        action="store_true",
        help="only totals over all files: verdicts, causes, and for each device the sends per hour or day; as table, json or csv",
    )
    parser.add_argument("--all", action="store_true", help="a row for each send, also where there are many (table)")
    parser.add_argument("--since", metavar="TIME", default="", help="leave out older lines")
    parser.add_argument("--until", metavar="TIME", default="", help="leave out newer lines")
    parser.add_argument("--device", metavar="NAME", default="", help="leave out other devices")
    parser.add_argument(
        "--client",
        metavar="CLIENT",
        action="append",
        default=[],
        help="of a mail server's log, only the mails of this client: its IP address, its host name, or the address it sends from; "
        "may be given several times",
    )
    parser.add_argument("--follow", action="store_true", help="go on as the file grows, until Ctrl-C")
    parser.add_argument(
        "--unpack-limit",
        type=int,
        metavar="MB",
        help="how much a packed file may unpack to (default: FAZMAIL_UNPACK_LIMIT, or 4000, and 1000 times its size)",
    )
    parser.add_argument(
        "-j",
        "--jobs",
        type=int,
        metavar="N",
        help="read N files in parallel (default: one after the other, of which a large one is read by two processes)",
    )
    add_templates(parser)
    add_vocabulary(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Parse the files, print the result and return the exit status."""
    if problem := _problem(options):
        return complain(problem)
    use_templates(options)
    use_vocabulary(options)
    from ..logfile.files import choose_files
    from .output import check_place

    if options.unpack_limit is not None:
        from ..logfile.archives import ENVIRONMENT

        if options.unpack_limit < 1:
            return complain(f"--unpack-limit {options.unpack_limit}: expected megabytes, 1 or more")
        os.environ[ENVIRONMENT] = str(options.unpack_limit)
    try:
        selection = _selection(options)
    except ValueError as error:
        return complain(str(error))
    choice = choose_files(options.files)
    if choice.left_out:
        complain(
            f"{choice.left_out} entries of folders were not read: hidden files, links to folders and special files; "
            "name them to read them"
        )
    if not choice.files:
        complain(f"{', '.join(options.files)}: there is no file to read; expected saved logs")
        return 3
    place = None if options.output == STANDARD_STREAM else options.output
    if place:
        check_place(place, choice.files)
    if options.format in _PAGES and not options.summary:
        from .pages import write_page

        return write_page(choice.files, options.format, selection, place, lambda logs: logs.summary.exit_status)
    return _read_all(choice.files, options, selection, place)


def _read_all(names: list[str], options: argparse.Namespace, selection: Selection, place: str | None) -> int:
    # Before the file is made: Python may lose a Ctrl-C that comes while it imports.
    import gc

    from ..log.summary import LogSummary
    from .output import output, terminal_width
    from .reading import Form, OutputDocument, followed, results
    from .watch import INTERRUPTED, Watch

    # There are many rows and no cycles among them; the garbage collector would search them again and again.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    with output(place) as out:
        form = Form(
            "none" if options.summary else options.format,
            selection,
            colour=out.is_terminal and not os.environ.get("NO_COLOR"),
            width=terminal_width(out),
            each=options.all,
        )
        document = OutputDocument(form.name, out)
        document.begin()
        total, status = LogSummary(), 0
        watches = not options.follow
        with Watch(names, watches and sys.stderr.isatty(), stops=watches and out.is_standard) as watch:
            out.before = watch.clear if out.is_terminal else None
            for summary, problem in (
                followed(names[0], form, document)
                if options.follow
                else results(names, form, document, options.jobs, watch)
            ):
                total.merge(summary)
                if problem:
                    watch.clear()
                    status = complain(problem)
        document.end()
        whole = watches and not watch.stopped and selection.is_everything
        if form.name == "table" and whole and total.lines["total"] and not (total.verdicts or total.kept_back):
            from ..report.explanation import how_to_record

            out.write(f"\n{how_to_record()}\n")
        if options.summary:
            _write_summary(total, options.format, out)
        elif options.follow and options.format == "table" and total.files:
            out.write("\n")
            _write_summary(total, options.format, out)
        return INTERRUPTED if watch.stopped else status or total.exit_status


def _write_summary(total: LogSummary, form: str, out: Output) -> None:
    from ..report.log import summary_report
    from ..report.rows import summary_csv
    from .output import terminal_width

    if form == "json":
        out.write(json.dumps(total.as_dict(), indent=2) + "\n")
    elif form == "csv":
        out.write(summary_csv(total))
    else:
        out.write(summary_report(total.as_dict(), terminal_width(out)) + "\n")


def _problem(options: argparse.Namespace) -> str:
    """Return what is wrong with the options, "" if nothing."""
    if options.jobs is not None and options.jobs < 1:
        return f"--jobs {options.jobs}: expected a number of files to read at a time, 1 or more"
    if options.summary and options.format not in _SUMMARIES:
        return f"--summary: expected --format table, json or csv, not {options.format}"
    if options.all and (options.summary or options.format != "table"):
        return "--all: expected --format table; csv, json and jsonl have each send anyway"
    if options.follow:
        (*others, name) = options.files
        if others or name == STANDARD_STREAM or (Path(name).exists() and not Path(name).is_file()):
            return f"--follow: expected one file that grows, not {' '.join(options.files)}"
        if options.format in ("json", *_PAGES) and not options.summary:
            return f"--follow: expected --format table, jsonl or csv; {options.format} is complete only at its end"
    return ""


def _selection(options: argparse.Namespace) -> Selection:
    from datetime import datetime

    from ..log.window import Selection, bound

    now = datetime.now()
    bounds = {}
    for name in ("since", "until"):
        text = getattr(options, name)
        try:
            bounds[name] = bound(text, now, last=name == "until") if text else ""
        except ValueError as error:
            raise ValueError(f"--{name} {text}: {error}") from error
    since, until = bounds["since"], bounds["until"]
    if until and since > until and len(since) == len(until) == len("2026-11-24 10:00:00"):
        raise ValueError(f"--since {options.since}: is later than --until {options.until}; expected an earlier time")
    return Selection(since, until, options.device, tuple(filter(None, map(str.strip, options.client))))
