# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module system_mail_info."""

from __future__ import annotations

from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import system_mail_info


class ActionModule(DeviceAction):
    job = staticmethod(system_mail_info.work)
