# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module mail_path."""

from __future__ import annotations

from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import preload
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import mail_path
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.findings import findings

# Read before Ansible forks, as in _preload.
preload()
findings()


class ActionModule(DeviceAction):
    job = staticmethod(mail_path.work)
