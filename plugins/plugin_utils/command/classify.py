# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail classify`: the cause behind an error message."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from .input import STANDARD_INPUT, opened
from .output import Output, output
from .parser import Commands, add_vocabulary, use_vocabulary

_EPILOG = """\
exit status of `classify`:
  0  each text has a line; a text that is not recognised has the cause
     `unknown`
  2  a file could not be read, or the command was wrong
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "classify",
        help="the cause behind an error message",
        description="Name the cause, the stage and who must act for each text: one line of JSON for each, in order, as "
        "soon as it is read.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "texts", nargs="*", metavar="TEXT", help="an error message; - or none: lines of standard input"
    )
    parser.add_argument("-f", "--file", metavar="FILE", help="file with one text per line; - is standard input")
    add_vocabulary(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Classify the texts, print one line for each and return the exit status."""
    use_vocabulary(options)
    with output(None) as out:
        texts = [text for text in options.texts if text != STANDARD_INPUT]
        _answer(texts, out)
        if texts and not options.file and texts == options.texts:
            return 0
        from ..logfile.reader import each_line

        name = options.file or STANDARD_INPUT
        with opened(name, "a file with one text per line") as file:
            _answer(each_line(file), out, live=name == STANDARD_INPUT)
    return 0


def _answer(texts: Iterable[str], out: Output, live: bool = False) -> None:
    """Print an answer to each text; live: flush after each, for somebody who types or pipes."""
    from ..redact.redactor import Redactor
    from ..smtp.classify import classify

    redactor = Redactor()
    for text in texts:
        out.write(json.dumps(classify(redactor.text(text))) + "\n")
        if live:
            out.flush()
