# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail explain`: why a mail did not leave, why it is this cause, and what to do."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from ..whole_file import STANDARD_STREAM
from .input import A_LOG, InputError, read_errors
from .parser import Commands, add_templates, add_vocabulary, complain, use_templates, use_vocabulary

if TYPE_CHECKING:
    from ..report.log_collected import CollectedLogs
    from ..smtp.verdict import Verdict
    from .output import Output

SCHEMA = "fortiops.mail/explain/1"
# `verdict` or `path`, the name of the log it is in, and what is told.
_Item: TypeAlias = tuple[str, str, Any]

_EPILOG = """\
exit status of `explain`:
  0    everything was explained
  2    a file could not be read, the result could not be written, or the
       command was wrong
  3    the verdict is unknown, or the text shows neither a send nor what
       keeps mail back
  130  Ctrl-C: what was known by then was printed
"""
_PAGES = ("html", "markdown", "text")


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "explain",
        help="explain a failure, and what to do about it",
        description="Explain the verdict on an error message or on each send in a log: the rule and the line that "
        "decided, what else was found and why it lost, what would prove more, and what to do.",
        epilog=_EPILOG,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "text", nargs="?", metavar="TEXT", help="an error message, or the name of a cause; - is a log on standard input"
    )
    what.add_argument(
        "-f", "--file", metavar="LOG", help="a saved log or capture, or a folder of them; - is standard input"
    )
    what.add_argument("--cause", metavar="CAUSE", help="the page of a cause, such as relay_denied")
    what.add_argument("--list", action="store_true", help="all causes")
    parser.add_argument("--send", type=int, metavar="N", help="only the Nth send of a log, from 1")
    parser.add_argument("--all", action="store_true", help="each send of a log, not equal ones as one")
    parser.add_argument(
        "--format",
        choices=["why", "json", *_PAGES],
        default="why",
        help="default: why, which names the rule behind each verdict; html, markdown and text are a page about the whole log for "
        "somebody who knows nothing of mail servers, with what happened and what to do",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to a file, atomically; - is standard output")
    add_templates(parser)
    add_vocabulary(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the explanation and return the exit status."""
    use_templates(options)
    use_vocabulary(options)
    from .output import check_place, output

    place = None if options.output == STANDARD_STREAM else options.output
    if options.text:
        from ..smtp.knowledge import causes

        # The name of a cause, as tables and reports have it, is no error message.
        options.cause = options.text if options.text in causes() else None
    if options.cause is not None or options.list:
        of_log = (
            ("--send", options.send is not None),
            ("--all", options.all),
            (f"--format {options.format}", options.format in _PAGES),
        )
        if wrong := next((name for name, given in of_log if given), ""):
            return complain(f"{wrong}: expected together with a log, not with --cause or --list")
        return _causes(options, place)
    if not options.file and not (options.text or "").strip():
        return complain("explain: nothing to explain; expected a text, -f LOG, - for standard input, --cause or --list")
    if options.text and os.path.isfile(options.text):  # noqa: PTH113 - Path raises where a text is too long for a name
        return complain(f"explain: {options.text} is a file; expected -f {options.text} to explain what is in it")
    from ..logfile.files import choose_files

    source = (options.file or options.text).strip()
    names = choose_files([source]).files if options.file or source == STANDARD_STREAM else []
    if options.format in _PAGES and not names:
        return complain(
            f"--format {options.format}: expected a log, -f LOG or - for standard input; the page is about a whole log"
        )
    if (options.send is not None or options.all) and options.format in _PAGES:
        return complain(
            f"--send and --all: expected --format why or json; the page of --format {options.format} is about all sends"
        )
    if place:
        check_place(place, names)
    if options.format in _PAGES:
        from ..log.window import Selection
        from .pages import write_page

        return write_page(names, options.format, Selection(), place, _status)
    with output(place) as out:
        return _sends(source, names, options, out)


def _status(logs: CollectedLogs) -> int:
    return 3 if not (logs.groups.count or logs.summary.kept_back) or logs.summary.verdicts["unknown"] else 0


def _sends(source: str, names: list[str], options: argparse.Namespace, out: Output) -> int:
    """Explain each send, or each kind of equal ones, and the paths to mail servers; return the exit status."""
    from .output import terminal_width

    items, status = _items_of(names) if names else (list(_of_text(source)), 0)
    if status and not items:
        return status
    found = [(place, data) for kind, place, data in items if kind == "verdict"]
    if options.send is not None and options.send not in range(1, len(found) + 1):
        return complain(
            f"--send {options.send}: the number of sends in {source} is {len(found)}; expected one of them, counting from 1"
        )
    chosen = [(number, *pair) for number, pair in enumerate(found, 1) if options.send in (None, number)]
    paths = [(place, data) for kind, place, data in items if kind == "path" and options.send is None]
    kept_back = any(
        data["seen_from"] == "device" and each["severity"] == "failure"
        for __, data in paths
        for each in data["findings"]
    )
    if options.format == "json":
        sends = [{"send": number, "path": place, **verdict} for number, place, verdict in chosen]
        shown = {
            "schema": SCHEMA,
            "source": source,
            "sends": sends,
            "paths": [{"path": of, **data} for of, data in paths],
        }
        out.write(json.dumps(shown, indent=2) + "\n")
    else:
        from ..report.explanation import WIDTH, explain, explain_path, how_to_record, no_send

        width = terminal_width(out)
        parts = _each(chosen, len(found)) if options.all else _grouped(chosen, len(found))
        texts = [explain(verdict, title, width) for title, verdict in parts]
        most = min(width or WIDTH, WIDTH)
        of_paths = ["\n".join(explain_path(data, most, place)) for place, data in paths if data["findings"]]
        if not texts:
            nothing = no_send(source, width)
            texts = [*of_paths, nothing] if kept_back else [nothing, *of_paths, how_to_record()]
        else:
            texts += of_paths
        out.write("\n\n".join(texts) + "\n")
    unknown = any(verdict["outcome"] == "unknown" for *__, verdict in chosen)
    return status or (3 if unknown or not (chosen or kept_back) else 0)


def _items_of(names: list[str]) -> tuple[list[_Item], int]:
    """Return what is in some logs, and 2 if one of them could not be read, else 0."""
    items: list[_Item] = []
    status = 0
    for name in names:
        try:
            items += _items_in(name)
        except InputError as error:
            status = complain(str(error))
    return items, status


def _each(sends: list[tuple[int, str, Verdict]], count: int) -> Iterator[tuple[str, Verdict]]:
    """Yield the title of each send and its verdict."""
    for number, place, verdict in sends:
        of = f": send {number} of {count}, from line {verdict['line']}" if count > 1 else ""
        yield f"{place}{of}", verdict


def _grouped(sends: list[tuple[int, str, Verdict]], count: int) -> Iterator[tuple[str, Verdict]]:
    """Yield the title of each kind of equal sends and the verdict on the first of them."""
    groups: dict[tuple[str, str, str], list[tuple[int, str, Verdict]]] = {}
    for send in sends:
        verdict = send[2]
        groups.setdefault((verdict["outcome"], verdict["stage"], verdict["cause"]), []).append(send)
    for group in groups.values():
        (__, place, verdict), (last, last_place, last_verdict) = group[0], group[-1]
        if len(group) == 1:
            yield from _each(group, count)
            continue
        elsewhere = f" of {last_place}" if last_place != place else ""
        yield (
            f"{place}: {len(group)} of {count} sends, the first is send {group[0][0]} from line {verdict['line']}, "
            f"the last is send {last} from line {last_verdict['line']}{elsewhere}",
            verdict,
        )


def _of_text(text: str) -> Iterator[_Item]:
    """Yield what a text tells, as _items_in does, with the words to call it by."""
    if "\n" in text:
        from ..analysis import analyse

        found = analyse(text)
        yield from (("verdict", "the text", verdict) for verdict in found["verdicts"])
        yield from (("path", "the text", path) for path in found["paths"])
        return
    from ..redact.redactor import Redactor
    from ..smtp.classify import judge_text

    shown = Redactor().text(text)
    yield "verdict", shown, judge_text(shown)


def _items_in(name: str) -> Iterator[_Item]:
    """Yield the verdicts in a saved log, packed or not, and the paths to mail servers, in the order of its lines.

    Each has the name of its log, in an archive that of the file in it. Raises InputError.
    """
    from ..log.stream import LogOptions, stream
    from ..logfile.archives import open_log
    from ..logfile.reader import read
    from ..path.saved import SavedPath

    with read_errors(name, A_LOG), open_log(name) as members:
        for member in members:
            items = stream(read(cast(BinaryIO, member.stream)), LogOptions(evidence=SavedPath))
            told = [(kind, member.name, data) for kind, data in items if kind in ("verdict", "path")]
            yield from sorted(told, key=lambda each: each[2]["line"])
            if member.stream.problem:
                complain(f"{member.name}: {member.stream.problem}")


def _causes(options: argparse.Namespace, place: str | None) -> int:
    from ..report.cause_page import cause_page
    from ..smtp.knowledge import causes
    from .output import output

    known = causes()
    if options.cause is not None and options.cause not in known:
        from difflib import get_close_matches

        near = get_close_matches(options.cause, known, 3, 0.4)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        return complain(f"--cause {options.cause}: no such cause; {hint}`fazmail explain --list` shows all")
    chosen = list(known.values()) if options.list else [known[options.cause]]
    if options.format == "json":
        rows = [
            {**vars(cause), "also": list(cause.also), "remedy": [dict(each) for each in cause.remedy]}
            for cause in chosen
        ]
        text = json.dumps({"schema": SCHEMA, "causes": rows}, indent=2)
    elif options.list:
        width = max(map(len, known))
        text = "\n".join(f"{cause.name:{width}}  {cause.stage:10}  {cause.owner}" for cause in chosen)
    else:
        text = cause_page(chosen[0])
    with output(place) as out:
        out.write(text + "\n")
    return 0
