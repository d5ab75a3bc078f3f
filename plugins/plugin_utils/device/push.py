# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send plans to the device, line by line, and read back what it stored.

A line succeeded when the device printed nothing and shows the prompt of the shell it leads to. The CLI has no exit status,
and its refusals have no common words, so anything else ends the push before the next line; words only classify it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from ..errors import FazmailError
from ..shell.errors import EchoError, SessionError
from ..shell.result import LONGEST_QUOTE, Result, words
from ..shell.session import Session
from ..terminal.configuration import Block
from ..terminal.quoting import unquote
from .desired import PASSWORD_SET, Entry
from .plan import Plan, differences
from .schema import Table
from .tables import DeviceError, entries_of, show

Entries = Mapping[str, Entry]
Tables = list[Entries]  # one for each plan
Read = Callable[[Session, Table], Block]
Reconnect = Callable[[], AbstractContextManager[Session]]

_DENIED = re.compile(r"(?i)\bno permission\b|\bpermission denied\b|\bread.only\b|\binsufficient privilege")


@dataclass(frozen=True)
class Pushed:
    """A complete push. `remark`: what the operator should know, or "". `unverifiable`: passwords, by entry and option,
    that were sent and of which the device does not show that they are stored. `found`: the tables as they were read back."""

    remark: str
    unverifiable: list[tuple[str, str]]
    found: Tables = field(default_factory=list)


class PushError(FazmailError):
    """The push did not end as planned.

    `applied` is what the read-back shows: `no`, `partly`, `yes`, or `unknown` where it was not possible. `cause` is
    `privilege` (the administrator may not do this), `conflict` (somebody else changed an entry in between), `refused` (the
    device did not take a line), `echo` (a line did not reach it as typed, and was not submitted), `connection` (the session
    ended in the middle) or `read_back` (the device took all lines, and stores something else or does not show it). `sent` are
    the commands typed so far, without secrets. `happened` is the message without what to do.
    """

    def __init__(self, happened: str, applied: str, cause: str, sent: list[str], advice: str = "") -> None:
        super().__init__(f"{happened}. {advice}" if advice else happened, cause, applied=applied, commands=sent)
        self.happened = happened
        self.applied = applied
        self.sent = sent


@dataclass
class _Course:
    """How typing a plan went. `trouble`: why it ended early, or "", with its `cause`. `lost`: what ended the session."""

    sent: list[str] = field(default_factory=list)
    trouble: str = ""
    cause: str = ""
    lost: SessionError | None = None


def push(
    session: Session,
    *plans: Plan,
    read: Read = show,
    reconnect: Reconnect | None = None,
    force: bool = False,
) -> Pushed:
    """Type the commands of the plans one by one, then read their tables back and compare the entries they touch.

    Just before the first line those entries are read once more; unless `force`, a difference from what was planned on
    stops the push. A line that fails aborts the entry, leaves the table, and ends the push. When the session is lost in the
    middle, `reconnect` opens another one to find out what was stored. read: in place of reading a table as it is shown. Raises
    PushError, and DeviceError when a table cannot be read before.
    """
    if not force and (changed := _deviations(plans, "before", _tables(session, plans, read))):
        raise PushError(
            f"somebody else changed the table since it was read ({'; '.join(changed)}); nothing was sent",
            "no",
            "conflict",
            [],
            "Run the task again, or set force: true to overwrite",
        )
    course = _type(session, plans)
    found, unread = _read_back(session, plans, read, reconnect, course)
    return _judged(plans, course, found, unread)


def _tables(session: Session, plans: Sequence[Plan], read: Read) -> Tables:
    """Return the table of each plan as it is now; one that several plans are about is read once."""
    around = [plan.table.outer or plan.table for plan in plans]
    blocks = {table.path: read(session, table) for table in {each.path: each for each in around}.values()}
    return [entries_of(blocks[table.path], plan.table) for table, plan in zip(around, plans, strict=True)]


def _type(session: Session, plans: Sequence[Plan]) -> _Course:
    """Type the lines until one fails; then leave the shells that are open without saving the entry."""
    course = _Course()
    opened: list[str] = []
    try:
        for line in (line for plan in plans for line in plan.lines):
            course.sent.append(session.redactor.text(line.command))
            around, opened = opened, still_open(opened, line.command)
            try:
                result = session.run(line.command, check=False)
                why, cause = trouble(session, result, opened)
            except EchoError as error:
                why, cause = str(error), error.cause
            if why:
                course.trouble, course.cause = why, cause
                if leave(session, max(around, opened, key=len)):
                    course.trouble += "; the entry was aborted"
                break
    except SessionError as error:
        course.lost = error
    return course


def trouble(session: Session, result: Result, opened: list[str]) -> tuple[str, str]:
    """Return why a line failed, and the cause of that; two empty texts when it succeeded. opened: where it leads to."""
    said = words(result.text)
    at_place = is_in(session.context, opened)
    if at_place and not said and result.error is None:
        return "", ""
    command, prompt = session.redactor.text(result.command), session.redactor.text(session.prompt.strip())
    if said or result.error:
        text = str(result.error) if result.error else "; ".join(said)
        # With the command, because a refusal may repeat the value that was typed.
        text = session.redactor.text(f"{result.command}\n{text}").partition("\n")[2]
        why = f"the device refused {command!r}: {text[:LONGEST_QUOTE]}"
    else:
        expected = f"({_shell(opened[-1])})" if opened else "the top level"
        why = f"after {command!r} the device shows the prompt {prompt!r}, expected {expected}"
    if session.prompt.rstrip().endswith("$"):
        why += " (the prompt ends in $, the mark of a restricted administrator, who may lack the right to do this)"
    return why, "privilege" if _DENIED.search("\n".join(said)) else "refused"


def _read_back(
    session: Session, plans: Sequence[Plan], read: Read, reconnect: Reconnect | None, course: _Course
) -> tuple[Tables | None, str]:
    """Return the tables as they are now, or None and why they were not read."""
    try:
        if course.lost is None:
            try:
                return _tables(session, plans, read), ""
            except SessionError as error:
                course.lost = error
        session.close()
        if reconnect is None:
            return None, ""
        with reconnect() as another:
            return _tables(another, plans, read), ""
    except DeviceError as error:
        return None, f", because it cannot be read back ({error})"
    except SessionError as error:
        return None, f", because the device could not be reached again ({error})"


def _judged(plans: Sequence[Plan], course: _Course, found: Tables | None, unread: str) -> Pushed:
    """Return the push if the tables are as planned and no line failed. Raises PushError."""
    applied = "unknown" if found is None else _applied(plans, found)
    wrong = [] if found is None else _deviations(plans, "after", _as_if_shown(plans, found))
    complete = found is not None and not wrong
    lost = f"the session ended while the configuration was pushed ({course.lost})" if course.lost else ""
    if course.trouble:
        message, cause = course.trouble, course.cause
        if course.lost:
            message += f"; {course.lost}"
    elif course.lost:
        if complete and applied == "yes" and found is not None:
            return Pushed(
                f"{lost}; read back over another session, everything was saved", _unshown(plans, found), found
            )
        message, cause = lost, "connection"
    elif complete and found is not None:
        return Pushed("", _unshown(plans, found), found)
    else:
        message, cause = "the device took all lines", "read_back"
    state = {
        "no": "nothing was saved",
        "partly": f"only a part was saved: {'; '.join(wrong)}",
        "yes": "everything was saved all the same",
        "unknown": "whether the password was saved cannot be read",
    }[applied]
    if found is None:
        state = f"what was saved is unknown{unread}"
    elif cause == "read_back":
        state = f"the device stored something else: {'; '.join(wrong)}"
    advice = "Run the task again" if course.lost else ""
    raise PushError(f"{message}; {state}", applied, cause, course.sent, advice)


# -- what is stored ------------------------------------------------------------------------------------------------


def _applied(plans: Sequence[Plan], found: Tables) -> str:
    """Return how much of the plans is stored: `yes`, `no`, `partly`, or `unknown` where only a password was to change."""
    states = set()
    for plan, table, shown in zip(plans, found, _as_if_shown(plans, found), strict=True):
        for key in plan.touched:
            before, after = plan.before.get(key), plan.after.get(key)
            as_before, as_after = table.get(key) == before, shown.get(key) == after
            if as_before and as_after:
                states.add("unknown")
            elif as_before:
                states.add("no")
            else:
                states.add("yes" if as_after else "partly")
    return states.pop() if len(states) == 1 else "partly"


def _deviations(plans: Sequence[Plan], expected: str, found: Tables) -> list[str]:
    """Return in words where the touched entries are not as `before` or `after` the plans."""
    return [
        f"{plan.table.called(key)}: {text}"
        for plan, table in zip(plans, found, strict=True)
        for key in plan.touched
        for text in _compare(plan.table, getattr(plan, expected).get(key), table.get(key))
    ]


def _unshown(plans: Sequence[Plan], found: Tables) -> list[tuple[str, str]]:
    """Passwords that were sent and that the device does not show, not even as an encrypted text."""
    return [
        (key, option.name)
        for plan, table in zip(plans, found, strict=True)
        for key in plan.touched
        for option in plan.table.options
        if option.secret and option.name in plan.after.get(key, {}) and key in table and option.name not in table[key]
    ]


def _as_if_shown(plans: Sequence[Plan], found: Tables) -> Tables:
    """The tables as they would be read from a device that shows passwords and keeps nothing behind the options it hides."""
    tables: Tables = []
    for plan, table in zip(plans, found, strict=True):
        shown = {
            key: {name: value for name, value in entry.items() if name not in plan.uncovered.get(key, ())}
            for key, entry in table.items()
        }
        for key, name in _unshown([plan], [table]):
            if plan.passwords.get(key, {}).get(name.replace("-", "_")) == "set":
                shown[key][name] = PASSWORD_SET
        tables.append(shown)
    return tables


def _compare(table: Table, expected: Entry | None, found: Entry | None) -> list[str]:
    if expected is None:
        return [] if found is None else ["exists"]
    if found is None:
        return ["does not exist"]
    return differences(expected, found, table)


# -- shells --------------------------------------------------------------------------------------------------------


def still_open(opened: list[str], command: str) -> list[str]:
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


def is_in(context: str, opened: list[str]) -> bool:
    """Return whether the shell that the prompt shows is the innermost one that is open."""
    if not opened:
        return context == ""
    if context == _shell(opened[-1]):
        return True
    # A long name of an entry is cut off in the prompt, so that it may be any but that of the table around it.
    return opened[-1].startswith("edit ") and context not in ("", _shell(opened[-2]))


def leave(session: Session, opened: list[str]) -> bool:
    """Drop what is being edited and return to the top level; return whether an entry was aborted.

    `end` inside an entry would save it: abort first. Whether `abort` leaves one shell or two is read from the prompt. Where
    that does not say for certain where the session is, it is closed: a lost session drops the entry as well.
    """
    aborted = False
    while context := session.context:
        places = [place for place, line in enumerate(opened) if _shell(line) == context]
        if not places:
            # No shell of this name is open: it must be that of an entry whose name the prompt cuts off.
            places = [place for place, line in enumerate(opened) if line.startswith("edit ")][-1:]
        kinds = {opened[place].partition(" ")[0] for place in places}
        in_table = bool(places) and opened[places[-1]].startswith("config ")
        if not places or (in_table and len(kinds) > 1):
            break
        result = session.run("end" if in_table else "abort", check=False)
        if words(result.text) and session.context == context:
            break
        aborted = aborted or not in_table
        opened = opened[: places[-1]]
    if session.context:
        session.close()
        raise SessionError("the device did not leave the configuration, so the session was closed")
    return aborted


def _shell(line: str) -> str:
    """What the prompt shows in the shell that a line opened."""
    verb, __, rest = line.partition(" ")
    return unquote(rest) if verb == "edit" else rest.rpartition(" ")[2]
