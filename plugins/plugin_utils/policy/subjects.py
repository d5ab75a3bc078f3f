# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rules can be about: the facts of one device as rows of named values, each read, absent, or not read for a reason.

A value that does not exist on the device (the firmware lacks the option, or hides it) is not in its row; one that was not
read is None. Both differ from an empty value, and neither keeps or breaks a rule.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from ..device.schema import (
    Table,
    alert_destination,
    approval_matrix,
    system_alertemail,
    system_dns,
    system_global,
    system_mail,
)
from ..firmware import Firmware, Version, in_ranges
from ..templates.records import integer

Facts: TypeAlias = Mapping[str, Any]
Row: TypeAlias = Mapping[str, Any]

_DAEMON = (
    *("pid", "state", "sent", "failed", "discarded", "queue_length", "queue_limit", "queue_timeout"),
    *("queue_share", "failed_rise", "discarded_rise"),
)
_NO_SERVER = ("", "0.0.0.0", "::")
# Why a value is absent where that is not a matter of firmware.
_ABSENT = {
    "failed_rise": "there is no earlier run to compare the counters with",
    "discarded_rise": "there is no earlier run to compare the counters with",
}


@dataclass(frozen=True)
class Unread:
    """Facts that were not read. `never`: the source can never hold them, such as a daemon's state in a saved configuration."""

    reason: str
    never: bool = False


@dataclass(frozen=True)
class Subject:
    """The rows of one kind, each under the name it has in findings, and why values in them are None."""

    rows: Sequence[tuple[str, Row]]
    reasons: Mapping[str, str] = field(default_factory=dict)

    def why(self, name: str) -> str:
        """Return why the value of this name is None in a row."""
        return self.reasons.get(name) or f"{name} was not read, or in a form that is not known"


@cache
def known_facts() -> dict[str, dict[str, str]]:
    """Return, for each thing a rule can be about, the names of its facts and their types: text, number or boolean."""
    return {
        "mail": {
            "id": "text",
            **_types(system_mail()),
            "auth_enabled": "boolean",
            "lowest_tls": "text",
            "server_is_name": "boolean",
        },
        "alert_destination": {"event": "text", "id": "number", **_types(alert_destination())},
        "approval_matrix": {"adom": "text", **_types(approval_matrix())},
        "alertemail": _types(system_alertemail()),
        "global": _types(system_global()),
        "dns": {**_types(system_dns()), "servers": "number", "needed": "boolean"},
        "daemon": {name: "text" if name == "state" else "number" for name in _DAEMON},
        "debug": {"level": "number", "on": "boolean", "timestamps": "boolean", "other_daemons": "boolean"},
        "firmware": {"family": "text", "version": "text", "build": "number", "maturity": "text", "platform": "text"},
        "ha": {"enabled": "boolean", "mode": "text", "role": "text", "primary": "text"},
        "proof": {"outcome": "text", "age_days": "number", "by": "text"},
    }


def why_absent(name: str) -> str:
    """Return why a value of this name can be absent from a row."""
    return _ABSENT.get(name, f"there is no {name} here")


def releases_of(facts: Facts) -> list[Version]:
    """Return the releases that a device may have: one, all of a branch where only that is known, or none where nothing is."""
    if known := facts.get("firmware"):
        return [Firmware.from_text(f"{known['family']} {known['version']}").version]
    if branch := facts.get("branch"):
        major, minor = (int(part) for part in branch.split("."))
        return [(major, minor, patch) for patch in range(100)]
    return []


def applies(releases: Sequence[Version], ranges: Sequence[str]) -> bool | None:
    """Return whether releases are in some ranges; None where that is not known, because only some are."""
    if not ranges:
        return True
    found = {in_ranges(release, ranges) for release in releases}
    return found.pop() if len(found) == 1 else None


def subjects(facts: Facts, releases: Sequence[Version]) -> dict[str, Subject | Unread]:
    """Return what the facts of a device say about each thing that rules know.

    facts: as schemas/facts.json, or a part of it. `unread` and `unreadable` have reasons by the name of a fact; those under
    `unreadable` can never be read from this source. `counters` are those of an earlier run, `proof` is a test mail.
    """
    found: dict[str, Subject | Unread] = {
        "mail": _table(facts, "mail", system_mail(), releases, lambda row: str(row["id"])),
        "alert_destination": _table(
            facts,
            "alert_destinations",
            alert_destination(),
            releases,
            lambda row: alert_destination().called(f"{row['event']}/{row['id']}"),
        ),
        "approval_matrix": _table(
            facts, "approval_matrix", approval_matrix(), releases, lambda row: approval_matrix().called(row["adom"])
        ),
        "alertemail": _object(facts, "alertemail", system_alertemail(), releases, "alertemail"),
        "global": _object(facts, "global", system_global(), releases),
        "dns": _object(facts, "dns", system_dns(), releases),
        "daemon": _single(facts, "fazmaild", lambda row: _daemon(row, facts.get("counters") or {})),
        "debug": _single(facts, "debug", lambda row: row),
        "firmware": _single(facts, "firmware", lambda row: row),
        "ha": _single(facts, "ha", lambda row: row),
        "proof": _single(facts, "proof", lambda row: row),
    }
    found["mail"] = _with_tls(found["mail"], found["global"], releases)
    found["dns"] = _with_servers(found["dns"], found["mail"])
    return found


def _types(table: Table) -> dict[str, str]:
    types = {}
    for option in table.options:
        name = f"{option.python_name}_set" if option.secret else option.python_name
        types[name] = "boolean" if option.secret else "number" if option.type == "integer" else "text"
    return types


# -- reading facts -------------------------------------------------------------------------------------------------


def _unread(facts: Facts, name: str) -> Unread:
    if reason := facts.get("unreadable", {}).get(name):
        return Unread(reason, never=True)
    reason = facts.get("unread", {}).get(name)
    return Unread(reason or f"{name} is not among the facts; fortiops.mail.faz_facts reads it")


def _table(
    facts: Facts, name: str, table: Table, releases: Sequence[Version], called: Callable[[Row], str]
) -> Subject | Unread:
    rows = facts.get(name)
    if rows is None:
        return _unread(facts, name)
    return Subject([(called(row), _completed(row, table, releases)) for row in rows])


def _object(facts: Facts, name: str, table: Table, releases: Sequence[Version], entry: str = "") -> Subject | Unread:
    row = facts.get(name)
    return _unread(facts, name) if row is None else Subject([(entry, _completed(row, table, releases))])


def _single(facts: Facts, name: str, made: Callable[[Row], Row]) -> Subject | Unread:
    row = facts.get(name)
    if row is None:
        return _unread(facts, name)
    unread = facts.get("unread", {})
    if name == "fazmaild":
        counters = dict.fromkeys(_DAEMON, unread.get("fazmaild.counters", ""))
        return Subject([("", made(row))], {**counters, "state": unread.get("fazmaild.state", "")})
    if name == "ha":
        return Subject([("", made(row))], dict.fromkeys(("role", "primary"), unread.get("ha.role", "it stands alone")))
    return Subject([("", made(row))], dict.fromkeys(row, unread.get(name, "")))


def _completed(row: Row, table: Table, releases: Sequence[Version]) -> dict[str, Any]:
    """Return a row with the defaults of options that the device hides, numbers where the option is a number.

    Options that the firmware lacks, or that are hidden beside the others, stay absent. An option that only some of the
    releases have is None.
    """
    values = {
        option.name: str(row.get(option.python_name) if option.python_name in row else option.default or "")
        for option in table.options
    }
    completed: dict[str, Any] = {name: value for name, value in row.items() if name not in ("id", "event", "adom")}
    for option in table.options:
        name = f"{option.python_name}_set" if option.secret else option.python_name
        if name in completed:
            if option.type == "integer" and isinstance(completed[name], str):
                completed[name] = integer(completed[name])
            continue
        if not option.visible(values):
            continue
        if (there := applies(releases, option.firmware)) is None:
            completed[name] = None
        elif there:
            default = values[option.name]
            if option.default is None and not option.secret:
                completed[name] = None
            else:
                completed[name] = False if option.secret else int(default) if option.type == "integer" else default
    if "auth" in completed:
        completed["auth_enabled"] = None if completed["auth"] is None else completed["auth"] == "enable"
    return {**{name: row[name] for name in ("id", "event", "adom") if name in row}, **completed}


# -- facts that follow from others ---------------------------------------------------------------------------------


def _with_tls(mail: Subject | Unread, settings: Subject | Unread, releases: Sequence[Version]) -> Subject | Unread:
    """Add `lowest_tls`, the lowest version of entry and global setting together, and `server_is_name`."""
    if isinstance(mail, Unread):
        return mail
    reasons = dict(mail.reasons)
    follows: Any = None
    if isinstance(settings, Unread):
        reasons["lowest_tls"] = f"the entry follows the global setting, which was not read: {settings.reason}"
    else:
        follows = settings.rows[0][1].get("global_ssl_protocol")
    rows = []
    for name, row in mail.rows:
        added: dict[str, Any] = {}
        if "ssl_protocol" in row:
            own = row["ssl_protocol"]
            added["lowest_tls"] = follows if own == "follow-global-ssl-protocol" else own
        server = row.get("server")
        added["server_is_name"] = None if server is None else _is_name(str(server))
        rows.append((name, {**row, **added}))
    if len(releases) != 1:
        reasons.setdefault("lowest_tls", "the firmware is not known, and with it whether the entry has ssl-protocol")
    return Subject(rows, reasons)


def _with_servers(dns: Subject | Unread, mail: Subject | Unread) -> Subject | Unread:
    """Add `servers`, the number of name servers, and `needed`, whether a mail server is a name."""
    if isinstance(dns, Unread):
        return dns
    row = dns.rows[0][1]
    named = ("primary", "secondary", "ip6_primary", "ip6_secondary")
    servers = {row.get(name) for name in named} - set(_NO_SERVER) - {None}
    needed = None if isinstance(mail, Unread) else any(each["server_is_name"] for __, each in mail.rows)
    reasons = (
        {"needed": f"whether a mail server is a name is not known: {mail.reason}"} if isinstance(mail, Unread) else {}
    )
    return Subject([("", {**row, "servers": len(servers), "needed": needed})], {**dns.reasons, **reasons})


def _daemon(row: Row, earlier: Mapping[str, Any]) -> Row:
    """Add the share of the queue that is used, in per cent, and by how much counters rose since an earlier run.

    What the daemon did not print in a known form is None. A counter that is lower than before was reset.
    """
    found: dict[str, Any] = {name: row.get(name) for name in _DAEMON if not name.endswith(("_rise", "_share"))}
    length, limit = found["queue_length"], found["queue_limit"]
    found["queue_share"] = None if length is None or not limit else 100 * length // limit
    for name in ("failed", "discarded"):
        before, now = earlier.get(name), found[name]
        if now is None:
            found[f"{name}_rise"] = None
        elif before is not None:
            found[f"{name}_rise"] = now - before if now >= before else now
    return found


def _is_name(server: str) -> bool:
    if not server:
        return False
    try:
        ipaddress.ip_address(server.strip("[]"))
    except ValueError:
        return True
    return False
