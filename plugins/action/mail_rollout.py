# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module mail_rollout."""

from __future__ import annotations

from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import preload
from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import FazmailError
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import mail_rollout, rollout_end

preload()


class ActionModule(DeviceAction):
    job = staticmethod(mail_rollout.work)

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        try:
            return super().work(options)
        except rollout_end.RolloutError:
            raise
        except FazmailError as error:
            raise rollout_end.not_begun(error) from error
