# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail sample add`: make a test of what a device printed."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from .input import read_errors
from .parser import Commands, complain, show

# Longer output of one command is of no use in a test.
_MOST_LINES = 20_000

_EPILOG = """\
exit status of `sample add`:
  0  the sample was written
  2  no sample was written: the text could not be read, holds none, or the
     command was wrong
  3  the sample was written, but its template matches no line of it
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    sample = commands.add_parser(
        "sample",
        help="make a test from what a device printed",
        description="Make a test of a template from what a device printed.",
    )
    actions = sample.add_subparsers(title="actions", metavar="ACTION", required=True)
    parser = actions.add_parser(
        "add",
        help="keep redacted text with the records expected of it",
        description="Redact what a device printed and keep it with the records its template makes of it, as a sample "
        "that `fazmail templates test` and the tests of the collection run. Where a record is not what it should be, "
        "correct the .yml file, and then the template until they agree.",
        epilog=_EPILOG,
    )
    parser.add_argument("file", metavar="FILE", help="text a device printed, saved in any way; - is standard input")
    parser.add_argument("--template", metavar="NAME", default="", help="the template that reads it")
    parser.add_argument("--command", metavar="COMMAND", default="", help="the command that printed it")
    parser.add_argument("--firmware", metavar="RELEASE", default="", help="such as 7.4.5 (default: what the text says)")
    parser.add_argument(
        "--directory",
        type=Path,
        metavar="DIR",
        help="folder of samples (default: `samples` in FAZMAIL_TEMPLATES, or tests/samples in a checkout)",
    )
    parser.add_argument("--name", metavar="NAME", default="", help="name of the sample (default: that of the file)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Add the sample and return the exit status: 0, 3 when its template matches no line of it, 2 when there is no sample."""
    from ..templates import find as templates
    from ..templates.sample import SampleError, cut_sample, write_sample

    directory = options.directory or _directory(os.environ.get("FAZMAIL_TEMPLATES"), Path.cwd())
    if directory is None:
        return complain("no folder of samples: name one with --directory, or set FAZMAIL_TEMPLATES")
    name = options.name or re.sub(r"[^a-z0-9.]+", "_", Path(options.file).name.split(".")[0].lower()).strip("_")
    if not name:
        return complain(f"{options.file}: gives the sample no name; expected --name")
    if not re.fullmatch(r"\w[\w.-]*", name):
        return complain(f"--name {name!r}: expected letters, digits, dot, dash and underscore")
    if options.firmware and not re.fullmatch(r"\d+\.\d+\.\d+", options.firmware):
        return complain(f"--firmware {options.firmware}: expected a release such as 7.4.5")
    if options.template:
        try:
            templates.template(options.template)
        except FileNotFoundError as error:
            return complain(str(error))
    try:
        lines = _redacted_lines(options.file)
        sample = cut_sample(lines, options.template, options.command, options.firmware)
        if not sample.firmware:
            return complain(
                f"{options.file}: does not say which firmware printed it; expected --firmware, such as 7.4.5"
            )
        raw, expected = write_sample(sample, directory, name)
    except SampleError as error:
        return complain(f"{options.file}: {error}")
    except FileExistsError as error:
        return complain(f"{error.filename2 or error.filename}: exists; expected another --name")
    except OSError as error:
        place = error.filename or directory
        return complain(f"{place}: cannot be written: {error.strerror}; name another place with --directory")
    show(
        f"{raw}\n{expected}\nSecrets and the bytes of packets are masked; names and addresses are not: read the files before you give them away."
    )
    if not sample.expectation["records"]:
        show(
            f"The template {sample.template} matches no line of it: write the records you expect into {expected}, "
            "and then the template until they agree."
        )
        return 3
    return 0


def _redacted_lines(file: str) -> list[str]:
    """Return the lines of the one log in a file, without those a terminal program wrote. Raises InputError, SampleError."""
    from ..logfile import program_lines
    from ..logfile.archives import open_log
    from ..logfile.reader import read
    from ..redact.redactor import Redactor
    from ..templates.sample import SampleError

    lines: list[str] = []
    with read_errors(file, "text a device printed"), open_log(file) as members:
        for count, member in enumerate(members):
            if count:
                raise SampleError("expected one text, found an archive of several; unpack it first")
            for batch in read(member.stream):
                own = program_lines.find(batch.texts, range(len(batch)))
                lines += [text for position, text in enumerate(batch.texts) if position not in own]
                if len(lines) > _MOST_LINES:
                    raise SampleError(f"expected the output of one command, found more than {_MOST_LINES} lines")
            if member.stream.problem:
                raise SampleError(member.stream.problem)
    return Redactor().text("\n".join(lines)).split("\n")


def _directory(user: str | None, here: Path) -> Path | None:
    """Return the directory of the user's samples, else of the checkout this is run in, else None."""
    if user:
        return Path(user) / "samples"
    checkouts = (each for each in (here, *here.parents) if (each / "tests" / "samples").is_dir())
    checkout = next((each for each in checkouts if (each / "templates" / "textfsm" / "index").is_file()), None)
    return checkout / "tests" / "samples" if checkout else None
