# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail report`: the findings of a fleet for people and for machines."""

from __future__ import annotations

import argparse
from pathlib import Path

from .input import opened
from .output import check_place
from .parser import Commands, complain

_EXIT_STATUS = {"compliant": 0, "findings": 1, "incomplete": 3}
_EPILOG = """\
Each file is written whole or not at all.

exit status of `report`:
  0  every device was assessed and keeps the rules of at least the severity of
     --fail-on
  1  a device breaks one of them
  2  the command was wrong, the document is none, or a file could not be written
  3  incomplete: a device was not assessed, or there is none; this wins over 1
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "report",
        help="compliance findings for people and for machines",
        description="Turn the document that playbooks/compliance.yml writes into reports, and say whether the fleet keeps the rules.",
        epilog=_EPILOG,
    )
    parser.add_later = lambda: _add_arguments(parser)
    parser.set_defaults(run=run)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    from ..policy.rules import SEVERITIES
    from ..report.formats import FORMATS

    parser.add_argument("findings", metavar="FINDINGS", help="the document, in JSON; - is standard input")
    for name, text in FORMATS.items():
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=text)
    parser.add_argument(
        "--fail-on", choices=SEVERITIES, default="high", help="the lowest severity that counts; default: high"
    )


def run(options: argparse.Namespace) -> int:
    """Write the reports that are asked for, print the verdict and return the exit status."""
    from ..report.document import Assessment, DocumentError, read
    from ..report.formats import FORMATS, converted, write_reports

    try:
        with opened(options.findings, "the document of a compliance run") as file:
            summary = Assessment(read(file.read().decode("utf-8-sig")), options.fail_on)
    except DocumentError as error:
        return complain(f"{options.findings}: {error}")
    except UnicodeDecodeError as error:
        return complain(
            f"{options.findings}: no UTF-8 at byte {error.start}; expected the document of a compliance run"
        )
    reports = {name: getattr(options, name) for name in FORMATS if getattr(options, name)}
    for file in reports.values():
        check_place(file, [options.findings])
    write_reports(summary, reports)
    print(converted("text", summary))
    return _EXIT_STATUS[summary.status]
