# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module fazmaild_debug."""

from __future__ import annotations

from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction, check_limits
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse, preload
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.debug import debugging
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device

# As the templates in _task: read before Ansible forks.
preload()


class ActionModule(DeviceAction):
    def on_device(self, device: Device, options: dict[str, Any]) -> dict[str, Any]:
        check_limits(options, {"level": 255, "seconds": 86400, "max_lines": 10**7, "max_bytes": 2**30})
        if self._task.check_mode:
            return {"skipped": True, "msg": "debug would be switched on; nothing is done in check mode"}
        journal, reconnect = self._connection.journal(), self._connection.open_session
        with debugging(device.session, journal, options["level"], reconnect) as before:
            ended = device.session.listen(
                options["seconds"], max_bytes=options["max_bytes"], max_lines=options["max_lines"], enough=self.alone
            )
        text, file = self.capture(device, options, "fazmaild_debug")
        log = analyse(text)
        return {
            "ended": ended,
            **{key: log[key] for key in ("status", "lines", "records", "unmatched", "verdicts")},
            "restored": {"level": before.level, "output": before.output, "timestamps": before.timestamps},
            **({"capture_file": file} if file else {}),
        }
