# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of rules.yml, and those that an organisation adds or changes, in the same form."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from ..device.schema import (
    alert_destination,
    approval_matrix,
    system_alertemail,
    system_dns,
    system_global,
    system_mail,
)
from ..errors import FazmailError
from ..firmware import in_ranges
from ..yaml_file import read_beside
from .subjects import known_facts
from .values import problem

# The way of an alert, from the event to the inbox.
STEPS = ("alert", "daemon", "server", "name", "tls", "login", "proof")
SEVERITIES = ("low", "medium", "high", "critical")
Rule = Mapping[str, Any]

_TEXTS = ("id", "title", "severity", "why", "fix")
_OF_OPTIONS = ("when", "require", "forbid")
_NAMES = ("exists", "known_server", "approved")
_KEYS = (*_TEXTS, "step", "about", *_OF_OPTIONS, *_NAMES, "firmware", "minimum", "counted", "refs")
_ID = re.compile(r"[A-Za-z][\w.-]*")


class RuleError(FazmailError):
    """A rule of an organisation cannot be used. The message names it and what was expected."""

    cause = "rules"


@cache
def collection_rules() -> list[dict[str, Any]]:
    """Return the rules of rules.yml in their order."""
    loaded: list[dict[str, Any]] = read_beside(__file__, "rules.yml")
    return loaded


def rules(own: Any = (), approved_relays: Any = (), first: int = 1) -> list[Rule]:
    """Return the rules of the collection with the changes of an organisation, followed by its new rules.

    own: a list of mappings in the form of rules.yml. One with the id of a rule of the collection replaces the keys it has;
    any other is a new rule. approved_relays: the servers, or patterns of them, that rules with `approved` allow.
    first: the number of the first row in messages. Raises RuleError.
    """
    relays = _words(approved_relays, "approved_relays")
    if not isinstance(own, Sequence) or isinstance(own, str):
        raise RuleError(f"rules are {type(own).__name__}, expected a list of mappings with {', '.join(_TEXTS)}")
    found: dict[str, Rule] = {rule["id"]: rule for rule in collection_rules()}
    for number, row in enumerate(own, first):
        if not isinstance(row, Mapping) or not _ID.fullmatch(str(row.get("id", ""))):
            raise RuleError(f"rule {number} has no id; expected one such as ACME-001, or that of a rule to change")
        known = found.get(row["id"], {"about": "mail", "refs": []})
        found[row["id"]] = _checked({**known, **row}, f"rule {row['id']}")
    return [_with_relays(rule, relays) for rule in found.values()]


def _with_relays(rule: Rule, relays: Sequence[Any]) -> Rule:
    """Return a rule that requires the approved relays of the options it names, where there are any."""
    if not relays or not rule.get("approved"):
        return rule
    kept = {name: value for name, value in rule.items() if name != "known_server"}
    return {**kept, "require": {**rule.get("require", {}), **{name: ["", *relays] for name in rule["approved"]}}}


def _checked(rule: Rule, which: str) -> Rule:
    if unknown := sorted(set(map(str, rule)) - set(_KEYS)):
        raise RuleError(f"{which} has {', '.join(unknown)}; expected some of {', '.join(_KEYS)}")
    for name in _TEXTS:
        text = rule.get(name)
        if text in (None, ""):
            raise RuleError(f"{which} has no {name}; a rule has {', '.join(_TEXTS)}")
        if not isinstance(text, str):
            raise RuleError(f"{which}: {name} is {text!r}, expected text")
    _one_of(rule["severity"], SEVERITIES, f"{which}: severity")
    if "step" in rule:
        _one_of(rule["step"], STEPS, f"{which}: step")
    _one_of(rule.get("about", "mail"), list(known_facts()), f"{which}: about")
    known = known_facts()[rule.get("about", "mail")]
    if not any(rule.get(name) for name in ("require", "forbid", *_NAMES)):
        raise RuleError(f"{which} requires nothing; expected require, forbid, {' or '.join(_NAMES)}")
    if ("minimum" in rule) != ("counted" in rule):
        raise RuleError(f"{which}: expected both minimum (a number) and counted (a noun), or neither")
    if "minimum" in rule and (not isinstance(rule["minimum"], int) or rule["minimum"] < 1):
        raise RuleError(f"{which}: minimum is {rule['minimum']!r}, expected a number of at least 1")
    try:
        in_ranges((7, 4, 2), _listed(rule.get("firmware", []), f"{which}: firmware"))
    except ValueError as error:
        raise RuleError(f"{which}: {error}") from None
    for name in _NAMES:
        for option in _listed(rule.get(name, []), f"{which}: {name}"):
            _one_of(option, known, f"{which}: {name}")
    _listed(rule.get("refs", []), f"{which}: refs")
    return {**rule, **{name: _values(rule, name, which) for name in _OF_OPTIONS if name in rule}}


def _values(rule: Rule, name: str, which: str) -> dict[str, list[Any]]:
    """The values of a rule by option, as numbers where the option is a number."""
    if not isinstance(rule[name], Mapping):
        raise RuleError(
            f"{which}: {name} is {rule[name]!r}, expected options with lists of values, as {{server: [any]}}"
        )
    about = rule.get("about", "mail")
    known = known_facts()[about]
    read: dict[str, list[Any]] = {}
    for option, values in rule[name].items():
        _one_of(option, known, f"{which}: {name}")
        where = f"{which}: {name}: {option}"
        words = [
            int(word) if known[option] == "number" and str(word).isdecimal() else word for word in _words(values, where)
        ]
        if choices := _choices(about).get(option):
            for word in words:
                if isinstance(word, str) and ":" not in word and word not in ("any", ""):
                    _one_of(word, choices, where)
        read[option] = words
    return read


def _words(values: Any, where: str) -> Sequence[Any]:
    listed = _listed(values, where)
    for word in listed:
        if wrong := problem(word):
            raise RuleError(f"{where} has {wrong}")
    return listed


@cache
def _choices(about: str) -> dict[str, list[str]]:
    """The words that the device knows for options of a table."""
    table = {
        "mail": system_mail,
        "alert_destination": alert_destination,
        "approval_matrix": approval_matrix,
        "alertemail": system_alertemail,
        "global": system_global,
        "dns": system_dns,
    }.get(about)
    options = table().options if table else ()
    return {option.python_name: [choice.name for choice in option.choices] for option in options if option.choices}


def _listed(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RuleError(f"{where} is {value!r}, expected a list")
    return value


def _one_of(value: Any, expected: Collection[str], where: str) -> None:
    if value not in expected:
        raise RuleError(f"{where} is {value!r}, expected one of {', '.join(expected)}")
