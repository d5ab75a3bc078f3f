# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document of a run that changes devices, see schemas/run.json: made of results, read, and shown to a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from ..device.schema import secret_options
from ..redact.redactor import Redactor
from .document import Tool, tool
from .read_json import check, check_time, loaded, safe
from .rollout import rollout_report, state_of
from .table import visible, wrapped

RUN_SCHEMA = "fortiops.mail/run/1"
# The states after which the entries are what the result shows.
_KEPT = ("proved", "unchanged", "not_taken_back")
_GOOD = ("proved", "unchanged")
_DESTINATIONS = "alert-destination"


class Actor(TypedDict):
    """Who ran it, and on which controller."""

    user: str
    controller: str


# One option of an entry or alert event that was changed, in the device's words; null where it was not set. An empty option is the
# entry itself. Of a password there is only that it is set.
Change = TypedDict("Change", {"place": str, "option": str, "from": str | None, "to": str | None})


class ProofRow(TypedDict):
    """A test mail: the entry, its outcome, and why."""

    entry: str
    outcome: str
    reason: str


class DeviceRun(TypedDict):
    """What became of one device. `identity` is its serial number, "" where that was not read; `login` the administrator.

    `changes` are those that are there at the end, `commands` what was sent, without secrets.
    """

    name: str
    identity: str
    login: str
    state: str
    reason: str
    next: str | None
    changes: list[Change]
    commands: list[str]
    proofs: list[ProofRow]


class RunDocument(TypedDict):
    """The document. `job` is what was run, such as rollout."""

    schema: str
    created: str
    tool: Tool
    job: str
    by: Actor
    devices: list[DeviceRun]


def run_document(
    results: Mapping[str, Mapping[str, Any]],
    job: str,
    by: Actor,
    logins: Mapping[str, str],
    now: datetime | None = None,
) -> RunDocument:
    """Return the document of results of mail_rollout by device, in the order of their names.

    An empty result is of a device that was not visited. logins: the administrators by device. Secrets that the results should not hold are masked.
    """
    document: RunDocument = {
        "schema": RUN_SCHEMA,
        "created": (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
        "tool": tool(),
        "job": job,
        "by": by,
        "devices": [_device(str(name), results[name], logins.get(name, "")) for name in sorted(results, key=str)],
    }
    redacted: RunDocument = safe(Redactor().data(document))
    return redacted


def _device(name: str, result: Mapping[str, Any], login: str) -> DeviceRun:
    state = state_of(result)
    back = result.get("taken_back") or {}
    sent = (*(result.get("commands") or ()), *(back.get("commands") or ()))
    tests = [*(result.get("tests") or ()), *(back.get("tests") or ())]
    return {
        "name": name,
        "identity": str(result.get("identity") or ""),
        "login": str(login),
        "state": state,
        "reason": str(result.get("reason") or result.get("msg") or ""),
        "next": result.get("next"),
        "changes": list(_changes(result)) if state in _KEPT and result.get("changed") else [],
        "commands": [str(each) for each in sent] if result.get("changed") else [],
        "proofs": [
            {"entry": str(each["id"]), "outcome": str(each["outcome"]), "reason": str(each["reason"])} for each in tests
        ],
    }


def _changes(result: Mapping[str, Any]) -> Iterator[Change]:
    passwords = result.get("passwords") or {}
    before, after = result.get("before"), result.get("after")
    # Where one of them was not read, nothing is known to have changed.
    if before is None or after is None:
        before = after = {}
    for key in {**before, **after}:
        sent = {
            name.replace("_", "-") for name, state in passwords.get(key, {}).items() if state in ("set", "unverifiable")
        }
        yield from _of_entry(f"mail server {key!r}", before.get(key), after.get(key), sent)
    alerts = result.get("alert_events") or {}
    events, events_after = alerts.get("before"), alerts.get("after")
    if events is None or events_after is None:
        events = events_after = {}
    for event in {**events, **events_after}:
        was, now = events.get(event), events_after.get(event)
        yield from _of_entry(f"alert event {event!r}", was, now)
        inner, inner_after = ((each or {}).get(_DESTINATIONS, {}) for each in (was, now))
        for number in {**inner, **inner_after}:
            place = f"alert event {event!r} destination {number}"
            yield from _of_entry(place, inner.get(number), inner_after.get(number))


def _of_entry(
    place: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, sent: Collection[str] = ()
) -> Iterator[Change]:
    """Yield what is different in an entry. sent: passwords that were sent, which look alike before and afterwards."""
    if (was is None) != (now is None):
        before, after = ("there" if each is not None else None for each in (was, now))
        yield {"place": place, "option": "", "from": before, "to": after}
    old, new = ({name: _shown(name, value) for name, value in (each or {}).items()} for each in (was, now))
    for option in {**old, **new}:
        if option != _DESTINATIONS and (old.get(option) != new.get(option) or option in sent):
            again = "set again" if option in sent and option in old else new.get(option)
            yield {"place": place, "option": option, "from": old.get(option), "to": again}


def _shown(option: str, value: Any) -> str:
    return "set" if option in secret_options() else str(value)


# -- reading and showing -------------------------------------------------------------------------------------------


def read_run(text: str) -> RunDocument:
    """Return a document from JSON, with every text in it on one line and safe to show. Raises DocumentError."""
    data = loaded(text, RUN_SCHEMA, "playbooks/rollout.yml writes")
    check(data, RunDocument, "document")
    check_time(data["created"], "document.created")
    document: RunDocument = safe(data)
    return document


def as_result(device: DeviceRun) -> dict[str, Any]:
    """Return what rollout_report takes."""
    return {"state": device["state"], "reason": device["reason"], "next": device["next"]}


def head(document: RunDocument) -> str:
    """Return who ran what, when and where, in one line."""
    day = datetime.fromisoformat(document["created"]).astimezone(UTC)
    by = document["by"]
    return f"{document['job']} of {day:%Y-%m-%d %H:%M} UTC, by {by['user']} on {by['controller']}"


def change_text(change: Change) -> str:
    """Return a change in words, such as `mail server 'relay' port: 25 -> 587`."""
    place = visible(change["place"])
    if not change["option"]:
        return f"{place}: {'deleted' if change['to'] is None else 'created'}"
    was, now = (visible(change[name]) if change[name] is not None else "(not set)" for name in ("from", "to"))
    return f"{place} {change['option']}: {was} -> {now}"


def run_text(documents: Sequence[RunDocument], width: int | None = None) -> str:
    """Return documents for a terminal of some width: who and when, how the devices ended, and what changed on each."""
    parts = []
    for document in documents:
        lines = [
            visible(head(document)),
            rollout_report({each["name"]: as_result(each) for each in document["devices"]}, width),
        ]
        # Most devices of a fleet change in the same way.
        alike: dict[tuple[str, ...], list[str]] = {}
        for device in document["devices"]:
            alike.setdefault(tuple(map(change_text, device["changes"])), []).append(visible(device["name"]))
        for changes, names in alike.items():
            lines += ["", f"changed on {', '.join(names)}:", *(f"  {change}" for change in changes)] if changes else []
        parts.append("\n".join(lines))
    text = "\n\n".join(parts)
    fitting = (
        wrapped(line, width, rest="    ", keep_blanks=True) or [""] if width else [line] for line in text.split("\n")
    )
    return "\n".join(line for lines in fitting for line in lines)


def all_good(documents: Sequence[RunDocument]) -> bool:
    """Return whether every device of the documents ended proved or unchanged."""
    return all(device["state"] in _GOOD for document in documents for device in document["devices"])
