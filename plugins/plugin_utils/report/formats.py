# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports that a compliance document can become: one entry for each format."""

from __future__ import annotations

import importlib
import json

from .assessment import Assessment

# A format NAME is made by the function as_NAME of the module as_NAME. From this table follow the options of `fazmail
# report`, the keys of `reports` in the module compliance_report (its documentation is held to it by a test) and in the
# playbook, and what docs/fleet.md lists.
FORMATS = {
    "json": "the document itself, of which each of the others can be made at any time",
    "html": "one page for people that needs nothing else",
    "junit": "JUnit XML, for CI",
    "csv": "one row for each finding, for spreadsheets",
    "prometheus": "for the textfile collector of Prometheus",
    "sarif": "SARIF 2.1.0, for code scanning",
    "markdown": "for chats and merge requests",
}


def converted(name: str, summary: Assessment) -> str:
    """Return the text of one report. Each converter is imported only when asked for."""
    if name == "json":
        return json.dumps(summary.data, indent=1) + "\n"
    module = importlib.import_module(f".as_{name}", __package__)
    text: str = getattr(module, f"as_{name}")(summary)
    return text
