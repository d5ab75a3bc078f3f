# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module mail_path."""

from __future__ import annotations

from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction, Failure, check_limits, secret_values
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse, preload
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device, check_test_words
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.path import (
    Checks,
    WayChecked,
    check_way,
    checked_host,
    checked_interface,
    read_name_servers,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import mail_facts
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.examine import examine
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.findings import findings
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import records as parse

# As the templates in _task: read before Ansible forks.
preload()
findings()
parse.preload("ping", "traceroute", "sniffer_packet", "system_dns")

_LIMITS = {"port": 65535, "ping_seconds": 600, "traceroute_seconds": 600, "max_packets": 10_000}


class ActionModule(DeviceAction):
    def on_device(self, device: Device, options: dict[str, Any]) -> dict[str, Any]:
        _check(options)
        entries = mail_facts(device.mail_table(), device.status().firmware)
        entry = _entry(entries, options)
        host = checked_host(str(entry["server"] if entry else options["host"]))
        port = int(entry["port"] if entry else options["port"])
        read_name_servers(device)
        way = WayChecked(device.session.results)
        warnings: list[str] = []
        if not self._task.check_mode:
            attempt = None
            if options["attempt"] and entry:
                words = (str(entry["id"]), options["mail_from"] or "", options["mail_to"] or "")
                check_test_words(*words)

                def attempt() -> object:
                    return device.test_mailserver(*words)

            elif options["attempt"]:
                warnings.append(
                    f"no connection was attempted: no entry of config system mail leads to {host} port {port}, so only its "
                    "name and whether it answers a ping are known"
                )
            checks = Checks(
                ping=options["ping_seconds"],
                traceroute=options["traceroute_seconds"] if options["traceroute"] else 0,
                interface=options["interface"],
                max_packets=options["max_packets"],
            )
            way = check_way(
                device, lambda: self._connection.open_session(secret_values(options)), host, port, checks, attempt
            )
        warnings += way.warnings
        text, file = self.capture(device, options, "mail_path", way.results)
        return {
            "path": examine(text, analyse(text), host, port, str(entry["id"]) if entry else ""),
            **({"warnings": warnings} if warnings else {}),
            **({"capture_file": file} if file else {}),
        }


def _check(options: dict[str, Any]) -> None:
    if (options["id"] is None) == (options["host"] is None):
        raise Failure("name the mail server either by id, an entry of config system mail, or by host (and port)")
    if options["mail_to"] and not options["mail_from"]:
        raise Failure("mail_to needs mail_from: the device tells sender and recipient apart by their position")
    check_limits(options, _LIMITS)
    checked_interface(options["interface"])


def _entry(entries: list[dict[str, Any]], options: dict[str, Any]) -> dict[str, Any] | None:
    """The entry that is named, or the one that leads to the host and port."""
    if options["id"] is None:
        wanted = (options["host"], options["port"])
        return next((entry for entry in entries if (entry["server"], entry["port"]) == wanted), None)
    for entry in entries:
        if entry["id"] == options["id"]:
            if not entry["server"]:
                raise Failure(f"entry {entry['id']!r} of config system mail has no server; set one with system_mail")
            return entry
    known = ", ".join(str(entry["id"]) for entry in entries) or "none"
    raise Failure(f"there is no entry {options['id']!r} in config system mail; there is {known}")
