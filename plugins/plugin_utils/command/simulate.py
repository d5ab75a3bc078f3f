# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail simulate`: simulated devices; the work is done by the simulator, which an installation may lack."""

from __future__ import annotations

from .parser import CommandParser, Commands, complain

_EPILOG = """\
exit status of `simulate`:
  0  it was ended by Ctrl-C or SIGTERM
  2  the devices could not be started, or the command was wrong

With --exec it is that of the command behind it.
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "simulate",
        help="run simulated devices that really send mail",
        description="Serve simulated FortiAnalyzer and FortiManager devices over SSH on loopback addresses.",
        epilog=_EPILOG,
    )
    # Only when it is used: half of the time that `fazmail --help` takes would go into loading the simulator.
    parser.add_later = lambda: _add_arguments(parser)


def _add_arguments(parser: CommandParser) -> None:
    try:
        from ....simulator.command import add_arguments, run
    except ModuleNotFoundError as error:
        if "simulator" not in str(error.name):
            raise
        parser.set_defaults(
            run=lambda __: complain(
                "simulate: this installation comes without the folder simulator; install the whole of fortiops-mail again"
            )
        )
        return
    add_arguments(parser)
    parser.set_defaults(run=run)
