# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is injected, as data: each case is one way in which a mail is lost, with the one cause that must be found.

cases/<origin>.yml say where the failure comes from: `real` mail servers, a `network` in a namespace, `scripted` replies
of providers that cannot be run here, and the `device` itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .real_servers import PASSWORD, USER

CASES = Path(__file__).parent / "cases"
ORIGINS = ("real", "network", "scripted", "device")
ENTRY = {"port": "587", "secure-option": "starttls", "auth": "enable", "user": USER, "passwd": PASSWORD}


@dataclass(frozen=True, eq=False)
class Case:
    """One injected failure.

    server: a listener such as `postfix/submission`, found by devices as `submission.postfix.example`. entry: how the mail
    entry differs from one that works, in device words; None for a value takes the option away. says: what the server or
    the system must be seen to say, so that the failure is the one that is meant. commands: typed before the test.
    trusts: the device checks certificates. script: what a scripted server does. rules: of the network, see network.yml; with the kind of
    server there, its address if it needs one of its own, and how many connections are made before. timeout: the mail daemon's, in seconds.
    """

    name: str
    origin: str
    server: str
    cause: str
    stage: str = ""
    says: str = ""
    entry: Mapping[str, str | None] = field(default_factory=dict)
    sender: str = "faz@test.example"
    recipient: str = "noc@test.example"
    test: str = "relay"
    commands: tuple[str, ...] = ()
    trusts: bool = False
    model: str = "faz-7.4.2"
    hostname: str = "FAZ"
    script: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    kind: str = "submission"
    address: str = ""
    used: int = 0
    timeout: float | None = None
    evidence: str = "reproduced"

    @property
    def host(self) -> str:
        kind, __, name = self.server.partition("/")
        return f"{name}.{kind}.example" if name else self.server

    @property
    def values(self) -> dict[str, str]:
        """The whole mail entry."""
        values = {**ENTRY, "server": self.host, **self.entry}
        return {name: value for name, value in values.items() if value is not None}


@cache
def cases(origin: str) -> tuple[Case, ...]:
    """Return the cases of one origin."""
    rows = yaml.safe_load((CASES / f"{origin}.yml").read_text(encoding="utf-8"))
    return tuple(_case(origin, row) for row in rows)


def all_cases() -> tuple[Case, ...]:
    return tuple(case for origin in ORIGINS for case in cases(origin))


def _case(origin: str, row: Mapping[str, Any]) -> Case:
    values = dict(row)
    entry = {name: None if value is None else str(value) for name, value in values.pop("entry", {}).items()}
    for name in ("commands", "rules"):
        values[name] = tuple(values.get(name, ()))
    return Case(origin=origin, entry=entry, **values)
