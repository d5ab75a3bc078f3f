# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read plain data (from YAML) key by key, with errors that say where and what was expected."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any


class FleetError(ValueError):
    """The description of a fleet is wrong; the message is one line for the person who wrote it."""


class Reader:
    """One mapping. Every key must be asked for before `finish`, which refuses the rest: they are misspelt."""

    def __init__(self, data: Mapping[str, Any], where: str) -> None:
        self._data = data
        self._where = where
        self._asked: set[str] = set()

    @classmethod
    def of(cls, data: Any, where: str) -> Reader:
        """Raises FleetError unless the data is a mapping; nothing at all is an empty one."""
        if data is None:
            data = {}
        if not isinstance(data, Mapping):
            raise FleetError(f"{where}: is {_shown(data)}, expected a mapping of keys to values")
        return cls({str(key): value for key, value in data.items()}, where)

    def error(self, key: str, problem: str) -> FleetError:
        return FleetError(f"{self._where}: {key}: {problem}")

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._data

    def names(self) -> list[str]:
        return list(self._data)

    def anything(self) -> dict[str, Any]:
        """Return all keys and values as they are."""
        self._asked.update(self._data)
        return dict(self._data)

    def below(self, key: str) -> Reader:
        """Return the mapping at a key, an empty one when there is none."""
        return Reader.of(self._get(key, None), f"{self._where}: {key}")

    def items(self, key: str) -> list[Reader]:
        """Return the mappings of the list at a key."""
        rows = self._get(key, None)
        rows = [] if rows is None else rows
        if not isinstance(rows, list):
            raise self.error(key, f"is {_shown(rows)}, expected a list")
        return [Reader.of(row, f"{self._where}: {key}[{number}]") for number, row in enumerate(rows)]

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self.error(key, f"is {_shown(value)}, expected a text")
        return value

    def texts(self) -> dict[str, str]:
        """Return all keys as texts; numbers count as the text they are written as."""
        found = {}
        for key in self._data:
            value = self._get(key, None)
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise self.error(key, f"is {_shown(value)}, expected a text")
            found[key] = str(value)
        return found

    def list_of_texts(self, key: str, default: Sequence[str]) -> tuple[str, ...]:
        value = self._get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error(key, f"is {_shown(value)}, expected a list of texts")
        return tuple(value)

    def word(self, key: str, words: Sequence[str], default: str) -> str:
        value = str(self._get(key, default))
        if value not in words:
            raise self.error(key, f"is {value!r}, expected one of {', '.join(word for word in words if word)}")
        return value

    def boolean(self, key: str, default: bool) -> bool:
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"is {_shown(value)}, expected true or false")
        return value

    def integer(self, key: str, default: int | None, low: int, high: int) -> int:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.error(key, f"is {_shown(value)}, expected a number from {low} to {high}")
        return value

    def seconds(self, key: str, default: float) -> float:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86400:
            raise self.error(key, f"is {_shown(value)}, expected a number of seconds")
        return float(value)

    def port(self, key: str, default: int) -> int:
        return default if self._get(key, None) is None else self.integer(key, None, 1, 65535)

    def loopback(self, key: str) -> str:
        """Return an IPv4 address of the loopback network, as nothing else is ever listened on; "" where there is none."""
        if self._get(key, None) is None:
            return ""
        value = self.text(key, "")
        try:
            good = ipaddress.IPv4Address(value).is_loopback
        except ValueError:
            good = False
        if not good:
            raise self.error(key, f"is {value!r}, expected an address within 127.0.0.0/8")
        return value

    def finish(self) -> None:
        """Raise FleetError when there is a key nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.error(key, f"is not a key here, expected one of {known}")

    def _get(self, key: str, default: Any) -> Any:
        self._asked.add(key)
        return self._data.get(key, default)


def _shown(value: Any) -> str:
    return "missing" if value is None else f"{value!r}"[:60]
