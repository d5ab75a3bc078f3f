# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail evidence`: compare what a device prints with what is assumed of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..errors import FazmailError
from .login import WITHOUT_INVENTORY, add_login
from .on_device import add_test_mail, do, test_mail_of
from .parser import Commands, complain, show

_EPILOG = """\
Without --test-mail and --scratch-entry, only commands that read are typed, a
few that do not exist among them. The folder has captures of what the device
printed, the page evidence.md, and corrections: templates, their samples and
texts of the simulator that fit this device.

exit status of `evidence`:
  0  everything that was seen is as assumed
  1  a text is different, or corrections were written
  2  the command was wrong, the login failed, the session broke off, or the
     folder could not be written
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "evidence",
        help="compare what a device prints with what is assumed of it",
        description="Log in to a device, make it print what no document shows, compare that with what this collection "
        "assumes, and write a page and corrections.",
        epilog=_EPILOG,
    )
    add_login(parser, WITHOUT_INVENTORY)
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="new folder to write")
    add_test_mail(parser)
    parser.add_argument(
        "--scratch-entry", action="store_true", help="make an entry of the mail table that is refused, and remove it"
    )
    parser.add_argument(
        "--ping", default="", metavar="NAME", help="what to ping and trace (default: a mail server of the device)"
    )
    parser.set_defaults(run=run, inventory=None)


def run(options: argparse.Namespace) -> int:
    """Compare, write the folder and return the exit status."""
    try:
        # The texts are those of the simulator, which an installation may lack.
        from ....simulator.evidence.assumptions import TEST, assumptions
        from ....simulator.evidence.folder import write_folder
    except ModuleNotFoundError as error:
        if "simulator" not in str(error.name):
            raise
        return complain(
            "evidence: this installation comes without the folder simulator; install the whole of fortiops-mail again"
        )
    if options.output.exists():
        return complain(f"--output {options.output}: exists; expected the name of a new folder")
    wanted = dict.fromkeys(each.command for each in assumptions() if each.command and each.command != TEST)
    scratch = [line for line in wanted if line.startswith("set ")]
    job: dict[str, Any] = {
        "commands": [line for line in wanted if line not in scratch],
        "scratch": [line.replace("<256 letters>", "x" * 256) for line in scratch] if options.scratch_entry else [],
        "test": test_mail_of(options, wait=60.0, quiet=15.0),
        "host": options.ping,
    }
    try:
        result = do(options, "evidence", job)
    except FazmailError as error:
        return complain(f"evidence: {error}")
    different = write_folder(options.output, result, dict(zip(job["scratch"], scratch, strict=False)))
    show((options.output / "evidence.md").read_text(encoding="utf-8").split("\n\n")[1])
    show(f"{options.output / 'evidence.md'} has both wordings side by side.")
    return 1 if different else 0
