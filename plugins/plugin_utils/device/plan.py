# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan a push to `config system mail`: (desired, observed, firmware) become ordered commands with reasons.

Check mode, diff and apply all use the one plan, so they cannot disagree. Everything is refused here that must not reach
a device: unknown options, options and choices the firmware lacks, values out of range, characters the CLI acts upon.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..text.quoting import UnsafeValueError, quote
from .firmware import Firmware, in_ranges
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

    `passwords` says per entry id what happens to each given password: `set` or `unchanged_assumed`.
    """

    lines: tuple[Line, ...]
    before: dict[str, Entry]
    after: dict[str, Entry]
    passwords: dict[str, dict[str, str]]

    @property
    def changed(self) -> bool:
        return bool(self.lines)


def plan_merged(
    desired: Sequence[Mapping[str, Any]],
    observed: Mapping[str, Entry],
    firmware: Firmware,
    update_password: str = "on_create",
) -> Plan:
    """Plan to create or complete entries; options that are not named keep their value.

    desired: mappings with `id` and Python option names; None means not named, "" means unset. observed: entries by id,
    without options at their default. update_password: `on_create` sends a password only where none is set, `always`
    sends it every time. Raises PlanError.
    """
    table = system_mail()
    lines: list[Line] = []
    after = {key: dict(entry) for key, entry in observed.items()}
    passwords: dict[str, dict[str, str]] = {}
    for wanted in desired:
        key = _key(wanted, table)
        given = _given(key, wanted, table, firmware)
        old = observed.get(key, {})
        new = _resulting(key, old, given, table)
        steps: list[tuple[int, Line]] = []
        for option, value in given:
            if option.secret and value:
                state = "set" if update_password == "always" or option.name not in old else "unchanged_assumed"
                passwords.setdefault(key, {})[option.python_name] = state
                if state == "unchanged_assumed":
                    continue
                reason = "no password is set" if option.name not in old else "passwords are always set"
                steps.append((0, Line(f"set {option.name} {quote(value)}", f"{option.name}: {reason}")))
                continue
            was = old.get(option.name, option.default or "")
            if value == was:
                continue
            late = _lowers_protection(option, was, value)
            steps.append(
                (late, Line(_assignment(option, value), f"{option.name}: {was or '(empty)'} -> {value or '(empty)'}"))
            )
        if not steps and key in observed:
            continue
        created = f"entry {key!r} {'changes' if key in observed else 'does not exist'}"
        lines.append(Line(f"edit {quote(key)}", created))
        lines += [line for _, line in sorted(steps, key=lambda step: step[0])]
        lines.append(Line("next", "save the entry"))
        after[key] = new
    return _plan(lines, observed, after, passwords, table)


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


def differences(expected: Entry, found: Entry) -> list[str]:
    """Return the options in which an entry read back differs from the planned one, in words."""
    options = {option.name: option for option in system_mail().options}
    wrong = []
    for name in sorted({*expected, *found}):
        default = options[name].default or "" if name in options else ""
        want, have = expected.get(name, default), found.get(name, default)
        if want != have:
            wrong.append(f"{name} is {have or '(empty)'} instead of {want or '(empty)'}")
    return wrong


def _plan(
    lines: list[Line],
    observed: Mapping[str, Entry],
    after: dict[str, Entry],
    passwords: dict[str, dict[str, str]],
    table: Table,
) -> Plan:
    if lines:
        path = " ".join(table.path)
        lines = [Line(f"config {path}", "open the table"), *lines, Line("end", "leave the table")]
    return Plan(tuple(lines), {key: dict(entry) for key, entry in observed.items()}, after, passwords)


def _key(wanted: Mapping[str, Any], table: Table) -> str:
    key = wanted.get("id")
    if not isinstance(key, str) or not key or key != key.strip():
        raise PlanError(
            f"id {key!r}: expected a name of 1 to {table.key_max_length} characters without blanks around it"
        )
    if len(key) > table.key_max_length:
        raise PlanError(f"id {key!r}: {len(key)} characters long, the device takes {table.key_max_length}")
    _quotable(f"id {key!r}", key)
    return key


def _given(key: str, wanted: Mapping[str, Any], table: Table, firmware: Firmware) -> list[tuple[Option, str]]:
    """The options that are named, as device text, checked one by one, in the order in which they are pushed."""
    values: dict[str, str] = {}
    for name, value in wanted.items():
        if name == "id" or value is None:
            continue
        try:
            option = table.option(name)
        except KeyError:
            raise PlanError(f"entry {key!r}: there is no option {name!r} in config {' '.join(table.path)}") from None
        values[option.name] = _checked(key, option, str(value), firmware)
    return [(option, values[option.name]) for option in table.options if option.name in values]


def _checked(key: str, option: Option, value: str, firmware: Firmware) -> str:
    shown = "the value" if option.secret else repr(value)
    where = f"entry {key!r}: {option.python_name}"
    if not in_ranges(firmware.version, option.firmware):
        raise PlanError(
            f"{where}: {firmware} has no option {option.name}; it exists in {' and in '.join(option.firmware)}"
        )
    if option.type == "option":
        allowed = [choice.name for choice in option.choices_on(firmware)]
        if value not in allowed:
            ranges = [" and in ".join(each.firmware) for each in option.choices if each.name == value]
            lacks = f"; {value} exists in {ranges[0]}" if ranges else ""
            raise PlanError(f"{where}: {shown} is not one of {', '.join(allowed)} on {firmware}{lacks}")
    elif option.type == "integer":
        if not value.isascii() or not value.isdigit() or not option.minimum <= int(value) <= option.maximum:
            raise PlanError(f"{where}: {shown} is not a whole number from {option.minimum} to {option.maximum}")
        return str(int(value))
    elif len(value) > option.max_length:
        raise PlanError(f"{where}: {shown} has {len(value)} characters, the device takes {option.max_length}")
    _quotable(where, value)
    return value


def _quotable(where: str, value: str) -> None:
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
        if value == (option.default or ""):
            values.pop(option.name, None)
        else:
            values[option.name] = value
    complete = {option.name: values.get(option.name, option.default or "") for option in table.options}
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


def _assignment(option: Option, value: str) -> str:
    if value == "":
        return f"unset {option.name}"
    return f"set {option.name} {value if option.type in ('option', 'integer') else quote(value)}"


def _lowers_protection(option: Option, was: str, value: str) -> bool:
    ranking = _PROTECTION.get(option.name, [])
    return was in ranking and value in ranking and ranking.index(value) < ranking.index(was)
