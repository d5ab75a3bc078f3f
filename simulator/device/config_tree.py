# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration tables of one device: what may be set, what is stored, and how `get` and `show` print it.

What an option is comes from the collection's schemas; this module gives it the behaviour of the device. Values are kept
by device name and only when they differ from the default, as `show` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from ...plugins.plugin_utils.device.schema import Option, Table
from ...plugins.plugin_utils.firmware import Firmware
from .cipher import decrypt, encrypt
from .texts import refuse

Values = dict[str, str]
Inner = dict[str, "ConfigTable"]  # the tables inside an entry, by name

# The width of the names in `get` inside an entry is assumed; on `get system status` the column is padded, too.
_NAME_WIDTH = 20
_INDENT = "    "


class ConfigTable:
    """The entries of one table, in the order of their creation, and the rules of the device's firmware.

    `inner` are the tables inside each entry, by its key and their name. A schema without a key is an object of which there
    is one: its only entry has the key "" and is always there.
    """

    def __init__(self, schema: Table, firmware: Firmware, random: Random) -> None:
        self.schema = schema
        self.firmware = firmware
        self.entries: dict[str, Values] = {} if schema.key else {"": {}}
        self.inner: dict[str, Inner] = {}
        self._options = {option.name: option for option in schema.options_on(firmware)}
        self._random = random
        # Faults: how texts are stored without a word about it.
        self.shorten = 0
        self.lower_case = False

    @property
    def single(self) -> bool:
        return not self.schema.key

    # -- entries -----------------------------------------------------------------------------------------------------

    def working_copy(self, key: str) -> tuple[Values, Inner]:
        """Return values and inner tables of an entry, of an empty one if it does not exist, to be changed freely."""
        stored = self.inner.get(key, {})
        inner = {}
        for schema in self.schema.tables:
            inner[schema.name] = table = ConfigTable(schema, self.firmware, self._random)
            if schema.name in stored:
                table._take(stored[schema.name])
        return dict(self.entries.get(key, {})), inner

    def store(self, key: str, values: Values, inner: Inner) -> None:
        """Store an entry as a whole."""
        self.entries[key] = values
        self.inner[key] = inner

    def fill(self, key: str, options: Mapping[str, str], inner: Inner | None = None) -> None:
        """Store an entry with these options, each checked as if it were typed. Raises CliError."""
        values: Values = {}
        if not self.single:
            self.check_key(key)
        conditional = {option.name for option in self.schema.options if option.when}
        # Options that exist only beside others come after those.
        for name in sorted(options, key=lambda name: name in conditional):
            self.set(values, name, [options[name]])
        self.store(key, values, inner or {})

    def delete(self, key: str) -> None:
        del self.entries[key]
        self.inner.pop(key, None)

    def purge(self) -> None:
        self.entries.clear()
        self.inner.clear()

    def _take(self, other: ConfigTable) -> None:
        for key in other.entries:
            self.store(key, *other.working_copy(key))

    # -- rules -------------------------------------------------------------------------------------------------------

    def options(self, values: Mapping[str, str]) -> list[Option]:
        """Return the options an entry with these values has, in the order in which the device prints them."""
        full = self.effective(values)
        return [self._options[name] for name in sorted(self._options) if self._options[name].visible(full)]

    def effective(self, values: Mapping[str, str]) -> Values:
        """Return the values of all options, defaults included; a password that is not set is an empty text."""
        return {name: values.get(name, option.default or "") for name, option in self._options.items()}

    def check_key(self, key: str) -> None:
        """Raise CliError unless an entry may have this name."""
        if not key:
            raise refuse("value_invalid", option=self.schema.key, value=key)
        if self.schema.key_type == "integer":
            self._check_number(self.schema.key, key, self.schema.key_minimum, self.schema.key_maximum)
        self._check_length(self.schema.key, key, self.schema.key_max_length)

    def set(self, values: Values, name: str, words: list[str]) -> None:
        """Do `set <name> <words>` on a working copy. Raises CliError."""
        option = self._visible(values, name)
        if not words:
            raise refuse("incomplete")
        if option.secret and words[0] == "ENC" and len(words) == 2:
            try:
                value = decrypt(words[1])
            except ValueError:
                raise refuse("value_invalid", option=name, value=words[1]) from None
        elif len(words) > 1:
            raise refuse("parse_error", word=words[1])
        else:
            value = self._checked(option, words[0])
        if value == (option.default or ""):
            values.pop(name, None)
        else:
            values[name] = value

    def unset(self, values: Values, name: str) -> None:
        """Do `unset <name>` on a working copy. Raises CliError."""
        values.pop(self._visible(values, name).name, None)

    def _visible(self, values: Values, name: str) -> Option:
        for option in self.options(values):
            if option.name == name:
                return option
        raise refuse("parse_error", word=name)

    def _checked(self, option: Option, text: str) -> str:
        if option.type == "option":
            if text not in [choice.name for choice in option.choices_on(self.firmware)]:
                raise refuse("value_invalid", option=option.name, value=text)
            return text
        if option.type == "integer":
            self._check_number(option.name, text, option.minimum, option.maximum)
            return str(int(text))
        self._check_length(option.name, text, option.max_length)
        if option.type == "string":
            text = text[: self.shorten or None]
            text = text.lower() if self.lower_case else text
        return text

    def _check_number(self, name: str, text: str, low: int, high: int) -> None:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise refuse("value_invalid", option=name, value=text)

    def _check_length(self, name: str, text: str, limit: int) -> None:
        if limit and len(text) > limit:
            raise refuse("too_long", option=name, value=text, limit=limit, length=len(text))

    # -- printing ----------------------------------------------------------------------------------------------------

    def show(self, entries: Mapping[str, Values], inner: Mapping[str, Inner] | None = None) -> list[str]:
        """Return the commands that make these entries, as `show` prints them. Passwords are encrypted afresh.

        inner: the tables inside them, where they are not the stored ones.
        """
        inner = self.inner if inner is None else inner
        lines = ["config " + " ".join(self.schema.path)]
        for key, values in entries.items():
            body = [
                f"set {option.name} {self._shown(option, values[option.name])}"
                for option in self.options(values)
                if option.name in values
            ]
            for table in inner.get(key, {}).values():
                body += table.show(table.entries) if table.entries else []
            if not self.single:
                shown = key if self.schema.key_type == "integer" else _quoted(key)
                body = [f"edit {shown}", *(_INDENT + line for line in body), "next"]
            lines += [_INDENT + line for line in body]
        return [*lines, "end"]

    def get_entry(self, key: str, values: Mapping[str, str]) -> list[str]:
        """Return all options of an entry, the key first, as `get` inside the entry prints them."""
        return [f"{name:<{_NAME_WIDTH}}: {text}" for name, text in self._pairs(key, values)]

    def get_table(self, entries: Mapping[str, Values]) -> list[str]:
        """Return a block for each entry. That tables print `== [ key ]` is verbatim, the summary of mail is assumed."""
        lines: list[str] = []
        for key, values in entries.items():
            lines += [f"== [ {key} ]", "".join(f"{name}: {text}    " for name, text in self._pairs(key, values))]
        return lines

    def _pairs(self, key: str, values: Mapping[str, str]) -> list[tuple[str, str]]:
        full = self.effective(values)
        pairs = [] if self.single else [(self.schema.key, key)]
        for option in self.options(values):
            pairs.append((option.name, "*" if option.secret else full[option.name] or "(null)"))
        return pairs

    def _shown(self, option: Option, value: str) -> str:
        if option.secret:
            return f"ENC {encrypt(value, self._random)}"
        return _quoted(value) if option.type == "string" else value


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
