# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send a plan to the device, and never leave it half-done without saying so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ..errors import FazmailError
from ..shell.errors import CommandFailed, EchoError, SessionError
from ..shell.session import Session
from ..terminal.quoting import unquote
from .plan import PASSWORD_SET, Entry, Plan, differences
from .schema import Table
from .tables import DeviceError, read_entries

Entries = Mapping[str, Entry]


@dataclass(frozen=True)
class Pushed:
    """A complete push. `remark`: what the operator should know, or "". `unverifiable`: passwords, by entry and option,
    that were sent and of which the device does not show that they are stored."""

    remark: str
    unverifiable: list[tuple[str, str]]


class PushError(FazmailError):
    """The push did not end as planned.

    `applied` is `no`, `partly` or `unknown`. `cause` is `privilege` (a read-only administrator), `conflict` (somebody
    else changed an entry in between), `refused` (the device refused a line), `echo` (a line did not reach it as typed,
    and was not submitted), `connection` (the session ended in the middle) or `read_back` (the device stored something
    else). `sent` are the commands typed so far, without secrets.
    """

    def __init__(self, message: str, applied: str, cause: str, sent: list[str]) -> None:
        super().__init__(message, cause, applied=applied, commands=sent)
        self.applied = applied
        self.sent = sent


def push(
    session: Session,
    plan: Plan,
    *,
    read: Callable[[Session], Entries] | None = None,
    reconnect: Callable[[], AbstractContextManager[Session]] | None = None,
    force: bool = False,
) -> Pushed:
    """Type the plan's commands one by one, then read the table back and compare the entries concerned.

    Just before the first line those entries are read once more; unless `force`, a difference from what was planned on
    stops the push. A refused line aborts the entry and leaves the table. When the session is lost in the middle,
    `reconnect` opens another one to find out what was stored. read: in place of reading the table of the plan as it is
    shown. Raises PushError.
    """
    read = read or (lambda session: read_entries(session, plan.table))
    if session.prompt.rstrip().endswith("$"):
        raise PushError(
            f"the prompt {session.prompt.strip()!r} is that of a read-only administrator; log in as one who may change "
            "the system settings",
            "no",
            "privilege",
            [],
        )
    if not force and (changed := _deviations(plan, plan.before, read(session))):
        raise PushError(
            f"somebody else changed the table since it was read ({'; '.join(changed)}); nothing was sent. Run the task again, "
            "or set force: true to overwrite",
            "no",
            "conflict",
            [],
        )
    sent: list[str] = []
    try:
        _type(session, plan, read, sent)
    except SessionError as error:
        return _after_loss(plan, read, sent, error, reconnect)
    found = read(session)
    if wrong := _deviations(plan, plan.after, _as_if_shown(plan, found)):
        raise PushError(f"the device stored something else: {'; '.join(wrong)}", "partly", "read_back", sent)
    return Pushed("", _unshown(plan, found))


def _type(session: Session, plan: Plan, read: Callable[[Session], Entries], sent: list[str]) -> None:
    opened: list[str] = []
    try:
        for line in plan.lines:
            sent.append(session.redactor.text(line.command))
            session.run(line.command)
            opened = _still_open(opened, line.command)
    except (CommandFailed, EchoError) as error:
        _leave(session, opened)
        applied = _applied(plan, read(session))
        state = {
            "no": "nothing was changed",
            "partly": "entries before it were saved",
            "unknown": "whether a password before it was saved cannot be read",
        }[applied]
        raise PushError(f"{error}; the entry was aborted, {state}", applied, _word(error), sent) from error


def _word(error: CommandFailed | EchoError) -> str:
    return "echo" if isinstance(error, EchoError) else "refused"


def _after_loss(
    plan: Plan,
    read: Callable[[Session], Entries],
    sent: list[str],
    error: SessionError,
    reconnect: Callable[[], AbstractContextManager[Session]] | None,
) -> Pushed:
    """Find out what a lost session has left behind: an entry is saved as a whole or not at all."""
    lost = f"the session ended while the configuration was pushed ({error})"
    if reconnect is None:
        raise PushError(
            f"{lost}; what was saved is unknown, run the task again", "unknown", "connection", sent
        ) from error
    try:
        with reconnect() as session:
            found = read(session)
    except (SessionError, DeviceError) as again:
        raise PushError(
            f"{lost}, and the device could not be reached again to see what was saved ({again}); run the task again",
            "unknown",
            "connection",
            sent,
        ) from error
    applied = _applied(plan, found)
    if applied == "yes":
        return Pushed(f"{lost}; read back over another session, everything was saved", _unshown(plan, found))
    state = {
        "no": "nothing was saved",
        "partly": "only some entries were saved: " + "; ".join(_deviations(plan, plan.after, found)),
        "unknown": "whether the password was saved cannot be read",
    }[applied]
    raise PushError(f"{lost}; {state}. Run the task again", applied, "connection", sent) from error


def _applied(plan: Plan, found: Entries) -> str:
    """Say how much of a plan is stored: `yes`, `no`, `partly`, or `unknown` where only a password was to change."""
    states = set()
    shown = _as_if_shown(plan, found)
    for key in _concerned(plan):
        before, after = plan.before.get(key), plan.after.get(key)
        as_before, as_after = found.get(key) == before, shown.get(key) == after
        if as_before and as_after:
            states.add("unknown")
        elif as_before:
            states.add("no")
        else:
            states.add("yes" if as_after else "partly")
    return states.pop() if len(states) == 1 else "partly"


def _concerned(plan: Plan) -> list[str]:
    """The entries a plan touches; what others do to the rest of the table is not our business."""
    changed = {key for key in {*plan.before, *plan.after} if plan.before.get(key) != plan.after.get(key)}
    rotated = {key for key, states in plan.passwords.items() if "set" in states.values()}
    return sorted(changed | rotated)


def _deviations(plan: Plan, expected: Entries, found: Entries) -> list[str]:
    return [
        f"{plan.table.called(key)}: {text}"
        for key in _concerned(plan)
        for text in _compare(plan.table, expected.get(key), found.get(key))
    ]


def _unshown(plan: Plan, found: Entries) -> list[tuple[str, str]]:
    """Passwords that were sent and that the device does not show, not even as an encrypted text."""
    secrets = [option.name for option in plan.table.options if option.secret]
    return [
        (key, name)
        for key in _concerned(plan)
        for name in plan.after.get(key, {})
        if name in secrets and key in found and name not in found[key]
    ]


def _as_if_shown(plan: Plan, found: Entries) -> Entries:
    """The table as it would be read from a device that shows passwords and keeps nothing behind the options it hides."""
    shown = {
        key: {name: value for name, value in entry.items() if name not in plan.uncovered.get(key, ())}
        for key, entry in found.items()
    }
    for key, name in _unshown(plan, found):
        if plan.passwords.get(key, {}).get(name.replace("-", "_")) == "set":
            shown[key][name] = PASSWORD_SET
    return shown


def _compare(table: Table, expected: Entry | None, found: Entry | None) -> list[str]:
    if expected is None:
        return [] if found is None else ["exists"]
    if found is None:
        return ["does not exist"]
    return differences(expected, found, table)


# -- way out -------------------------------------------------------------------------------------------------------


def _still_open(opened: list[str], command: str) -> list[str]:
    """The lines that opened the shells the session is in, outermost first, after one more line."""
    verb = command.partition(" ")[0]
    if verb in ("config", "edit"):
        return [*opened, command]
    if verb == "next":
        return opened[:-1]
    if verb == "end":
        # In an entry it leaves the table around it as well.
        return opened[: max(place for place, line in enumerate(opened) if line.startswith("config "))]
    return opened


def _leave(session: Session, opened: list[str]) -> None:
    """Drop what is being edited and return to the top level. `end` inside an entry would save it: abort first.

    Whether `abort` leaves one shell or two is read from the prompt. Where that does not say for certain where the session
    is, it is closed: a lost session drops the entry as well.
    """
    while session.context:
        places = [place for place, line in enumerate(opened) if _shell(line) == session.context]
        if not places:
            # No shell of this name is open: it must be that of an entry whose name the prompt cuts off.
            places = [place for place, line in enumerate(opened) if line.startswith("edit ")][-1:]
        kinds = {opened[place].partition(" ")[0] for place in places}
        in_table = bool(places) and opened[places[-1]].startswith("config ")
        if not places or (in_table and len(kinds) > 1):
            break
        answer = session.run("end" if in_table else "abort", check=False)
        if answer.error is not None:
            break
        opened = opened[: places[-1]]
    if session.context:
        session.close()
        raise SessionError("the device did not leave the entry on `abort`, so the session was closed")


def _shell(line: str) -> str:
    """What the prompt shows in the shell that a line opened."""
    verb, _, rest = line.partition(" ")
    return unquote(rest) if verb == "edit" else rest.rpartition(" ")[2]
