# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device in its own words: one method for each thing it can do over its CLI."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from ..errors import FazmailError
from ..firmware import Firmware
from ..shell.errors import CommandFailed
from ..shell.result import Result
from ..shell.session import Session
from ..templates.records import parse_output
from ..terminal.quoting import quote
from .desired import Entry, PlanError, check_quotable
from .schema import approval_matrix, system_alert_event, system_alertemail, system_global, system_mail
from .tables import (
    AlertEvents,
    DeviceError,
    NoTableError,
    alert_events_of,
    read_entries,
    read_object,
    show,
)

Value = TypeVar("Value")
PRIMARY = "primary"
# The serial number of a virtual machine before its license is loaded, such as FAZ-VM0000000001 (assumed).
_NO_LICENSE = re.compile(r"[A-Z]+-?VM0{8,}[0-9]")
_TIME = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d)(?: [\w+:-]+)? (\d{4})", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Status:
    """`get system status`: the firmware and, in `fields`, every line of it."""

    firmware: Firmware
    fields: dict[str, Any]

    @property
    def ha_mode(self) -> str:
        """The device's word for high availability. Devices before 6.2 have no such line, and no cluster of this kind."""
        return str(self.fields.get("ha_mode", ""))

    @property
    def in_cluster(self) -> bool:
        return self.ha_mode not in ("", "Stand Alone")


class Device:
    """A FortiAnalyzer or FortiManager behind a logged-in session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._status: Status | FazmailError | None = None

    def status(self) -> Status:
        """Return `get system status`, asked once per session.

        Raises DeviceError for another product and for other words, and what a session raises.
        """
        if self._status is None:
            try:
                self._status = self._read_status()
            except (DeviceError, CommandFailed) as error:
                self._status = error
        if isinstance(self._status, FazmailError):
            raise self._status
        return self._status

    def _read_status(self) -> Status:
        fields = self._row("get system status")
        try:
            firmware = Firmware.from_status(
                fields.get("platform_full_name", ""), fields.get("version", ""), fields.get("platform_type", "")
            )
        except ValueError as error:
            raise DeviceError(f"get system status: {error}") from error
        return Status(firmware, fields)

    def status_line(self, name: str) -> str:
        """Return a line of `get system status`, such as `serial_number`.

        Raises DeviceError where there is none, and as status() does.
        """
        if value := str(self.status().fields.get(name, "")):
            return value
        raise DeviceError(f"get system status shows no {name.replace('_', ' ')}")

    @property
    def firmware(self) -> str:
        """The firmware as captures name it; empty where it cannot be read."""
        try:
            return str(self.status().firmware)
        except (DeviceError, CommandFailed):
            return ""

    def identity(self) -> str:
        """Return what tells this device from every other: its serial number, or else the fingerprint of its host key.

        A serial number that every machine without a license has is no such thing by itself. Addresses, names and ports are ways
        to a device, and two devices may share them. Raises DeviceError where neither is known, and what a session raises.
        """
        try:
            serial = self.status_line("serial_number")
        except (DeviceError, CommandFailed) as error:
            # A restricted administrator may not be allowed to read the status.
            if not self.session.host_key:
                raise DeviceError(f"{error}, and the host key is not known") from error
            return self.session.host_key
        return f"{serial} {self.session.host_key}".strip() if _NO_LICENSE.fullmatch(serial) else serial

    def ha_units(self) -> list[dict[str, str]]:
        """Return the units of the cluster, this one first: role (`primary` or `secondary`), hostname, serial_number, address.

        Raises DeviceError.
        """
        rows = self._rows("diagnose ha status")
        names = ("hostname", "serial_number", "address")
        return [{"role": row["role"].lower(), **{name: str(row.get(name, "")) for name in names}} for row in rows]

    def mail_table(self) -> dict[str, Entry]:
        """Return the entries of `config system mail` by id, see read_entries()."""
        return read_entries(self.session, system_mail())

    def alert_events(self) -> AlertEvents:
        """Return `config system alert-event`. Raises as show() does."""
        return alert_events_of(show(self.session, system_alert_event()))

    def approval_matrix(self) -> dict[str, Entry]:
        """Return `config system workflow approval-matrix` by ADOM; none where the firmware lacks it. Raises as mail_table()."""
        try:
            return read_entries(self.session, approval_matrix())
        except NoTableError:
            return {}

    def alertemail(self) -> Entry:
        """Return `config system alertemail`, see read_object()."""
        return read_object(self.session, system_alertemail())

    def fazmaild_usage(self) -> list[dict[str, Any]]:
        """Return the tests `diagnose test application fazmaild` offers: rows of number and meaning. Raises DeviceError."""
        # An integer that is not assigned prints the usage; `?` would act at once and leave the line typed.
        return self._daemon_rows(0)

    def fazmaild_status(self) -> dict[str, Any]:
        """Return what test 1 prints (pid, state); a key that is missing was not recognised. Raises DeviceError."""
        return self._daemon_rows(1)[0]

    def fazmaild_statistics(self) -> dict[str, Any]:
        """Return what test 2 prints: sent, failed, discarded, queue_length, queue_limit, queue_timeout, last times.

        `last_sent_age` are the seconds since the last mail, by the clock of the device, where both times were read.
        Raises DeviceError.
        """
        row = self._daemon_rows(2)[0]
        now = self._status.fields.get("current_time", "") if isinstance(self._status, Status) else ""
        times = _moment(str(row.get("last_sent_time", ""))), _moment(str(now))
        if times[0] is not None and times[1] is not None:
            # The status was read before the counters.
            row["last_sent_age"] = max(0, int((times[1] - times[0]).total_seconds()))
        return row

    def fazmaild_test(self, number: int) -> Result:
        """Run one numbered test of the daemon, such as 90 (pause), 91 (resume) or 99 (restart).

        Should the device ask for confirmation, it is given: the user has named the test. What the test did is to be read
        afterwards.
        """
        return self.session.run(f"diagnose test application fazmaild {number}", check=False, answer="y")

    def test_mailserver(
        self, entry_id: str, mail_from: str = "", mail_to: str = "", total: float | None = None
    ) -> Result:
        """Run `diagnose test connection mailserver` for one entry of the mail table; total: seconds it may take.

        Raises PlanError for words that no command can hold.
        """
        check_test_words(entry_id, mail_from, mail_to)
        words = [quote(word) for word in (entry_id, mail_from, mail_to) if word]
        return self.session.run(
            f"diagnose test connection mailserver {' '.join(words)}", check=False, idle=total, total=total
        )

    def _daemon_rows(self, number: int) -> list[dict[str, Any]]:
        """Return the records of a numbered test of the daemon. Raises DeviceError, which says so where there is no daemon."""
        try:
            return self._rows(f"diagnose test application fazmaild {number}")
        except (CommandFailed, DeviceError) as error:
            status = self._status if isinstance(self._status, Status) else None
            if status is None or status.firmware.family != "FortiManager":
                raise
            raise DeviceError(
                f"{error}; {self._faz_features()} (config system global, faz-status), and without them a FortiManager has no mail daemon"
            ) from None

    def _faz_features(self) -> str:
        """Return whether the features of FortiAnalyzer are on, as a clause."""
        try:
            value = read_object(self.session, system_global()).get("faz-status", "")
        except (CommandFailed, DeviceError):
            value = ""
        known = {"disable": "the features of FortiAnalyzer are off", "enable": "the features of FortiAnalyzer are on"}
        return known.get(value, "the features of FortiAnalyzer may be off")

    def _rows(self, command: str) -> list[dict[str, Any]]:
        """Return the records of a command. Raises DeviceError where there are none."""
        firmware = self._status.firmware if isinstance(self._status, Status) else None
        printed = self.session.run(command)
        rows = parse_output(command, printed.raw, firmware)
        if not rows:
            raise DeviceError(f"{command}: {printed.said}, which is not what this command is known to print")
        return rows

    def _row(self, command: str) -> dict[str, Any]:
        return self._rows(command)[0]


def _moment(text: str) -> datetime | None:
    """Return a local time such as `Wed Mar 27 05:54:32 PDT 2024`, with or without the zone; None for anything else."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    try:
        # Not strptime: months of another language are none of the device's.
        hour, minute, second = map(int, match[3].split(":"))
        return datetime(int(match[4]), _MONTHS.index(match[1]) + 1, int(match[2]), hour, minute, second)
    except ValueError:
        return None


def check_test_words(entry_id: str, mail_from: str, mail_to: str) -> None:
    """Raise PlanError unless these words can be typed; which is which the device tells by their position only."""
    if not entry_id:
        raise PlanError("id is empty; expected an entry of config system mail")
    for name, word in (("id", entry_id), ("mail_from", mail_from), ("mail_to", mail_to)):
        check_quotable(name, word)


def reasons(unread: Mapping[str, str]) -> str:
    """Return why values could not be read, in one line. Values with one reason share it."""
    names: dict[str, list[str]] = {}
    for name, why in unread.items():
        names.setdefault(why, []).append(name)
    return "; ".join(f"{', '.join(each)} ({why})" for why, each in names.items())


class UnreadValues(dict[str, str]):
    """What could not be read, by name, with the device's words."""

    def tried(self, name: str, read: Callable[[], Value]) -> Value | None:
        """Return what `read` returns, or None and remember why. What is read after all is not unread."""
        try:
            value = read()
        except (CommandFailed, DeviceError) as error:
            self[name] = str(error)
            return None
        self.pop(name, None)
        return value
