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
  - Holds the result of M(fortiops.mail.faz_facts) or M(fortiops.mail.system_mail_info) against the rules of this collection.
  - M(fortiops.mail.system_mail_info) knows mail servers only. Rules about alerts need M(fortiops.mail.faz_facts).
  - Each rule gives at least one finding; one that cannot be applied says C(not_applicable), never C(pass).
positional: _input
options:
  _input:
    description: Result of M(fortiops.mail.faz_facts) or M(fortiops.mail.system_mail_info), or the facts C(ansible_facts.faz).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the facts
  fortiops.mail.faz_facts:
  register: facts

- name: No rule is broken
  ansible.builtin.assert:
    that: facts | fortiops.mail.mail_findings | selectattr('status', 'eq', 'fail') | length == 0
"""

RETURN = r"""
_value:
  description: Findings with rule, title, severity, entry, status, detail, fix and refs.
  type: list
  elements: dictionary
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.results import findings


def mail_findings(result: Any) -> list[dict[str, Any]]:
    """Return the findings for a result of faz_facts or system_mail_info, or for the facts themselves."""
    try:
        return findings(result)
    except ValueError as error:
        raise AnsibleFilterError(f"fortiops.mail.mail_findings {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"mail_findings": mail_findings}
