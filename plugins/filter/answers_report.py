# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: answers_report
short_description: Table of devices and answers, with remedies
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Returns plain text, a table of devices and below it the explanation and remedy for each mail that does not leave.
positional: _input
options:
  _input:
    description: Rows with the keys V(device), V(server) and V(answer), the last from the filter P(fortiops.mail.mail_answer#filter).
    type: list
    elements: dict
    required: true
seealso:
  - plugin: fortiops.mail.mail_answer
    plugin_type: filter
  - plugin: fortiops.mail.verdict_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the answers
  ansible.builtin.debug:
    msg: "{{ (rows | fortiops.mail.answers_report).splitlines() }}"
"""

RETURN = r"""
_value:
  description: The report, lines separated by line feeds.
  type: string
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import mapping, mappings, takes
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.answers import answers_report as _report


@takes("a list of rows with device, server and answer, the last from fortiops.mail.mail_answer", AnsibleFilterError)
def answers_report(rows: Any) -> str:
    """Return the report on devices and their answers."""
    given = mappings(rows, "device", "server", "answer")
    for row in given:
        mapping(row["answer"], "outcome")
    return _report(given)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"answers_report": answers_report}
