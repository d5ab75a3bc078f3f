# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail completion`: what a shell needs to complete commands, options and files. The work is done by the package argcomplete."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from .parser import Commands, complain, show

# By this a shell asks for completions, in the environment of the command itself.
_ASKED = "_ARGCOMPLETE"
_SHELLS = ("bash", "zsh", "fish")
_EPILOG = """\
The example completes in this bash or zsh, and, put into its start-up file, in
each new one. For fish it is: fazmail completion fish | source

exit status of `completion`:
  0  the script was printed
  2  the package argcomplete is not installed, or the command was wrong
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "completion",
        help="complete commands, options and files in your shell",
        description="Print the script by which a shell completes what you type after `fazmail`.",
        epilog=_EPILOG,
    )
    parser.add_argument("shell", choices=_SHELLS, help="the shell that is to complete")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the script and return the exit status."""
    try:
        from argcomplete.shell_integration import shellcode
    except ModuleNotFoundError:
        return complain("completion: needs the Python package argcomplete; run: pip install argcomplete")
    show(shellcode(["fazmail"], shell=options.shell))
    return 0


def complete(parser: Callable[[], argparse.ArgumentParser]) -> None:
    """Answer a shell that asks for completions, and end; do nothing otherwise. A shell asks at each press of a key.

    parser: makes the parser of the whole command.
    """
    if _ASKED in os.environ:
        import argcomplete

        argcomplete.autocomplete(parser())
