# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module compliance_report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import MailAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.policy import Policy
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.waivers import read_waivers
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.files import earlier_documents, write_reports
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.fleet import fleet
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.history import compared
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.saved import contents, saved, saved_files


class ActionModule(MailAction):
    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        files = {name: Path(file) for name, file in options["reports"].items() if file}
        checked = rules(options["rules"], options["approved_relays"])
        waivers = read_waivers(options["waivers"], checked)
        earlier = earlier_documents(Path(options["since"]), must_exist=False) if options["since"] else []
        if paths := options["configurations"]:
            made, __ = saved(contents(saved_files(paths)), Policy(checked, waivers), paths)
        elif options["results"] is None:
            raise JobError("either results, of fortiops.mail.faz_facts, or configurations is required")
        else:
            results = options["results"]
            made = fleet(results, checked, waivers, groups=options["groups"], tests=options["tests"], earlier=earlier)
        document = read(json.dumps(made))
        if earlier:
            document = compared(document, earlier, options["fail_on"])
        summary = Assessment(document, options["fail_on"])
        if not self._task.check_mode:
            write_reports(summary, files)
        return {
            "changed": bool(files),
            "verdict": summary.verdict,
            "status": summary.status,
            "devices": summary.names,
            "messages": summary.messages,
            "files": [str(file) for file in files.values()],
            "document": document,
        }
