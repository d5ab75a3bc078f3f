# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail record`: log in to a device, run commands that only read, and keep what it printed byte by byte."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..whole_file import OWNER_ONLY, STANDARD_STREAM
from .login import WITHOUT_INVENTORY, add_login, target_of
from .output import output
from .parser import Commands, complain, show

if TYPE_CHECKING:
    from ..redact.redactor import Redactor
    from ..shell.recording import Recording
    from ..shell.session import Session

_DEFAULT = "a command in quotation marks (default: what reads the status, the mail and alert tables, the mail daemon and the debug switches)"

_EPILOG = """\
exit status of `record`:
  0  everything was recorded, including commands that the device refused
  2  the login failed, the session broke off, the file could not be written, or
     the command was wrong; no file is written
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "record",
        help="record what a device prints, to replay it later",
        description="Log in to a device, run commands that only read, and write what it printed to a YAML file in the form "
        "of Oxidized's simulation files.",
        epilog=_EPILOG,
    )
    add_login(parser, WITHOUT_INVENTORY)
    parser.add_argument("commands", nargs="*", metavar="COMMAND", help=_DEFAULT)
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="YAML file to write, atomically; - is standard output"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Record and return the exit status."""
    # Slow to import, and `fazmail --help` should be fast.
    from ..device.commands import recorded
    from ..device.read_only import expected, kind_of
    from ..shell.errors import SessionError
    from ..shell.recording import dump

    commands = options.commands or recorded()
    for command in commands:
        kind = kind_of(command)
        if kind is None or kind.endless:
            return complain(
                f"record: {command!r} might change the device, or never end; expected {expected(endless=False)}"
            )
    try:
        # A file that cannot be written is reported before anybody is asked for a password.
        with output(options.output, OWNER_ONLY) as out:
            out.write(dump(_recorded(options, commands)))
    except SessionError as error:
        return complain(f"record: {error}")
    if options.output == STANDARD_STREAM:
        return 0
    show(
        f"{len(commands)} commands are in {options.output}. Secrets and the bytes of packets are masked; names and addresses are not: "
        "read the file before you give it away."
    )
    return 0


def _recorded(options: argparse.Namespace, commands: Sequence[str]) -> Recording:
    """Log in, run the commands and return what came, secrets masked. Raises SessionError and InputError."""
    from ..redact.redactor import Redactor
    from ..shell.limits import Limits
    from ..shell.ssh.open import open_session

    target = target_of(options)
    redactor = Redactor(target.secrets)
    received = bytearray()
    with open_session(target, Limits(), redactor, watch=received.extend) as session:
        recording = record(session, received, commands)
    return redacted(recording, redactor)


def record(session: Session, received: bytearray, commands: Sequence[str]) -> Recording:
    """Run commands in a logged-in session, `received` being what its `watch` fills. Raises SessionError."""
    from ..shell.recording import RecordedCommand, Recording

    begin = _up_to_prompt(bytes(received), session.prompt.encode())
    received.clear()
    exchanges = []
    for command in commands:
        session.run(command, check=False)
        exchanges.append(RecordedCommand(command, bytes(received)))
        received.clear()
    return Recording(begin, (*exchanges, RecordedCommand("exit", b"exit\r\r\n")))


def redacted(recording: Recording, redactor: Redactor) -> Recording:
    """Return the recording with its secrets masked; all other bytes, line ends included, stay as they are."""
    from ..shell.recording import RecordedCommand, Recording, at_keys
    from ..terminal.clean import PAGER_MARK

    # Masked as a whole, because a secret may go on behind the key; and cut then.
    mark = f"{PAGER_MARK} ".encode()
    return Recording(
        _redacted(recording.init_prompt, redactor),
        tuple(
            RecordedCommand(each.command, *at_keys(_redacted(each.output, redactor), mark))
            for each in recording.exchanges
        ),
    )


def _redacted(data: bytes, redactor: Redactor) -> bytes:
    return redactor.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _up_to_prompt(data: bytes, prompt: bytes) -> bytes:
    """Cut off the output of the empty lines that were typed to learn the prompt."""
    match = re.search(rb"(?:^|[\r\n])" + re.escape(prompt), data)
    return data[: match.end()] if match else data
