# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of a host, made of what a device has, so that a fleet that exists can be adopted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml

from ..errors import FazmailError
from .schema import Table, system_alert_event, system_mail
from .written import written

_HEAD = """\
---
# What {name} had{source}. Applied to that device, it changes nothing.
"""
_SECRET = """\
# The device stores a password here, which cannot be read. To set it elsewhere, too, put the output of
#   ansible-vault encrypt_string --stdin-name {option}
# in place of the next line.
# {option}: !vault |
"""
_NOT_READ = "# Not read: {reason}\n# alert_events: []\n"
# What Ansible takes for a template.
_TEMPLATE = re.compile(r"\{[{%#]")


# What Ansible looks for after the name itself, in this order, and it takes the first.
_EXTENSIONS = (".yml", ".yaml", ".json")
# Names of files may have 255 bytes; one that is being written has more beside the name of its host.
_LONGEST_NAME = 200


class HostFileError(FazmailError):
    """Ansible would not read what is written as variables of a host."""

    cause = "host_file"


class _Unsafe(str):
    """A text of which Ansible makes no template."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"'))


def host_file(directory: Path, name: str) -> Path:
    """Return the file in a directory such as host_vars that Ansible reads for a host.

    Raises HostFileError for a name whose file Ansible does not find or that may leave the directory, and where it reads another
    file for this host.
    """
    if wrong := _unusable(name):
        raise HostFileError(f"no file of variables can be called as this host: its name {wrong}; expected another name")
    file = directory / f"{name}{_EXTENSIONS[0]}"
    for other in (directory / f"{name}{extension}" for extension in ("", *_EXTENSIONS[1:])):
        if os.path.exists(other):  # noqa: PTH110 - Path raises where the directory may not be read
            instead = f", such as {other}" if other.is_dir() else ""
            raise HostFileError(
                f"{other} is there, and Ansible reads only one of that and {file}; expected another directory{instead}"
            )
    return file


def _unusable(name: str) -> str:
    """Return what is wrong with the name of a host as the name of a file, "" for nothing."""
    if not name.isprintable():
        return "has a character that is not printable"
    if any(mark in name for mark in ("/", os.sep)):
        return "has a separator of folders"
    if not name or name.startswith("."):
        return "is empty" if not name else "begins with a dot"
    if "$" in name:
        return "has a $, after which Ansible puts in variables of the environment"
    if name.endswith(_EXTENSIONS):
        return f"ends with {os.path.splitext(name)[1]}, so that Ansible takes the file of another host"  # noqa: PTH122
    if len(name.encode()) > _LONGEST_NAME:
        return f"has more than {_LONGEST_NAME} bytes"
    return ""


def host_variables(
    name: str,
    mail_servers: Sequence[Mapping[str, Any]],
    alert_events: Sequence[Mapping[str, Any]] | None,
    source: str = "",
    unread: str = "",
) -> str:
    """Return the YAML text of `mail_servers` and `alert_events` for the variables of a host.

    The rows are as the modules return them; options at their default are left out. In place of a stored password there is a comment
    that says what to fill in. alert_events: None where they were not read, for the reason `unread`. source: what was read, and when.
    """
    text = _HEAD.format(name=_one_line(name), source=f", {_one_line(source)}" if source else "")
    text += "mail_servers:\n" if mail_servers else "mail_servers: []\n"
    for row in mail_servers:
        text += indent(_dumped([_plain(system_mail(), row)]), "  ")
        text += "".join(indent(_SECRET.format(option=name), "    ") for name in _secrets(row))
    if alert_events is None:
        return text + _NOT_READ.format(reason=_one_line(unread or "no reason was given"))
    events = [_plain(system_alert_event(), row) for row in written(system_alert_event(), list(alert_events))]
    return text + (f"alert_events:\n{indent(_dumped(events), '  ')}" if events else "alert_events: []\n")


def _secrets(row: Mapping[str, Any]) -> list[str]:
    return [each.python_name for each in system_mail().options if each.secret and row.get(f"{each.python_name}_set")]


def _plain(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row sets, in the order of the schema."""
    kept: dict[str, Any] = {table.task_key: _safe(row[table.task_key])}
    for option in table.options:
        value = row.get(option.python_name)
        if not option.secret and value not in (None, "") and str(value) != option.default:
            kept[option.python_name] = _safe(value)
    kept |= {f"{name}_set": True for name in _secrets(row)} if table is system_mail() else {}
    for inner in table.tables:
        if rows := row.get(inner.task_name):
            kept[inner.task_name] = [_plain(inner, each) for each in rows]
    return kept


def _safe(value: Any) -> Any:
    """Return the plain value, which in a playbook carries tags of Ansible."""
    if isinstance(value, int):
        return int(value)
    text = str.__str__(value)
    return _Unsafe(text) if _TEMPLATE.search(text) else text


def _dumped(rows: Sequence[Mapping[str, Any]]) -> str:
    # One line for each option, however long; escaped where YAML or a terminal might take it for something else.
    return yaml.dump(rows, Dumper=_Dumper, sort_keys=False, width=2**16)


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())
