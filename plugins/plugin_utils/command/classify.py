# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail classify`: the cause behind an error message."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from .parser import Commands, complain


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "classify",
        help="the cause behind an error message",
        description="Name the cause, the stage and who must act for each text: one line of JSON for each, in order, as "
        "soon as it is read.",
    )
    parser.add_argument(
        "texts", nargs="*", metavar="TEXT", help="an error message; without any, lines of standard input"
    )
    parser.add_argument("-f", "--file", metavar="FILE", help="file with one text per line; - is standard input")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Classify the texts, print one line for each and return the exit status."""
    _answer(iter(options.texts))
    if options.texts and not options.file:
        return 0
    from ..text.one_by_one import stream

    if options.file in (None, "-"):
        _answer(stream(sys.stdin.buffer))
        return 0
    try:
        with Path(options.file).open("rb") as file:
            _answer(stream(file), live=False)
    except OSError as error:
        return complain(f"{options.file}: cannot be read: {error.strerror}; expected a file with one text per line")
    return 0


def _answer(texts: Iterator[str], live: bool = True) -> None:
    """Print an answer to each text; `live`: before the next text is asked for, as whoever types or pipes expects."""
    from ..smtp.classify import classify
    from ..text.redact import Redactor

    redactor = Redactor()
    for text in texts:
        print(json.dumps(classify(redactor.text(text))), flush=live)
