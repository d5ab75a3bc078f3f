# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail run`: run commands on a device, as the module faz_command does."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from ..errors import FazmailError
from .input import opened
from .on_device import add_device, do
from .parser import Commands, add_templates, complain, show, use_templates

_EPILOG = """\
exit status of `run`:
  0  the device has taken all commands, and all conditions hold
  1  the device refused a command, a condition does not hold, or the
     configuration is not whole
  2  the command was wrong, the login failed, or the session broke off
"""
# Options of the job that the command does not have.
_FIXED = {"capture_dir": None}
# Causes that are an answer of the device.
_ANSWERED = ("command", "wait_for", "backup", "device")


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "run",
        help="run commands on a device",
        description="Log in to a device, run commands that only read, and print what the device prints, without secrets.",
        epilog=_EPILOG,
    )
    add_device(parser)
    parser.add_argument(
        "commands", nargs="*", metavar="COMMAND", help="a command in quotation marks, such as 'get system status'"
    )
    parser.add_argument("-f", "--file", metavar="FILE", help="file with a command in each line; - is standard input")
    parser.add_argument("--allow-write", action="store_true", help="send commands that may change the device, too")
    parser.add_argument(
        "--answer", choices=["n", "y"], default="n", help="key for a question of the device (default: n)"
    )
    parser.add_argument(
        "--on-error",
        choices=["fail", "continue"],
        default="fail",
        help="when the device refuses a command (default: fail)",
    )
    parser.add_argument(
        "--wait-for",
        action="append",
        default=[],
        metavar="CONDITION",
        help="repeat what reads until this holds, such as 'result[0].queue_length eq 0'; may be given several times",
    )
    parser.add_argument(
        "--match", choices=["all", "any"], default="all", help="which of the conditions must hold (default: all)"
    )
    parser.add_argument(
        "--retries", type=int, default=9, metavar="NUMBER", help="how often to try again at most (default: 9)"
    )
    parser.add_argument(
        "--interval", type=float, default=1, metavar="SECONDS", help="wait between two tries (default: 1)"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=15,
        metavar="SECONDS",
        help="stop a ping, traceroute or sniffer after this time (default: 15)",
    )
    parser.add_argument("--template", metavar="FILE", help="TextFSM template in place of the one that the index names")
    parser.add_argument("--backup", metavar="FILE", help="keep what `show` prints here, secrets masked")
    add_templates(parser)
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="json has the records, too (default: text)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the commands, print what came and return the exit status."""
    use_templates(options)
    if options.file:
        with opened(options.file, "a command in each line", "--file") as lines:
            options.commands += [line.decode("utf-8", "replace").strip() for line in lines if line.strip()]
    if not options.commands:
        return complain(
            "run: there is no command; name one in quotation marks, such as 'get system status', or a --file"
        )
    names = ("commands", "allow_write", "answer", "on_error", "wait_for", "match", "retries", "interval", "seconds")
    job_options = {name: getattr(options, name) for name in (*names, "template", "backup")} | _FIXED
    try:
        result = do(options, "faz_command", job_options)
    except FazmailError as error:
        _show(options.format, {"results": [], **error.details, "error": str(error), "cause": error.cause})
        hint = ""
        if error.cause == "not_read_only":
            hint = "; write each command in quotation marks" if _split(options) else ", which is --allow-write here"
        complain(f"run: {error}{hint}")
        return 1 if error.cause in _ANSWERED else 2
    _show(options.format, result)
    for warning in result.get("warnings", ()):
        complain(f"run: {warning}")
    return 1 if any(row["error"] for row in result["results"]) else 0


def _show(form: str, result: Mapping[str, Any]) -> None:
    rows = result["results"]
    if form == "json":
        names = ("changed", "results", "backup_file", "device", "warnings", "error", "cause", "stopped_at")
        show(json.dumps({name: result[name] for name in names if name in result}, indent=2))
        return
    for row in rows:
        if len(rows) > 1:
            show(f"# {row['command']}")
        for line in row["output"]:
            show(line)


def _split(options: argparse.Namespace) -> bool:
    """Return whether a command was given word by word."""
    return len(options.commands) > 1 and not any(" " in each for each in options.commands)
