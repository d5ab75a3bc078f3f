# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that ansible.netcommon.network_cli wants of a platform: sending one command."""

from __future__ import annotations

from typing import Any

from ansible_collections.ansible.netcommon.plugins.plugin_utils.cliconf_base import CliconfBase

DOCUMENTATION = """
name: device
short_description: Commands of the benchmark's devices
description: Sends one command at a time.
version_added: 0.1.0
author: The fortiops.mail maintainers
"""


class Cliconf(CliconfBase):
    def get_config(self, *args: Any, **kwargs: Any) -> str:
        return str(self.send_command("show system mail"))

    def edit_config(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    def get(self, command: str, **kwargs: Any) -> str:
        return str(self.send_command(command))

    def get_device_info(self) -> dict[str, str]:
        return {"network_os": "bench.peer.device"}
