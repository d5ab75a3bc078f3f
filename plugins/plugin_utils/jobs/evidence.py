# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of `fazmail evidence`: type what shows how a device words its answers, and return them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..device.commands import lacks
from ..device.debug import read_debug
from ..device.device import Device
from ..device.push import leave
from ..device.stop import run_at_most
from ..errors import FazmailError
from ..shell.errors import SessionError
from ..terminal.quoting import quote
from . import mail_test
from .job import Context, JobError, Options, TaskResult

# The entry that is made to be refused, and removed again.
SCRATCH = "fazmail-evidence"
_TABLE = "config system mail"
_TEST = "diagnose test connection mailserver"
_SECONDS = 15.0


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Type the commands of the options and return what the device answered to each.

    options: `commands`, of which `<host>` is a mail server of the device; `scratch`, lines for an entry that is made for them;
    `test`, the options of the job mail_test, or None; `host`, in place of that mail server. The answers are by command,
    redacted. `test` is what the device printed of the test mail, debug output included; `level` the debug level. Raises JobError,
    PlanError for words that a test cannot have, and what a session raises.
    """
    if options["test"]:
        mail_test.check_options(options["test"])
    table = device.mail_table()
    host = options["host"] or next((entry["server"] for entry in table.values() if entry.get("server")), "")
    answers = {}
    for command in options["commands"]:
        if ("<host>" in command and not host) or lacks(device.status().firmware, command):
            continue
        answers[command] = run_at_most(device.session, command.replace("<host>", host), _SECONDS).text
    if options["scratch"]:
        if SCRATCH in table:
            raise JobError(f"the device has an entry {SCRATCH}, perhaps of an earlier run; delete it and try again")
        answers |= _on_scratch_entry(device, options["scratch"])
    level = read_debug(device.session).state.level
    first = len(device.session.results)
    tested = mail_test.send(device, options["test"], context) if options["test"] else {}
    # What the daemon prints belongs to the command that was typed last.
    printed = [
        line
        for result in device.session.results[first:]
        if result.command.startswith(_TEST)
        for line in result.text.splitlines()
    ]
    return {
        "answers": answers,
        "test": "\n".join(printed),
        "verdict": tested.get("verdict"),
        "level": level,
        "host": host,
        "hostname": device.status().fields.get("hostname", ""),
    }


def _on_scratch_entry(device: Device, lines: Sequence[str]) -> dict[str, str]:
    """Type lines that are refused inside an entry of its own, and remove it."""
    answers = {}
    with _scratch_entry(device):
        for line in lines:
            answers[line] = device.session.run(line, check=False).text
    return answers


@contextmanager
def _scratch_entry(device: Device) -> Iterator[None]:
    """An open entry. Behind the block it is gone, whether the device stored it or not. Raises JobError where it is not.

    An error of the block stays what it is, and tells of that, too.
    """
    opened = [_TABLE, f"edit {quote(SCRATCH)}"]
    try:
        for line in opened:
            device.session.run(line)
        yield
    except BaseException as error:
        if (left := _left_behind(device, opened)) and isinstance(error, FazmailError):
            error.args = (f"{error}; {left}",)
        raise
    if left := _left_behind(device, opened):
        raise JobError(left)


def _left_behind(device: Device, opened: list[str]) -> str:
    """Remove the entry; return what is to be done by hand, or ""."""
    session = device.session
    try:
        leave(session, opened)
        if SCRATCH in device.mail_table():
            for line in (_TABLE, f"delete {quote(SCRATCH)}", "end"):
                session.run(line)
        left = SCRATCH in device.mail_table()
    except SessionError as error:
        return f"the session broke off: {error}; delete the entry {SCRATCH} if it is there"
    return f"the device did not delete the entry {SCRATCH}; delete it by hand" if left else ""
