# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy: the rules that apply, and the exceptions from them; for the command from a file, for playbooks from variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FazmailError, UserFileError
from ..yaml_file import read_of_user
from .rules import Rule, rules
from .waivers import Waiver, read_waivers

_KEYS = ("rules", "approved_relays", "waivers")


@dataclass(frozen=True)
class Policy:
    """The rules, those of the collection included, and the waivers."""

    rules: Sequence[Rule]
    waivers: Sequence[Waiver] = ()


def policy(own: Any = (), approved_relays: Any = (), waivers: Any = ()) -> Policy:
    """Return the policy of an organisation. Raises RuleError and WaiverError."""
    known = rules(own, approved_relays)
    return Policy(known, read_waivers(waivers, known))


def problems(file: Path) -> list[str]:
    """Return everything that is wrong with a policy file, not only the first. Raises UserFileError where it is no policy."""
    data = _data(file)
    wrong: list[str] = []

    def tried(made: Callable[[], object]) -> bool:
        try:
            made()
            return True
        except FazmailError as error:
            wrong.append(str(error))
            return False

    tried(lambda: rules((), data.get("approved_relays") or ()))
    own = list(enumerate(_rows(data.get("rules")), 1))
    valid = [row for number, row in own if tried(lambda row=row, number=number: rules([row], (), number))]  # type: ignore[misc]
    known = rules(valid)
    for number, row in enumerate(_rows(data.get("waivers")), 1):
        tried(lambda row=row, number=number: read_waivers([row], known, number))  # type: ignore[misc]
    return wrong


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _data(file: Path) -> dict[str, Any]:
    data = read_of_user(file, f"a policy with {', '.join(_KEYS)}") or {}
    unknown = sorted(set(map(str, data)) - set(_KEYS)) if isinstance(data, dict) else [type(data).__name__]
    if unknown:
        raise UserFileError(f"{file}: has {', '.join(unknown)}; expected {', '.join(_KEYS)}")
    found: dict[str, Any] = data
    return found


def read_policy(file: Path | None) -> Policy:
    """Return the policy in a YAML file, that of the collection without one. Raises UserFileError, which names the file."""
    if file is None:
        return policy()
    data = _data(file)
    try:
        return policy(data.get("rules") or (), data.get("approved_relays") or (), data.get("waivers") or ())
    except FazmailError as error:
        raise UserFileError(f"{file}: {error}") from None
