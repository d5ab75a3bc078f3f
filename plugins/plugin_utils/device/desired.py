# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task wants of the entries of a table, checked one by one and in the words of the device.

Everything is refused here that must not reach a device: unknown options, options and choices the firmware lacks, values out of
range, characters the CLI acts upon.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import FazmailError
from ..firmware import Firmware, in_ranges
from ..redact.known_secrets import MASK
from ..templates.records import integer
from ..terminal.quoting import UnsafeValueError, quote
from .schema import Choice, Option, Table

# An entry in the device's words: option name -> text. A password is PASSWORD_SET or missing, never its value.
Entry = dict[str, str]
PASSWORD_SET = "ENC"
_ENCRYPTED = re.compile(r"ENC [A-Za-z0-9+/=_-]{1,1024}")


class Encrypted(str):
    """A password as `show` prints it, `ENC` and a token, which a device that printed it takes back (assumed)."""

    __slots__ = ()


class PlanError(FazmailError):
    """The desired state cannot be sent to this device. The message names entry, option, value and what was expected."""

    cause = "plan"


def keyed(table: Table, desired: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the desired entries by their keys. Raises PlanError."""
    by_key: dict[str, Mapping[str, Any]] = {}
    for wanted in desired:
        key = key_of(table, wanted)
        if key in by_key:
            raise PlanError(f"{table.called(key)} is named twice; expected each once")
        by_key[key] = wanted
    return by_key


def key_of(table: Table, wanted: Mapping[str, Any]) -> str:
    """Return the key of a desired entry, that of the entry around it first, with slashes between. Raises PlanError."""
    around = f"{key_of(table.outer, wanted)}/" if table.outer else ""
    where = f"{table.outer.called(around[:-1])}: " if table.outer else ""
    key = wanted.get(table.task_key)
    if table.key_type == "integer":
        low, high = table.key_minimum, table.key_maximum
        if isinstance(key, bool) or not isinstance(key, int) or not low <= key <= high:
            raise PlanError(f"{where}{table.task_key} {key!r} is not a whole number from {low} to {high}")
        return f"{around}{key}"
    where += f"{table.task_key} {key!r}"
    if not isinstance(key, str) or not key or key != key.strip() or len(key) > table.key_max_length:
        length = table.key_max_length
        raise PlanError(f"{where}: expected a name of 1 to {length} characters, with no blanks at its ends")
    check_quotable(where, key)
    return around + key


def given_options(
    key: str, wanted: Mapping[str, Any], old: Entry, table: Table, firmware: Firmware, force: bool
) -> list[tuple[Option, str]]:
    """Return the options that are named, as device text, checked one by one, in the order in which they are pushed. Raises PlanError.

    What an entry has already is not checked, as it is not sent: a row that was read can always be given back.
    """
    values: dict[str, str] = {}
    keys = {table.task_key, table.outer.task_key if table.outer else None, *_keeping(table)}
    for name, value in wanted.items():
        if name in keys or value is None:
            continue
        try:
            option = table.option(name)
        except KeyError:
            path = " ".join(table.path)
            raise PlanError(f"{table.called(key)}: there is no option {name!r} in config {path}") from None
        text = value if isinstance(value, Encrypted) else str(value)
        kept = text == old.get(option.name) and not option.secret
        values[option.name] = text if kept else _checked(table.called(key), option, text, firmware, force)
    return [(option, values[option.name]) for option in table.options if option.name in values]


def _exists(what: Option | Choice, firmware: Firmware) -> str:
    """Return where an option or choice exists, as a clause."""
    may = f"; {firmware.version_text} may have it" if what.perhaps and in_ranges(firmware.version, what.perhaps) else ""
    return f"exists in {' and in '.join(what.firmware)}{may} (force: true sends it all the same)"


def _keeping(table: Table) -> dict[str, str]:
    """Return the names under which tasks say that a stored password stays, each with the option it is about."""
    return {f"{option.python_name}_set": option.name for option in table.options if option.secret}


def kept_passwords(wanted: Mapping[str, Any], table: Table) -> frozenset[str]:
    """Return the passwords that stay in whatever state, as rows have it that were read."""
    return frozenset(option for name, option in _keeping(table).items() if wanted.get(name) is True)


def _checked(entry: str, option: Option, value: str, firmware: Firmware, force: bool) -> str:
    """The text to set an option of an entry to."""
    shown = "the value" if option.secret else repr(value)
    where = f"{entry}: {option.python_name}"
    if isinstance(value, Encrypted):
        if not (option.secret and _ENCRYPTED.fullmatch(value)):
            raise PlanError(f"{where}: the value is no encrypted password")
        return value
    if not force and not in_ranges(firmware.version, option.firmware):
        raise PlanError(f"{where}: {firmware} has no option {option.name}; it {_exists(option, firmware)}")
    if option.type == "option" and value != "":
        allowed = [choice.name for choice in (option.choices if force else option.choices_on(firmware))]
        if value not in allowed:
            lacking = [each for each in option.choices if each.name == value]
            lacks = f"; {value} {_exists(lacking[0], firmware)}" if lacking else ""
            raise PlanError(f"{where}: {shown} is not one of {', '.join(allowed)} on {firmware}{lacks}")
    elif option.type == "integer" and value != "":
        number = integer(value) if value.isascii() else value
        if not isinstance(number, int) or not option.minimum <= number <= option.maximum:
            raise PlanError(f"{where}: {shown} is not a whole number from {option.minimum} to {option.maximum}")
        return str(number)
    elif option.max_length and len(value) > option.max_length:
        raise PlanError(f"{where}: {shown} has {len(value)} characters, the device takes {option.max_length}")
    check_quotable(where, value)
    return value


def completed(
    given: list[tuple[Option, str]], old: Entry, hidden: frozenset[str], kept: frozenset[str], table: Table
) -> list[tuple[Option, str]]:
    """Add what is not named and is set, or may appear with a value, to be reset to its default, but for what is kept."""
    values = {option.name: value for option, value in given}
    complete = with_defaults(values, table)
    for option in table.options:
        comes_to_light = option.name in hidden and option.visible(complete)
        if option.name not in values and option.name not in kept and (option.name in old or comes_to_light):
            values[option.name] = ""
    return [(option, values[option.name]) for option in table.options if option.name in values]


def check_quotable(where: str, value: str) -> None:
    """Raise PlanError, which begins with `where`, for what must not be sent: a mask, and characters the CLI acts upon."""
    if MASK in value:
        # As a result of another task has it where a value held a password of that task.
        raise PlanError(f"{where}: the value is masked, {MASK}; name the real one")
    try:
        quote(value)
    except UnsafeValueError as error:
        raise PlanError(f"{where}: the value {error}; it is refused, not changed") from None


def with_defaults(values: Mapping[str, str], table: Table) -> Entry:
    """Return the values of all options of a table, with the default of each that has none."""
    return {option.name: values.get(option.name, option.default or "") for option in table.options}
