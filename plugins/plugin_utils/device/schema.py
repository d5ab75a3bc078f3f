# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the device that matter to mail, each read from a YAML file beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ..firmware import Firmware, in_ranges
from ..yaml_file import read_beside


@dataclass(frozen=True)
class Choice:
    """One allowed value of an option of type `option`."""

    name: str
    help: str = ""
    firmware: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """One option of an entry, in the device's own words.

    `default` is the text the device assumes when nothing is set; passwords have none. `protection` are the choices from the
    one that protects mail least to the one that does most. `explicit`: a new entry is sent it even at its default.
    """

    name: str
    type: str
    default: str | None
    choices: tuple[Choice, ...] = ()
    minimum: int = 0
    maximum: int = 0
    max_length: int = 0
    when: tuple[tuple[str, str], ...] = ()
    firmware: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    evidence: str = "assumed"
    protection: tuple[str, ...] = ()
    explicit: bool = False

    def lowers_protection(self, was: str, value: str) -> bool:
        """Return whether a change of value makes mail less protected."""
        ranking = self.protection
        return was in ranking and value in ranking and ranking.index(value) < ranking.index(was)

    @property
    def python_name(self) -> str:
        """The name in Python and YAML: `secure-option` becomes `secure_option`."""
        return self.name.replace("-", "_")

    @property
    def secret(self) -> bool:
        return self.type == "password"

    def choices_on(self, firmware: Firmware) -> list[Choice]:
        return [choice for choice in self.choices if in_ranges(firmware.version, choice.firmware)]

    def visible(self, values: Mapping[str, str]) -> bool:
        """Return whether the option exists beside these values (device names); an option not named counts as met."""
        return all(values.get(other, value) == value for other, value in self.when)


@dataclass(frozen=True)
class Table:
    """A configuration table: its path, its key and its options in the order in which they are pushed.

    `key` is empty for an object of which there is only one; `task_key` is what tasks call it. A key of type `integer` has a
    range, one of type `string` a length. `tables` are those inside an entry, `outer` is the table around this one, `noun` is
    what messages call an entry, and `task_name` what tasks call a table inside an entry.
    """

    path: tuple[str, ...]
    key: str
    task_key: str
    key_max_length: int
    options: tuple[Option, ...]
    key_type: str = "string"
    key_minimum: int = 0
    key_maximum: int = 0
    tables: tuple[Table, ...] = ()
    outer: Table | None = None
    noun: str = "entry"
    task_name: str = ""

    @property
    def name(self) -> str:
        """The last word of the path, which the prompt shows."""
        return self.path[-1]

    def split(self, key: str) -> tuple[str, ...]:
        """Return the keys of an entry, that of the table around it first. An outer key may hold slashes."""
        return (*self.outer.split(key.rpartition("/")[0]), key.rpartition("/")[2]) if self.outer else (key,)

    def called(self, key: str) -> str:
        """Return what messages call an entry, such as `entry 'relay'` or `alert event 'disk full' destination 1`."""
        *outer, own = self.split(key)
        around = f"{self.outer.called('/'.join(outer))} " if self.outer else ""
        return f"{around}{self.noun} {own if self.key_type == 'integer' else repr(own)}"

    def option(self, name: str) -> Option:
        """Return the option with this device name or Python name; raises KeyError when there is none."""
        for option in self.options:
            if name in (option.name, option.python_name):
                return option
        raise KeyError(name)

    def options_on(self, firmware: Firmware) -> list[Option]:
        return [option for option in self.options if in_ranges(firmware.version, option.firmware)]


@cache
def system_mail() -> Table:
    """Return the schema of `config system mail`."""
    return _load("system_mail")


@cache
def system_alert_event() -> Table:
    """Return the schema of `config system alert-event`, with the table `alert-destination` inside it."""
    return _load("system_alert_event")


@cache
def alert_destination() -> Table:
    """Return the schema of `config alert-destination`, the table inside an alert event."""
    return replace(system_alert_event().tables[0], outer=system_alert_event())


@cache
def system_alertemail() -> Table:
    """Return the schema of `config system alertemail`, of which there is one."""
    return _load("system_alertemail")


@cache
def approval_matrix() -> Table:
    """Return the schema of `config system workflow approval-matrix`."""
    return _load("system_approval_matrix")


@cache
def system_dns() -> Table:
    """Return the schema of `config system dns`, of which there is one."""
    return _load("system_dns")


@cache
def system_route() -> Table:
    """Return the schema of `config system route`."""
    return _load("system_route")


@cache
def system_global() -> Table:
    """Return the schema of `config system global`, of which there is one, as far as it limits TLS."""
    return _load("system_global")


@cache
def secret_options() -> frozenset[str]:
    """Return the device names of all options, of whatever table, whose values nobody may see."""
    return frozenset(
        option.name for table in (system_mail(), system_alertemail()) for option in table.options if option.secret
    )


def _load(name: str) -> Table:
    return _table(read_beside(__file__, f"{name}.yml"))


def _table(data: Mapping[str, Any]) -> Table:
    key = data.get("key", {"name": ""})
    low, high = key.get("range", (0, 0))
    return Table(
        path=tuple(data["path"]),
        key=key["name"],
        task_key=key.get("task_name", key["name"]),
        key_max_length=key.get("max_length", 0),
        options=tuple(_option(row) for row in data["options"]),
        key_type=key.get("type", "string"),
        key_minimum=low,
        key_maximum=high,
        tables=tuple(_table(each) for each in data.get("tables", ())),
        noun=data.get("noun", "entry"),
        task_name=data.get("task_name", ""),
    )


def _option(row: Mapping[str, Any]) -> Option:
    low, high = row.get("range", (0, 0))
    return Option(
        name=row["name"],
        type=row["type"],
        default=str(row["default"]) if "default" in row else None,
        choices=tuple(
            Choice(each["name"], each.get("help", ""), tuple(each.get("firmware", ())), tuple(each.get("perhaps", ())))
            for each in row.get("choices", ())
        ),
        minimum=low,
        maximum=high,
        max_length=row.get("max_length", 0),
        when=tuple(row.get("when", {}).items()),
        firmware=tuple(row.get("firmware", ())),
        perhaps=tuple(row.get("perhaps", ())),
        evidence=row["evidence"],
        protection=tuple(row.get("protection", ())),
        explicit=row.get("explicit", False),
    )
