# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail explain`: why a mail did not leave, why it is this cause, and what to do."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from .input import A_LOG, STANDARD_INPUT, read_errors
from .parser import Commands, add_templates, add_vocabulary, complain, use_templates, use_vocabulary

if TYPE_CHECKING:
    from ..smtp.verdict import Verdict

SCHEMA = "fortiops.mail/explain/1"

_EPILOG = """\
exit status of `explain`:
  0  everything was explained
  2  a file could not be read, or the command was wrong
  3  the verdict is unknown, or there is no send in the text
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "explain",
        help="why it is this cause, and what to do",
        description="Explain the verdict on an error message or on each send in a log: the rule and the line that "
        "decided, what else was found and why it lost, what would prove more, and what to do.",
        epilog=_EPILOG,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("text", nargs="?", metavar="TEXT", help="an error message; - is a log on standard input")
    what.add_argument("-f", "--file", metavar="LOG", help="a saved log or capture; - is standard input")
    what.add_argument("--cause", metavar="CAUSE", help="the page of a cause, such as relay_denied")
    what.add_argument("--list", action="store_true", help="all causes")
    parser.add_argument("--send", type=int, metavar="N", help="only the Nth send of a log, from 1")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    add_templates(parser)
    add_vocabulary(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the explanation and return the exit status."""
    use_templates(options)
    use_vocabulary(options)
    if options.cause is not None or options.list:
        if options.send is not None:
            return complain("--send: expected together with a log, not with --cause or --list")
        return _causes(options)
    if not options.file and not (options.text or "").strip():
        return complain("explain: nothing to explain; expected a text, -f LOG, - for standard input, --cause or --list")
    if options.text and os.path.isfile(options.text):  # noqa: PTH113 - Path raises where a text is too long for a name
        return complain(f"explain: {options.text} is a file; expected -f {options.text} to explain what is in it")
    source, verdicts = _verdicts(options)
    numbers = range(1, len(verdicts) + 1)
    if options.send is not None:
        if options.send not in numbers:
            return complain(
                f"--send {options.send}: the number of sends in {source} is {len(verdicts)}; expected one of them, counting from 1"
            )
        numbers = range(options.send, options.send + 1)
    chosen = [(number, *verdicts[number - 1]) for number in numbers]
    if options.format == "json":
        sends = [{"send": number, "path": place, **verdict} for number, place, verdict in chosen]
        print(json.dumps({"schema": SCHEMA, "source": source, "sends": sends}, indent=2))
    elif not chosen:
        from ..report.table import visible

        print(f"{visible(source)}: no send was found in it.")
    else:
        from ..report.explanation import explain

        of = f" of {len(verdicts)}, from line " if len(verdicts) > 1 else ""
        titled = [
            (f"{place}: send {number}{of}{each['line']}" if of else place, each) for number, place, each in chosen
        ]
        print("\n\n".join(explain(verdict, title) for title, verdict in titled))
    return 3 if not chosen or any(verdict["outcome"] == "unknown" for _, _, verdict in chosen) else 0


def _verdicts(options: argparse.Namespace) -> tuple[str, list[tuple[str, Verdict]]]:
    """Return where the text comes from, and the verdict on each of its sends with the log it is in. Raises InputError."""
    name = options.file or options.text
    if name == STANDARD_INPUT or options.file:
        return name, list(_verdicts_in(name))
    if "\n" in name.strip():
        from ..analysis import analyse

        return "the text", [("the text", verdict) for verdict in analyse(name)["verdicts"]]
    from ..redact.redactor import Redactor
    from ..smtp.classify import judge_text

    text = Redactor().text(name.strip())
    return text, [(text, judge_text(text))]


def _verdicts_in(name: str) -> Iterator[tuple[str, Verdict]]:
    """Yield the verdicts in a saved log, packed or not, in the order of its lines, each with the name of its log.

    In an archive that is the name of the file in it. Raises InputError.
    """
    from ..log.stream import stream
    from ..logfile.archives import open_log
    from ..logfile.reader import read
    from ..path.saved import SavedPath

    with read_errors(name, A_LOG), open_log(name) as members:
        for member in members:
            verdicts = [
                data
                for kind, data in stream(read(cast(BinaryIO, member.stream)), evidence=SavedPath)
                if kind == "verdict"
            ]
            for verdict in sorted(verdicts, key=lambda each: each["line"]):
                yield member.name, verdict
            if member.stream.problem:
                complain(f"{member.name}: {member.stream.problem}")


def _causes(options: argparse.Namespace) -> int:
    from ..report.cause_page import cause_page
    from ..smtp.knowledge import causes

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
        print(json.dumps({"schema": SCHEMA, "causes": rows}, indent=2))
    elif options.list:
        width = max(map(len, known))
        print("\n".join(f"{cause.name:{width}}  {cause.stage:10}  {cause.owner}" for cause in chosen))
    else:
        print(cause_page(chosen[0]))
    return 0
