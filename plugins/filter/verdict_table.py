# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: verdict_table
short_description: Table of devices and the outcome of their mail
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Returns a plain text table, one line for each device.
positional: _input
options:
  _input:
    description: Rows with the keys V(device), V(firmware), V(configured), V(outcome), V(cause) and V(owner).
    type: list
    elements: dict
    required: true
seealso:
  - module: fortiops.mail.mail_test
  - plugin: fortiops.mail.delivered
    plugin_type: test
"""

EXAMPLES = r"""
- name: Show the result
  ansible.builtin.debug:
    msg: "{{ (rows | fortiops.mail.verdict_table).splitlines() }}"
"""

RETURN = r"""
_value:
  description: The table, lines separated by line feeds.
  type: string
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import mappings, takes
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.table import verdict_table as _table


@takes("a list of rows with device, outcome and more, one for each device", AnsibleFilterError)
def verdict_table(rows: Any) -> str:
    """Return the table of devices and their verdicts."""
    return _table(mappings(rows, "device"))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"verdict_table": verdict_table}
