# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail classify`: the cause behind an error message."""

from __future__ import annotations

import argparse
import gc
import json
import signal
from collections import deque
from collections.abc import Iterable
from itertools import chain, islice
from multiprocessing import get_context

from ..processes import no_room, processors
from ..whole_file import STANDARD_STREAM
from .input import opened
from .output import Output, output
from .parser import Commands, add_vocabulary, complain, use_vocabulary

# So many texts at once are worth another process.
_PIECE = 2000
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
        help="name the cause of each error message, as JSON",
        description="Name the cause, the stage and who must act for each text: one line of JSON for each, in order, as "
        "soon as it is read.",
        epilog=_EPILOG,
    )
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="an error message; - or none: lines of standard input")
    parser.add_argument("-f", "--file", metavar="FILE", help="file with one text per line; - is standard input")
    add_vocabulary(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Classify the texts, print one line for each and return the exit status."""
    use_vocabulary(options)
    with output(None) as out:
        texts = [text for text in options.texts if text != STANDARD_STREAM]
        _answer(texts, out)
        if texts and not options.file and texts == options.texts:
            return 0
        from ..logfile.reader import each_line

        name = options.file or STANDARD_STREAM
        with opened(name, "a file with one text per line") as file:
            if name == STANDARD_STREAM:
                _answer(each_line(file), out, live=True)
            else:
                _answer_in_parallel(each_line(file), out)
    return 0


def _answer_in_parallel(texts: Iterable[str], out: Output) -> None:
    """Print an answer to each text, in order. Several processes answer where there is enough for them to do."""
    from ..redact.redactor import Redactor
    from ..smtp.knowledge import preload

    redacted = map(Redactor().text, texts)
    pieces = iter(lambda: list(islice(redacted, _PIECE)), [])
    first = next(pieces, [])
    if len(first) < _PIECE:
        out.write(_answers(first))
        return
    preload()
    # Answers hold no cycles; the garbage collector would search what is loaded again and again.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    processes = processors()
    try:
        # A fork shares what is loaded. An interrupt is for the command, which then ends its processes.
        made = get_context("fork").Pool(processes, signal.signal, (signal.SIGINT, signal.SIG_IGN))
    except OSError as error:
        complain(f"one process answers, as no more can be started ({no_room(error)})")
        for piece in chain([first], pieces):
            out.write(_answers(piece))
        return
    with made as pool:
        waiting = deque([pool.apply_async(_answers, (first,))])
        for piece in pieces:
            waiting.append(pool.apply_async(_answers, (piece,)))
            if len(waiting) > 2 * processes:
                out.write(waiting.popleft().get())
        for answered in waiting:
            out.write(answered.get())
        # Leaving the block ends processes at once, and waits for ever where one of them ends with a lock in its hand.
        pool.close()
        pool.join()


def _answers(texts: Iterable[str]) -> str:
    """The lines that answer texts without secrets."""
    from ..smtp.classify import classify

    return "".join(json.dumps(classify(text)) + "\n" for text in texts)


def _answer(texts: Iterable[str], out: Output, live: bool = False) -> None:
    """Print an answer to each text; live: flush after each, for somebody who types or pipes."""
    from ..redact.redactor import Redactor
    from ..smtp.classify import classify

    redactor = Redactor()
    for text in texts:
        out.write(json.dumps(classify(redactor.text(text))) + "\n")
        if live:
            out.flush()
