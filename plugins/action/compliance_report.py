# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module compliance_report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import MailAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.waivers import read_waivers
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import Assessment, read
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.fleet import fleet
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.formats import write_reports


class ActionModule(MailAction):
    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        files = {name: Path(file) for name, file in options["reports"].items() if file}
        held_against = rules(options["rules"])
        waivers = read_waivers(options["waivers"], held_against)
        document = json.dumps(fleet(options["results"], held_against, waivers))
        summary = Assessment(read(document), options["fail_on"])
        if not self._task.check_mode:
            write_reports(summary, files)
        groups = ("broken", "minor", "partly", "clean", "not_assessed")
        return {
            "changed": bool(files),
            "verdict": summary.verdict,
            "status": summary.status,
            "devices": {group: [device["name"] for device in getattr(summary, group)] for group in groups},
            "files": [str(file) for file in files.values()],
        }
