# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that lead to the tables of the configuration, and print them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..device.config_tree import ConfigTable
from ..device.state import Device, Session
from ..device.texts import refuse, say
from .command import Command, EnterTable, Reply, Run


def table_commands(
    path: str, help: str, table: Callable[[Device], ConfigTable], arguments: tuple[tuple[str, str], ...] = ()
) -> Iterator[Command]:
    """The three commands of a table."""
    yield Command(("config", *path.split()), help, config(table))
    yield Command(("get", *path.split()), help, get(table), arguments)
    yield Command(("show", *path.split()), help, show(table), arguments)


def config(table: Callable[[Device], ConfigTable]) -> Run:
    def run(device: Device, _session: Session, _words: list[str]) -> Reply:
        return say("ha_secondary") if device.ha == "secondary" else EnterTable(table(device))

    return run


def show(table: Callable[[Device], ConfigTable]) -> Run:
    def run(device: Device, _session: Session, words: list[str]) -> Reply:
        return table(device).show(_chosen(table(device), words))

    return run


def show_all(device: Device, session: Session, _words: list[str]) -> Reply:
    """`show`: a head, then every table that is not empty, or that the administrator may not see (as FortiManager 7.6 prints it)."""
    firmware = device.model.firmware
    lines = say(
        "show_head",
        platform=device.model.platform_full_name.replace("FortiAnalyzer", "FAZ").replace("FortiManager", "FMG"),
        branch=".".join(map(str, firmware.version[:2])),
        build=f"{firmware.build or 0:04d}",
        date=device.model.version.split()[1],
    )
    if session.denied:
        lines.append("")
    for table in device.tables:
        path = table.schema.path
        if session.may_not(["show", *path]):
            lines += say("permission_denied", verb="show", rest=".".join(path))
        elif any(table.entries.values()) if table.single else table.entries:
            lines += table.show(table.entries)
    return lines


def get(table: Callable[[Device], ConfigTable]) -> Run:
    def run(device: Device, _session: Session, words: list[str]) -> Reply:
        chosen = _chosen(table(device), words)
        if words or table(device).single:
            return [line for key, values in chosen.items() for line in table(device).get_entry(key, values)]
        return table(device).get_table(chosen)

    return run


def _chosen(table: ConfigTable, words: list[str]) -> dict[str, dict[str, str]]:
    if not words:
        return table.entries
    check_exists(table, words[0])
    return {words[0]: table.entries[words[0]]}


def check_exists(table: ConfigTable, entry: str) -> None:
    """Raise CliError for an entry that the table does not have."""
    if entry not in table.entries:
        raise refuse("entry_not_found", value=entry)
