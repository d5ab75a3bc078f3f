# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries and alert events as they were before a push, kept on the controller until the push is proved or taken back.

The file is on the disk before the first line is typed, so that whatever ends the controller, the next run can take back what
was begun. It holds passwords as the device shows them, encrypted, and only its owner can read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import FazmailError
from ..firmware import Firmware
from ..own_files import DamagedFileError, LockedFile, file_name, loaded, set_aside
from ..templates.records import integer
from ..terminal.configuration import Block
from .alert_events import AlertPlan, plan_alert_events_restored
from .desired import Encrypted, Entry
from .plan import Plan, plan_deleted, plan_entries
from .schema import Table, alert_destination, system_alert_event, system_mail
from .tables import AlertEvents


class RestoreError(FazmailError):
    """The restore point cannot be used. The message names the file and says what to do."""

    cause = "restore_point"


@dataclass(frozen=True)
class Before:
    """What a push began from.

    entries: the mail table by id, passwords as `ENC` and a token. touched: the ids of the entries that the push changes,
    creates or deletes. secrets: by id, the password options whose stored value the push replaces or loses. alerts: the alert
    events, where the push is about any.
    """

    entries: dict[str, Entry]
    touched: list[str]
    secrets: dict[str, list[str]]
    alerts: AlertsBefore | None = None


@dataclass(frozen=True)
class AlertsBefore:
    """The alert events that a push began from, and the keys of the events and destinations that it touches."""

    observed: AlertEvents
    events: list[str]
    destinations: list[str]


def before(plan: Plan, shown: Block, alerts: AlertPlan | None = None) -> Before:
    """Return what a push begins from. shown: the mail table that was planned on, as it was read."""
    table = plan.table
    secrets = {option.name: option.python_name for option in table.options if option.secret}
    entries = {key: dict(entry) for key, entry in plan.before.items()}
    for key, entry in entries.items():
        for name in secrets.keys() & entry.keys():
            entry[name] = shown.entries[key].options[name]
    lost = {
        key: [
            name
            for name, python_name in secrets.items()
            if name in plan.before.get(key, {})
            and (name not in plan.after.get(key, {}) or plan.passwords.get(key, {}).get(python_name) == "set")
        ]
        for key in plan.touched
    }
    of_alerts = None
    if alerts is not None:
        events, destinations = alerts.plans
        observed = AlertEvents(dict(events.before), dict(destinations.before))
        of_alerts = AlertsBefore(observed, events.touched, destinations.touched)
    return Before(entries, plan.touched, {key: names for key, names in lost.items() if names}, of_alerts)


@dataclass(frozen=True)
class RestorePlan:
    """How to bring back what was touched, in the order of `plans`: old entries, alert events, and the end of new entries.

    `lost` are the passwords, by entry and option, that cannot be restored because no form of them is known.
    """

    plans: tuple[Plan, ...]
    lost: list[tuple[str, str]]
    alerts: AlertPlan | None

    @property
    def changed(self) -> bool:
        return any(plan.changed for plan in self.plans)


def plan_restored(
    earlier: Before,
    observed: Mapping[str, Entry],
    alerts: AlertEvents | None,
    firmware: Firmware,
    passwords: Mapping[tuple[str, str], str],
) -> RestorePlan:
    """Plan to bring what was touched back to what it was, whatever it is now.

    alerts: the alert events now, where any were touched. passwords: earlier passwords by id and option, as far as the caller
    knows them; in place of a missing one the encrypted text is sent.
    """
    table = system_mail()
    desired = []
    lost: list[tuple[str, str]] = []
    for key in earlier.touched:
        if key not in earlier.entries:
            continue
        entry = earlier.entries[key]
        wanted: dict[str, Any] = {table.task_key: key}
        for option in table.options:
            value: str | None = entry.get(option.name, "")
            if option.secret and value:
                value = _password(earlier, key, option.name, passwords)
                if value is None and option.name in earlier.secrets.get(key, ()):
                    lost.append((key, option.name))
            # An option that this firmware lacks and nobody has set is not touched.
            if value or option.name in observed.get(key, {}):
                wanted[option.python_name] = value
        desired.append(wanted)
    new = [{table.task_key: key} for key in earlier.touched if key not in earlier.entries]
    edits = plan_entries(table, desired, observed, firmware, update_password="always", force=True)
    restored = None
    if earlier.alerts is not None and alerts is not None:
        was = earlier.alerts
        restored = plan_alert_events_restored(was.observed, was.events, was.destinations, alerts, firmware)
    of_alerts = restored.plans if restored else ()
    return RestorePlan((edits, *of_alerts, plan_deleted(table, new, edits.after)), lost, restored)


def _password(earlier: Before, key: str, name: str, passwords: Mapping[tuple[str, str], str]) -> str | None:
    """The text to set an earlier password to; None where it is still stored, or no form of it is known."""
    if name not in earlier.secrets.get(key, ()):
        return None
    if (key, name) in passwords:
        return passwords[key, name]
    text = earlier.entries[key][name]
    return Encrypted(text) if text.startswith("ENC ") else None


class RestorePoint:
    """The file of one device; whoever changes the device holds a lock on it. device: the identity of the device."""

    def __init__(self, directory: Path, device: str) -> None:
        self.path = directory / f"restore-{file_name(device)}.json"
        self._file = LockedFile(self.path, device)

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Open and lock the file; yields whether no other process on this controller holds it. Raises RestoreError."""
        with ExitStack() as stack:
            try:
                held = stack.enter_context(self._file.locked())
            except OSError as error:
                raise self._unwritable(error) from error
            yield held

    def write(self, earlier: Before) -> None:
        """Bring what a push begins from to the disk. Raises RestoreError."""
        created = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            self._file.write(
                created=created,
                entries=earlier.entries,
                touched=earlier.touched,
                secrets=earlier.secrets,
                **({"alerts": asdict(earlier.alerts)} if earlier.alerts else {}),
            )
        except OSError as error:
            raise self._unwritable(error) from error

    def clear(self) -> None:
        """Remove what was kept: nothing has to be taken back any more."""
        self._file.clear()

    def read(self) -> Before | None:
        """Return what an earlier run began from and neither proved nor took back; None when there is nothing.

        A damaged file is set aside. Raises RestoreError for one, and for the file of another device.
        """
        data = self._file.content()
        if not data:
            return None
        if not data.endswith(b"\n"):
            # The controller stopped while it was written, and so before the first line was typed.
            self.clear()
            return None
        try:
            entry = _checked(loaded(data))
        except DamagedFileError as error:
            try:
                aside = set_aside(self.path, data)
                self.clear()
            except OSError as full:
                raise self._unwritable(full) from full
            raise RestoreError(
                f"{self.path}, which keeps the mail entries as they were before an interrupted change, was damaged: {error}. Its "
                f"content is now in {aside.name}. What the entries were is not known; compare them with what you want, and "
                "run the task again"
            ) from None
        if entry["device"] != self._file.device:
            raise RestoreError(
                f"{self.path} keeps the mail entries of the device {entry['device']}, and this is {self._file.device}; move the "
                "file back to where it belongs, or remove it"
            )
        alerts = entry.get("alerts")
        if alerts is not None:
            alerts = AlertsBefore(AlertEvents(**alerts["observed"]), alerts["events"], alerts["destinations"])
        return Before(entry["entries"], entry["touched"], entry["secrets"], alerts)

    def _unwritable(self, error: OSError) -> RestoreError:
        return RestoreError(
            f"{self.path}, which keeps the mail entries as they were before a change, cannot be written: {error.strerror}; "
            "nothing was sent. Set ansible_fortiops_mail_state_dir to a directory this user may write to"
        )


def left_open(directory: Path, device: str) -> str:
    """Return what whoever changes a device should know of a rollout that is neither proved nor taken back; "" for none."""
    path = RestorePoint(directory, device).path
    if not path.exists():
        return ""
    return (
        f"a rollout of this device was interrupted, or goes on: {path} keeps the entries as they were before it, and the next "
        "rollout brings them back first; do that now with fortiops.mail.rollout -e mail_state=recovered"
    )


def _checked(entry: Any) -> Mapping[str, Any]:
    """Return the content of a restore point if it is one. Raises DamagedFileError."""
    names = {option.name for option in system_mail().options}
    if not isinstance(entry, dict) or not isinstance(entry.get("device"), str):
        raise DamagedFileError("it names no device")
    entries, touched, secrets = entry.get("entries"), entry.get("touched"), entry.get("secrets")
    if not isinstance(entries, dict) or not all(_is_entry(each, names) for each in entries.values()):
        raise DamagedFileError("its entries are none")
    if not _are_texts(touched):
        raise DamagedFileError("the list of touched entries is none")
    if not isinstance(secrets, dict) or not all(
        key in entries and _are_texts(each) and set(each) <= set(entries[key]) for key, each in secrets.items()
    ):
        raise DamagedFileError("the list of passwords is none")
    if not _are_alerts(entry.get("alerts")):
        raise DamagedFileError("its alert events are none")
    return entry


def _are_alerts(alerts: Any) -> bool:
    if alerts is None:
        return True
    if not isinstance(alerts, dict) or not isinstance(observed := alerts.get("observed"), dict):
        return False
    tables = {"events": system_alert_event(), "destinations": alert_destination()}
    return all(
        _are_texts(alerts.get(name))
        and isinstance(entries := observed.get(name), dict)
        and all(_is_entry(each, {option.name for option in table.options}) for each in entries.values())
        and all(_is_key(table, key) for key in (*entries, *alerts[name]))
        for name, table in tables.items()
    )


def _is_key(table: Table, key: str) -> bool:
    *outer, own = table.split(key)
    return "" not in (*outer, own) and (table.key_type != "integer" or isinstance(integer(own), int))


def _is_entry(entry: Any, names: set[str]) -> bool:
    return isinstance(entry, dict) and set(entry) <= names and all(isinstance(each, str) for each in entry.values())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
