# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write an Ansible inventory of the running devices."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from ..plugins.plugin_utils.whole_file import write_errors, write_private
from .ssh.server import DeviceServer

_GROUPS = {"FortiAnalyzer": "fortianalyzer", "FortiManager": "fortimanager"}
# What says of each device how to reach it is never shared.
_OF_A_HOST = (
    "ansible_host",
    "ansible_port",
    "ansible_user",
    "ansible_password",
    "ansible_fortiops_mail_host_key_fingerprint",
)


def inventory(devices: Iterable[DeviceServer]) -> dict[str, Any]:
    """Return the inventory: groups by product, and for each device how to reach it and which host key it must show.

    A variable that all devices have in common is written once.
    """
    devices = list(devices)
    first = devices[0].spec.variables if devices else {}
    shared = {
        name: value
        for name, value in first.items()
        if name not in _OF_A_HOST and all(server.spec.variables.get(name, ...) == value for server in devices)
    }
    groups: dict[str, Any] = {group: {"hosts": {}} for group in _GROUPS.values()}
    for server in devices:
        spec = server.spec
        groups[_GROUPS[server.appliance.device.model.family]]["hosts"][spec.name] = {
            "ansible_host": spec.address,
            "ansible_port": spec.port,
            "ansible_user": spec.username,
            "ansible_password": spec.password,
            "ansible_fortiops_mail_host_key_fingerprint": server.fingerprint,
            **{name: value for name, value in spec.variables.items() if name not in shared},
        }
    return {"all": {"vars": {"ansible_connection": "fortiops.mail.cli", **shared}, "children": groups}}


def write_inventory(path: Path, devices: Iterable[DeviceServer]) -> None:
    """Write the inventory in one step, readable by its owner only: it holds passwords. Raises WriteError."""
    text = "---\n" + yaml.safe_dump(inventory(devices), sort_keys=False)
    with write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, text)
