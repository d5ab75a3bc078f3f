# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module mail_arrival."""

from __future__ import annotations

from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import MailAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.mail_arrival import work


class ActionModule(MailAction):
    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"changed": False, **work(options)}
