# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan a change of a table: (desired, observed, firmware) become ordered commands with reasons.

Check mode, diff and apply all use the one plan, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..firmware import Firmware
from ..terminal.quoting import quote
from .desired import (
    PASSWORD_SET,
    Encrypted,
    Entry,
    PlanError,
    completed,
    given_options,
    kept_passwords,
    keyed,
    with_defaults,
)
from .schema import Option, Table


@dataclass(frozen=True)
class PlannedLine:
    """One command line and why it is sent."""

    command: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What to send, and the entries of the table before and after it, by key.

    `passwords` tells, by key, what happens to each given password: `set`, `unchanged_assumed` (one is stored, which
    cannot be compared) or `unchanged_fingerprint` (it is the one that was sent last). `uncovered` are, by key, the
    options that the plan leaves alone and makes visible: a device may have kept a value that `show` did not print.
    """

    table: Table
    lines: tuple[PlannedLine, ...]
    before: dict[str, Entry]
    after: dict[str, Entry]
    passwords: dict[str, dict[str, str]] = field(default_factory=dict)
    uncovered: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.lines)

    @property
    def touched(self) -> list[str]:
        """The keys of the entries that the plan changes, creates or deletes, or sends a password to."""
        changed = {key for key in {*self.before, *self.after} if self.before.get(key) != self.after.get(key)}
        return sorted(changed | {key for key, states in self.passwords.items() if "set" in states.values()})


def plan_entries(
    table: Table,
    desired: Iterable[Mapping[str, Any]],
    observed: Mapping[str, Entry],
    firmware: Firmware,
    *,
    outer: Collection[str] = (),
    state: str = "merged",
    deleted: Collection[str] = (),
    update_password: str = "on_create",
    known: Callable[[str, str, str], bool] = lambda key, name, value: False,
    force: bool = False,
) -> Plan:
    """Plan to bring entries into a state.

    desired: mappings with the key of the table, and of the one around it, and Python option names; None means not named, ""
    means unset; `passwd_set`: True keeps a stored password where the state would reset it. observed: entries by key,
    without options at their default. outer: the keys of all entries of the table around this one. state: `merged` keeps
    options that are not named, `replaced` puts them back to their defaults, `overridden` also deletes entries that are not
    named. deleted: keys to delete as well. update_password: `on_create` sends a password only where none is set, `always`
    sends it every time, `on_change` sends it unless `known(key, option, value)` says that this is the one that was sent
    last. force: send options and choices that the firmware is not known to have. Raises PlanError.
    """
    after = {key: dict(entry) for key, entry in observed.items()}
    changes: dict[str, list[PlannedLine]] = {}
    passwords: dict[str, dict[str, str]] = {}
    uncovered: dict[str, frozenset[str]] = {}
    by_key = keyed(table, desired)
    for key, wanted in by_key.items():
        exists = key in observed
        old = observed.get(key, {})
        # What an existing entry hides beside its values may hold something all the same.
        hidden = _hidden(old, table, firmware) if exists else frozenset()
        given = given_options(key, wanted, old, table, firmware, force)
        if state != "merged":
            given = completed(given, old, hidden, kept_passwords(wanted, table), table)
        new = _resulting(key, old, given, table)
        shown = hidden - _hidden(new, table, firmware)
        if left_alone := shown - {option.name for option, __ in given}:
            uncovered[key] = left_alone
        steps: list[tuple[int, PlannedLine]] = []
        for option, value in given:
            if option.secret and value:
                state_of, reason = _password(option, value, old, update_password, known(key, option.name, value))
                passwords.setdefault(key, {})[option.python_name] = state_of
                if state_of == "set":
                    steps.append((_ANYWHERE, PlannedLine(_assignment(option, value), reason)))
                continue
            default = option.default or ""
            was = "" if option.explicit and not exists else old.get(option.name, default)
            if (value or default) == was and not (value == "" and option.name in shown):
                continue
            turned = f": {was or '(empty)'} -> {value or '(default)'}"
            reason = option.name + (" is unset" if option.secret else turned)
            steps.append(
                (_place(option, was, value or default, new, table), PlannedLine(_assignment(option, value), reason))
            )
        if not steps and exists:
            continue
        own = table.split(key)[-1]
        changes[key] = [
            PlannedLine(
                f"edit {_word(table, own)}", f"{table.called(key)} {'changes' if exists else 'does not exist'}"
            ),
            *(line for __, line in sorted(steps, key=lambda step: step[0])),
            PlannedLine("next", f"keep the {table.noun}" if table.outer else f"save the {table.noun}"),
        ]
        after[key] = new
    for key in [key for key in observed if key not in by_key and (state == "overridden" or key in deleted)]:
        changes[key] = [_deletion(table, key, f"{table.called(key)} is not among the desired ones")]
        del after[key]
    lines = _in_shells(table, changes, outer)
    return Plan(table, lines, _copied(observed), after, passwords, uncovered)


def plan_deleted(
    table: Table,
    desired: Iterable[Mapping[str, Any]],
    observed: Mapping[str, Entry],
    *,
    outer: Collection[str] = (),
) -> Plan:
    """Plan to delete entries; those that do not exist are left as they are, and so are the entries around them.

    desired, observed, outer: as for plan_entries; of desired only the keys count. Raises PlanError.
    """
    after = _copied(observed)
    changes = {
        key: [_deletion(table, key, f"{table.called(key)} exists")]
        for key in keyed(table, desired)
        if after.pop(key, None) is not None
    }
    return Plan(table, _in_shells(table, changes, outer), _copied(observed), after)


def differences(expected: Entry, found: Entry, table: Table) -> list[str]:
    """Return the options in which an entry read back differs from the planned one, in words."""
    options = {option.name: option for option in table.options}
    wrong = []
    for name in sorted({*expected, *found}):
        default = options[name].default or "" if name in options else ""
        want, have = expected.get(name, default), found.get(name, default)
        if want != have:
            if name in options and options[name].secret:
                # Not the word ENC: what follows it in a message would be taken for a password, and masked.
                have, want = (each and "set" for each in (have, want))
            wrong.append(f"{name} is {have or '(empty)'} instead of {want or '(empty)'}")
    return wrong


def _password(option: Option, value: str, old: Entry, update: str, known: bool) -> tuple[str, str]:
    """What happens to a given password, and why. Behind `passwd:` the reason would be masked as if it were one."""
    if option.name not in old:
        return "set", f"no {option.name} is stored"
    if update == "always":
        return "set", f"{option.name} is always sent"
    if update == "on_change":
        return ("unchanged_fingerprint", "") if known else ("set", f"{option.name} is not the one that was sent last")
    return "unchanged_assumed", ""


# -- what it results in --------------------------------------------------------------------------------------------


def _resulting(key: str, old: Entry, given: list[tuple[Option, str]], table: Table) -> Entry:
    """The entry as it will be, without defaults and hidden options. Refuses an option that would be hidden."""
    values = dict(old)
    for option, value in given:
        if option.secret:
            value = PASSWORD_SET if value else ""
        if value in ("", option.default):
            values.pop(option.name, None)
        else:
            values[option.name] = value
    complete = with_defaults(values, table)
    for option, value in given:
        if value and not option.visible(complete):
            condition = " and ".join(f"{other} is {needed}" for other, needed in option.when)
            raise PlanError(
                f"{table.called(key)}: {option.python_name} exists only while {condition}, "
                f"but {option.when[0][0]} is {complete[option.when[0][0]]}"
            )
    return {
        option.name: values[option.name]
        for option in table.options
        if option.name in values and option.visible(complete)
    }


def _hidden(values: Mapping[str, str], table: Table, firmware: Firmware) -> frozenset[str]:
    """The options of this firmware that do not exist beside the values of an entry."""
    complete = with_defaults(values, table)
    return frozenset(option.name for option in table.options_on(firmware) if not option.visible(complete))


def _copied(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {key: dict(entry) for key, entry in entries.items()}


# -- lines ---------------------------------------------------------------------------------------------------------

# The order within an entry; options in the same place keep the order of the table.
_FIRST, _ANYWHERE, _LAST = range(3)


def _place(option: Option, was: str, value: str, new: Entry, table: Table) -> int:
    """The place of a change: what is about to be hidden is unset while it can be, and protection is lowered last."""
    if not option.visible(with_defaults(new, table)):
        return _FIRST
    return _LAST if option.lowers_protection(was, value) else _ANYWHERE


def _assignment(option: Option, value: str) -> str:
    """The line that gives an option a value, or its default for an empty one."""
    if value == "":
        return f"unset {option.name}"
    bare = option.type in ("option", "integer") or isinstance(value, Encrypted)
    return f"set {option.name} {value if bare else quote(value)}"


def _deletion(table: Table, key: str, reason: str) -> PlannedLine:
    return PlannedLine(f"delete {_word(table, table.split(key)[-1])}", reason)


def _word(table: Table, key: str) -> str:
    return key if table.key_type == "integer" else quote(key)


def _in_shells(
    table: Table, changes: Mapping[str, Sequence[PlannedLine]], outer: Collection[str]
) -> tuple[PlannedLine, ...]:
    """Put the lines for entries into the shells of their table and of the one around it; none for no change."""
    if not changes:
        return ()
    if table.outer is None:
        return (*_in_shell(table, "the table", [line for lines in changes.values() for line in lines]),)
    body: list[PlannedLine] = []
    for around in dict.fromkeys(key.rpartition("/")[0] for key in changes):
        inside = [line for key, lines in changes.items() if key.rpartition("/")[0] == around for line in lines]
        state = "changes" if around in outer else "does not exist"
        body += [
            PlannedLine(f"edit {_word(table.outer, around)}", f"{table.outer.called(around)} {state}"),
            *_in_shell(table, f"its {table.noun}s", inside),
            PlannedLine("next", f"save the {table.outer.noun}"),
        ]
    return (*_in_shell(table.outer, "the table", body),)


def _in_shell(table: Table, called: str, lines: Iterable[PlannedLine]) -> list[PlannedLine]:
    return [
        PlannedLine(f"config {' '.join(table.path)}", f"open {called}"),
        *lines,
        PlannedLine("end", f"leave {called}"),
    ]
