# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module mail_test."""

from __future__ import annotations

from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction, Failure, check_limits
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse, preload
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device, check_test_words
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.mail_test import test_mail

# As the templates in _task: read before Ansible forks.
preload()


class ActionModule(DeviceAction):
    def on_device(self, device: Device, options: dict[str, Any]) -> dict[str, Any]:
        check_limits(options, {"debug_level": 255, "wait": 3600, "quiet": 3600}, may_be_zero=("wait", "quiet"))
        if options["mail_to"] and not options["mail_from"]:
            raise Failure("mail_to needs mail_from: the device tells sender and recipient apart by their position")
        check_test_words(options["id"], options["mail_from"] or "", options["mail_to"] or "")
        if self._task.check_mode:
            return {"skipped": True, "msg": "a test mail would be sent; nothing is sent in check mode"}
        test = test_mail(
            device,
            self._connection.journal(),
            options["id"],
            mail_from=options["mail_from"] or "",
            mail_to=options["mail_to"] or "",
            debug_level=options["debug_level"] if options["debug"] else 0,
            wait=options["wait"],
            quiet=options["quiet"],
            alone=self.alone,
            reconnect=self._connection.open_session,
        )
        text, file = self.capture(device, options, "mail_test")
        verdicts = analyse(text)["verdicts"]
        if not verdicts:
            raise Failure("the capture of the test holds no attempt to send, although one was made; please report this")
        return {
            "verdict": verdicts[-1],
            "counters": {"before": test.before, "after": test.after},
            "output": test.output.splitlines(),
            "debug_ended": test.ended,
            **({"capture_file": file} if file else {}),
        }
