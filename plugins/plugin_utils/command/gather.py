# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail gather`: variables of hosts, made of devices or of their backups."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import FazmailError
from ..whole_file import STANDARD_STREAM
from .on_device import add_device, do
from .parser import Commands, complain, show

_EPILOG = """\
A source that exists as a file or folder is a backup, any other one a device.

exit status of `gather`:
  0  the variables of all hosts were written
  1  those of some hosts were not: a device or a file could not be read,
     there is a file already, or Ansible would not read it
  2  the command was wrong
"""
_OPTIONS: Mapping[str, Any] = {
    "state": "gathered",
    "config": None,
    "alert_events": None,
    "update_password": "on_create",
    "fingerprint_file": None,
    "force": False,
}


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "gather",
        help="write host variables from devices and backups",
        description="Read the mail servers and alert events that devices have, or that are in their backups, and write them as "
        "variables of hosts: host_vars/NAME.yml, where Ansible reads them. A device is called as HOST, a backup as its file. Nothing is changed on a device.",
        epilog=_EPILOG,
    )
    parser.add_later = lambda: _add_arguments(parser)
    parser.set_defaults(run=run)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources", nargs="+", metavar="HOST|BACKUP", help="a device, or a file or folder of saved configuration"
    )
    parser.add_argument(
        "--directory", type=Path, default=Path("host_vars"), metavar="DIR", help="where to write (default: host_vars)"
    )
    parser.add_argument("--force", action="store_true", help="replace files that are there already")
    add_device(parser, host=False)


def run(options: argparse.Namespace) -> int:
    """Write the variables of all hosts and return the exit status."""
    from ..device.gathered import host_file

    failed = False
    for name, found in _gathered(options):
        try:
            if isinstance(found, FazmailError):
                raise found
            _write(host_file(options.directory, name), name, found, options.force)
        except FazmailError as error:
            failed = True
            complain(f"{name}: {error}")
    return 1 if failed else 0


def _gathered(options: argparse.Namespace) -> Iterator[tuple[str, Mapping[str, Any] | FazmailError]]:
    """Yield the name of each host, and what it has or why that is not known."""
    from ..policy.backup import gathered_of
    from ..report.saved import contents, saved_files
    from ..terminal.encoding import decode
    from .input import InputError

    for source in options.sources:
        if not Path(source).exists():
            # What comes on standard input has no name for its host.
            if "/" in source or source == STANDARD_STREAM:
                yield source, InputError("no such file; expected a backup, or the name or address of a device")
                continue
            try:
                options.host = source
                done = do(options, "system_mail", _OPTIONS)
            except FazmailError as error:
                yield source, error
                continue
            known = done.get("device") or {}
            firmware = " ".join(str(known[each]) for each in ("family", "version") if each in known)
            yield source, {**done["gathered"], "unread": done["unread"], "source": firmware}
            continue
        for file, content in contents(saved_files([source])):
            name = Path(file.rpartition("!")[2]).stem or file
            yield name, InputError(content) if isinstance(content, str) else gathered_of(decode(content))


def _write(file: Path, name: str, found: Mapping[str, Any], force: bool) -> None:
    """Write the variables of a host. Raises InputError and WriteError."""
    from ..device.gathered import host_variables
    from ..whole_file import WriteError, write_errors, write_new, write_whole
    from .input import InputError

    unread = found["unread"]
    if found["mail_servers"] is None:
        raise InputError(f"{unread['mail_servers']}; expected a table of mail servers")
    source = ", ".join(each for each in (found["source"], f"read on {datetime.now(UTC):%Y-%m-%d}") if each)
    text = host_variables(name, found["mail_servers"], found["alert_events"], source, unread.get("alert_events", ""))
    with write_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        if force:
            write_whole({file: text})
        else:
            try:
                write_new({file: text})
            except FileExistsError:
                raise WriteError(f"{file} is there already; --force replaces it") from None
    less = f"; alert events were not read: {unread['alert_events']}" if "alert_events" in unread else ""
    show(f"{file}: mail servers: {len(found['mail_servers'])}, alert events: {len(found['alert_events'] or ())}{less}")
