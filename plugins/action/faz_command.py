# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module faz_command."""

from __future__ import annotations

from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import faz_command


class ActionModule(DeviceAction):
    job = staticmethod(faz_command.work)
