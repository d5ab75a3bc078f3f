# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_findings
short_description: Compliance findings for the mail servers of a device
version_added: 0.1.0
author:
  - The fortiops.mail maintainers
description:
  - Holds the result of M(fortiops.mail.system_mail_info) against the rules of this collection.
  - Each rule gives at least one finding; one that cannot be applied says C(not_applicable), never C(pass).
positional: _input
options:
  _input:
    description: Result of M(fortiops.mail.system_mail_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the mail servers
  fortiops.mail.system_mail_info:
  register: mail

- name: No rule is broken
  ansible.builtin.assert:
    that: mail | fortiops.mail.mail_findings | selectattr('status', 'eq', 'fail') | length == 0
"""

RETURN = r"""
_value:
  description: Findings with rule, title, severity, entry, status, detail, fix and refs.
  type: list
  elements: dictionary
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.firmware import Firmware
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import check


def mail_findings(result: Any) -> list[dict[str, Any]]:
    """Return the findings for a result of system_mail_info."""
    if not isinstance(result, Mapping) or "entries" not in result or "device" not in result:
        raise AnsibleFilterError(
            "fortiops.mail.mail_findings takes the result of fortiops.mail.system_mail_info; this value has no `entries` and `device`"
        )
    device = result["device"]
    return check(result["entries"], Firmware.from_text(f"{device['family']} {device['version']}"))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"mail_findings": mail_findings}
