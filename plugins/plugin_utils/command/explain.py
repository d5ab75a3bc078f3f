# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail explain`: why a mail did not leave, why it is this cause and no other, and what to do."""

from __future__ import annotations

import argparse
import json
from typing import Any

from .input import opened
from .parser import Commands, complain

SCHEMA = "fortiops.mail/explain/1"

_EPILOG = """\
exit status of `explain`:
  0  there is an explanation
  2  a file could not be read, or the command was wrong
  3  the verdict is unknown, or there is no send in the text
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "explain",
        help="why it is this cause and no other, and what to do",
        description="Explain the verdict on an error message or on each send in a log: the rule and the line that "
        "decided, what else was found and why it lost, what would prove more, and what to do.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("text", nargs="?", metavar="TEXT", help="an error message; - is a log on standard input")
    what.add_argument("-f", "--file", metavar="LOG", help="a saved log or capture; - is standard input")
    what.add_argument("--cause", metavar="CAUSE", help="the page of a cause, such as relay_denied")
    what.add_argument("--list", action="store_true", help="all causes")
    parser.add_argument("--send", type=int, metavar="N", help="only the Nth send of a log, from 1")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the explanation and return the exit status."""
    if options.cause is not None or options.list:
        return _causes(options)
    if options.text is None and options.file is None:
        return complain("explain: nothing to explain; expected a text, -f LOG, - for standard input, --cause or --list")
    source, verdicts = _verdicts(options)
    numbers = range(1, len(verdicts) + 1)
    if options.send is not None:
        if options.send not in numbers:
            return complain(
                f"--send {options.send}: the number of sends in {source} is {len(verdicts)}; expected one of them, counted from 1"
            )
        numbers = range(options.send, options.send + 1)
    chosen = [{"send": number, **verdicts[number - 1]} for number in numbers]
    if options.format == "json":
        print(json.dumps({"schema": SCHEMA, "source": source, "sends": chosen}, indent=2))
    elif not chosen:
        print(f"{source}: no send was found in it.")
    else:
        from ..report.explanation import explain

        print("\n\n".join(explain(each, _title(each, len(verdicts), source)) for each in chosen))
    return 3 if not chosen or any(each["outcome"] == "unknown" for each in chosen) else 0


def _verdicts(options: argparse.Namespace) -> tuple[str, list[dict[str, Any]]]:
    """Where the text comes from, and the verdict on each of its sends. Raises InputError."""
    from ..analysis import analyse, analyse_bytes

    name = options.file or options.text
    if options.file or options.text == "-":
        with opened(name, "a saved log, or - for standard input") as file:
            return name, list(analyse_bytes(file.read(), name)["verdicts"])
    if "\n" in name.strip():
        return "the text", list(analyse(name)["verdicts"])
    from ..smtp.classify import judge_text
    from ..text.redact import Redactor

    text = Redactor().text(name.strip())
    return text, [judge_text(text)]


def _title(send: dict[str, Any], count: int, source: str) -> str:
    return source if count == 1 else f"{source}: send {send['send']} of {count}, from line {send['line']}"


def _causes(options: argparse.Namespace) -> int:
    from ..report.cause_page import cause_page
    from ..smtp.knowledge import causes

    known = causes()
    if options.cause is not None and options.cause not in known:
        from difflib import get_close_matches

        near = get_close_matches(options.cause, known, 3, 0.4)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return complain(f"--cause {options.cause}: no such cause{hint} `fazmail explain --list` shows all")
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
