# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan a push to `config system mail`: (desired, observed, firmware) become ordered commands with reasons.

Check mode, diff and apply all use the one plan, so they cannot disagree. Everything is refused here that must not reach
a device: unknown options, options and choices the firmware lacks, values out of range, characters the CLI acts upon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..firmware import Firmware, in_ranges
from ..redact.known_secrets import MASK
from ..terminal.quoting import UnsafeValueError, quote
from .schema import Option, Table, system_mail

# An entry in the device's words: option name -> text. A password is PASSWORD_SET or missing, never its value.
Entry = dict[str, str]
PASSWORD_SET = "ENC"

# How well each choice protects the mail on its way. What lowers protection is pushed last, behind the new server.
_PROTECTION = {
    "secure-option": ["none", "default", "starttls", "smtps"],
    "ssl-protocol": ["sslv3", "tlsv1.0", "tlsv1.1", "follow-global-ssl-protocol", "tlsv1.2", "tlsv1.3"],
}


class PlanError(ValueError):
    """The desired state cannot be sent to this device. The message names entry, option, value and what was expected."""


@dataclass(frozen=True)
class Line:
    """One command line and why it is sent."""

    command: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What to send, and the table before and after it (without entries the plan does not touch in `after` changed).

    `passwords` says per entry id what happens to each given password: `set`, `unchanged_assumed` (one is stored, which
    cannot be compared) or `unchanged_fingerprint` (it is the one that was sent last). `uncovered` are, per entry id, the
    options that the plan leaves alone and makes visible: a device may have kept a value that `show` did not print.
    """

    lines: tuple[Line, ...]
    before: dict[str, Entry]
    after: dict[str, Entry]
    passwords: dict[str, dict[str, str]]
    uncovered: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.lines)


def plan_entries(
    desired: Sequence[Mapping[str, Any]],
    observed: Mapping[str, Entry],
    firmware: Firmware,
    *,
    state: str = "merged",
    update_password: str = "on_create",
    known: Callable[[str, str, str], bool] = lambda key, name, value: False,
    force: bool = False,
) -> Plan:
    """Plan to bring entries into a state.

    desired: mappings with `id` and Python option names; None means not named, "" means unset. observed: entries by id,
    without options at their default. state: `merged` keeps options that are not named, `replaced` puts them back to
    their defaults, `overridden` also deletes entries that are not named. update_password: `on_create` sends a password
    only where none is set, `always` sends it every time, `on_change` sends it unless `known(id, option, value)` says
    that this is the one that was sent last. force: send options and choices that the firmware is not known to have.
    Raises PlanError.
    """
    table = system_mail()
    lines: list[Line] = []
    after = {key: dict(entry) for key, entry in observed.items()}
    passwords: dict[str, dict[str, str]] = {}
    uncovered: dict[str, frozenset[str]] = {}
    keys: list[str] = []
    for wanted in desired:
        key = _key(wanted, table)
        if key in keys:
            raise PlanError(f"entry {key!r} is named twice; expected each id once")
        keys.append(key)
        given = _given(key, wanted, table, firmware, force)
        old = observed.get(key, {})
        # What an existing entry hides beside its values may hold something all the same.
        hidden = _hidden(old, table, firmware) if key in observed else frozenset()
        if state != "merged":
            given = _completed(given, old, hidden, table)
        new = _resulting(key, old, given, table)
        shown = hidden - _hidden(new, table, firmware)
        uncovered[key] = shown - {option.name for option, _ in given}
        steps: list[tuple[int, Line]] = []
        for option, value in given:
            if option.secret and value:
                state_of, reason = _password(option, value, old, update_password, known(key, option.name, value))
                passwords.setdefault(key, {})[option.python_name] = state_of
                if state_of == "set":
                    steps.append((_ANYWHERE, Line(f"set {option.name} {quote(value)}", f"{option.name}: {reason}")))
                continue
            wanted_text, was = value or option.default or "", old.get(option.name, option.default or "")
            if wanted_text == was and not (value == "" and option.name in shown):
                continue
            steps.append(
                (
                    _place(option, was, wanted_text, new, table),
                    Line(assignment(option, value), f"{option.name}: {was or '(empty)'} -> {value or '(default)'}"),
                )
            )
        if not steps and key in observed:
            continue
        reason = f"entry {key!r} {'changes' if key in observed else 'does not exist'}"
        lines.append(Line(f"edit {quote(key)}", reason))
        lines += [line for _, line in sorted(steps, key=lambda step: step[0])]
        lines.append(Line("next", "save the entry"))
        after[key] = new
    if state == "overridden":
        for key in [key for key in observed if key not in keys]:
            lines.append(Line(f"delete {quote(key)}", f"entry {key!r} is not among the desired ones"))
            del after[key]
    return _plan(lines, observed, after, passwords, table, uncovered)


def plan_deleted(ids: Iterable[str], observed: Mapping[str, Entry]) -> Plan:
    """Plan to delete entries; those that do not exist are left as they are. Raises PlanError for an impossible id."""
    table = system_mail()
    after = {key: dict(entry) for key, entry in observed.items()}
    lines = []
    for key in ids:
        _key({"id": key}, table)
        if after.pop(key, None) is not None:
            lines.append(Line(f"delete {quote(key)}", f"entry {key!r} exists"))
    return _plan(lines, observed, after, {}, table)


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


def _plan(
    lines: list[Line],
    observed: Mapping[str, Entry],
    after: dict[str, Entry],
    passwords: dict[str, dict[str, str]],
    table: Table,
    uncovered: Mapping[str, frozenset[str]] | None = None,
) -> Plan:
    if lines:
        path = " ".join(table.path)
        lines = [Line(f"config {path}", "open the table"), *lines, Line("end", "leave the table")]
    before = {key: dict(entry) for key, entry in observed.items()}
    return Plan(
        tuple(lines), before, after, passwords, {key: names for key, names in (uncovered or {}).items() if names}
    )


def _key(wanted: Mapping[str, Any], table: Table) -> str:
    key = wanted.get("id")
    if not isinstance(key, str) or not key or key != key.strip():
        raise PlanError(
            f"id {key!r}: expected a name of 1 to {table.key_max_length} characters without blanks around it"
        )
    if len(key) > table.key_max_length:
        raise PlanError(f"id {key!r}: {len(key)} characters long, the device takes {table.key_max_length}")
    check_quotable(f"id {key!r}", key)
    return key


def _given(
    key: str, wanted: Mapping[str, Any], table: Table, firmware: Firmware, force: bool
) -> list[tuple[Option, str]]:
    """The options that are named, as device text, checked one by one, in the order in which they are pushed."""
    values: dict[str, str] = {}
    for name, value in wanted.items():
        if name == "id" or value is None:
            continue
        try:
            option = table.option(name)
        except KeyError:
            raise PlanError(f"entry {key!r}: there is no option {name!r} in config {' '.join(table.path)}") from None
        values[option.name] = checked_value(f"entry {key!r}", option, str(value), firmware, force)
    return [(option, values[option.name]) for option in table.options if option.name in values]


def _completed(
    given: list[tuple[Option, str]], old: Entry, hidden: frozenset[str], table: Table
) -> list[tuple[Option, str]]:
    """Add what is not named and is set, or may come to light with a value, to be put back to its default."""
    values = {option.name: value for option, value in given}
    complete = _complete(values, table)
    for option in table.options:
        comes_to_light = option.name in hidden and option.visible(complete)
        if option.name not in values and (option.name in old or comes_to_light):
            values[option.name] = ""
    return [(option, values[option.name]) for option in table.options if option.name in values]


def _complete(values: Mapping[str, str], table: Table) -> Entry:
    return {option.name: values.get(option.name, option.default or "") for option in table.options}


def _hidden(values: Mapping[str, str], table: Table, firmware: Firmware) -> frozenset[str]:
    """The options of this firmware that do not exist beside the values of an entry."""
    complete = _complete(values, table)
    return frozenset(option.name for option in table.options_on(firmware) if not option.visible(complete))


def _password(option: Option, value: str, old: Entry, update: str, known: bool) -> tuple[str, str]:
    """Say what happens to a given password, and why."""
    if option.name not in old:
        return "set", "no password is set"
    if update == "always":
        return "set", "passwords are always set"
    if update == "on_change":
        return ("unchanged_fingerprint", "") if known else ("set", "it is not the one that was sent last")
    return "unchanged_assumed", ""


def checked_value(entry: str, option: Option, value: str, firmware: Firmware, force: bool = False) -> str:
    """Return the text to set an option of an entry to. Raises PlanError, which calls the entry `entry`."""
    shown = "the value" if option.secret else repr(value)
    where = f"{entry}: {option.python_name}"
    if not force and not in_ranges(firmware.version, option.firmware):
        raise PlanError(
            f"{where}: {firmware} has no option {option.name}; it exists in {' and in '.join(option.firmware)} "
            "(force: true sends it all the same)"
        )
    if option.type == "option" and value != "":
        allowed = [choice.name for choice in (option.choices if force else option.choices_on(firmware))]
        if value not in allowed:
            ranges = [" and in ".join(each.firmware) for each in option.choices if each.name == value]
            lacks = f"; {value} exists in {ranges[0]} (force: true sends it all the same)" if ranges else ""
            raise PlanError(f"{where}: {shown} is not one of {', '.join(allowed)} on {firmware}{lacks}")
    elif option.type == "integer" and value != "":
        if not value.isascii() or not value.isdigit() or not option.minimum <= int(value) <= option.maximum:
            raise PlanError(f"{where}: {shown} is not a whole number from {option.minimum} to {option.maximum}")
        return str(int(value))
    elif option.max_length and len(value) > option.max_length:
        raise PlanError(f"{where}: {shown} has {len(value)} characters, the device takes {option.max_length}")
    check_quotable(where, value)
    return value


def check_quotable(where: str, value: str) -> None:
    """Raise PlanError, which begins with `where`, for what must not be sent: a mask, and characters the CLI acts upon."""
    if MASK in value:
        # As a rollback has it where the earlier value held a password of that task.
        raise PlanError(f"{where}: the value is masked, {MASK}; name the real one")
    try:
        quote(value)
    except UnsafeValueError as error:
        raise PlanError(f"{where}: the value {error}; it is refused, not changed") from None


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
    complete = _complete(values, table)
    for option, value in given:
        if value and not option.visible(complete):
            condition = " and ".join(f"{other} is {needed}" for other, needed in option.when)
            raise PlanError(
                f"entry {key!r}: {option.python_name} exists only while {condition}, "
                f"but {option.when[0][0]} is {complete[option.when[0][0]]}"
            )
    return {
        option.name: values[option.name]
        for option in table.options
        if option.name in values and option.visible(complete)
    }


def assignment(option: Option, value: str) -> str:
    """Return the line that gives an option a value, or its default for an empty one."""
    if value == "":
        return f"unset {option.name}"
    return f"set {option.name} {value if option.type in ('option', 'integer') else quote(value)}"


# The order within an entry; options in the same place keep the order of the table.
_FIRST, _ANYWHERE, _LAST = range(3)


def _place(option: Option, was: str, value: str, new: Entry, table: Table) -> int:
    """Where a change stands: what is about to be hidden is unset while it can be, and protection is lowered last."""
    if not option.visible(_complete(new, table)):
        return _FIRST
    ranking = _PROTECTION.get(option.name, [])
    lowers = was in ranking and value in ranking and ranking.index(value) < ranking.index(was)
    return _LAST if lowers else _ANYWHERE
