# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare a device's view of a mail server with the view from here: who is affected, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ..smtp.knowledge import causes
from ..yaml_file import read_beside


def compare(verdict: Mapping[str, Any], probe: Mapping[str, Any], port: int | None = None) -> dict[str, Any]:
    """Return the finding on two views of one mail server.

    verdict: as docs/design.md describes it, of a test mail of the device. probe: a document of schema
    fortiops.mail/probe/1. port: the one the device uses; without it the first port that works is taken, else the first.
    Returns {scope, rule, explanation, owner, next: [...], device: {outcome, stage, cause}, here: {port, outcome, stage,
    cause, security}}; comparison.yml lists the scopes and the rules. Raises ValueError when that port was not probed.
    """
    here = _port(probe, port)
    row = next(row for row in _rows() if _fits(row, verdict, here))
    words = {
        "device": verdict["cause"],
        "here": here["cause"] or "no failure",
        "port": here["port"],
        "host": probe["host"],
    }
    return {
        "scope": row["scope"],
        "rule": row["id"],
        "explanation": row["explanation"].format_map(words),
        "owner": row.get("owner") or causes()[verdict["cause"]].owner,
        "next": [step.format_map(words) for step in row["next"]],
        "device": {name: verdict[name] for name in ("outcome", "stage", "cause")},
        "here": {name: here[name] for name in ("port", "outcome", "stage", "cause", "security")},
    }


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read_beside(__file__, "comparison.yml")
    return rows


def _port(probe: Mapping[str, Any], port: int | None) -> Mapping[str, Any]:
    ports: list[Mapping[str, Any]] = probe["ports"]
    if port is None:
        return next((each for each in ports if each["outcome"] == "ok"), ports[0])
    for each in ports:
        if each["port"] == port:
            return each
    probed = ", ".join(str(each["port"]) for each in ports)
    raise ValueError(f"port {port} of {probe['host']} was not probed, only {probed}; probe the port the device uses")


def _fits(row: Mapping[str, Any], verdict: Mapping[str, Any], here: Mapping[str, Any]) -> bool:
    if any(verdict[name] not in allowed for name, allowed in row.get("device", {}).items()):
        return False
    if any(here[name] not in allowed for name, allowed in row.get("here", {}).items()):
        return False
    met = {here["cause"], *(limit["cause"] for limit in here["limits"])}
    if row.get("same") and verdict["cause"] not in met:
        return False
    login = here["auth"]["login"]
    return "login" not in row or (login is not None and login["accepted"] is row["login"])
