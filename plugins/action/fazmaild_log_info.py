# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module fazmaild_log_info."""

from __future__ import annotations

from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import MailAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse_file, document
from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import FazmailError


class ActionModule(MailAction):
    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        files = []
        for path in options["paths"]:
            try:
                files += analyse_file(path if path != "-" else "./-")
            except OSError as error:
                raise FazmailError(
                    f"log file {path!r} cannot be read: {error.strerror}; paths takes files on the controller", "input"
                ) from error
        return {"changed": False, **document(files)}
