# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_report
short_description: Table of devices and how a rollout ended
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Returns plain text, a sentence with the number of devices in each state, a table of devices, and what to do next.
positional: _input
options:
  _input:
    description: Results of M(fortiops.mail.mail_rollout) by device. An empty result is of a device that was not visited.
    type: dict
    required: true
seealso:
  - module: fortiops.mail.mail_rollout
"""

EXAMPLES = r"""
- name: Show how the devices ended
  ansible.builtin.debug:
    msg: "{{ (results | fortiops.mail.rollout_report).splitlines() }}"
"""

RETURN = r"""
_value:
  description: The report, lines separated by line feeds.
  type: string
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import mapping, takes
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.rollout import rollout_report as _report


@takes("a dictionary of results of fortiops.mail.mail_rollout by device", AnsibleFilterError)
def rollout_report(results: Any) -> str:
    """Return the report on results of mail_rollout by device."""
    return _report({str(name): mapping(result) for name, result in mapping(results).items()})


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"rollout_report": rollout_report}
