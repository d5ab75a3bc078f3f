# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_findings
short_description: Compliance findings for the mail servers of a device
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Checks the result of M(fortiops.mail.faz_facts) or M(fortiops.mail.system_mail_info) against the rules of this collection.
  - M(fortiops.mail.system_mail_info) reads mail servers only. Rules about alerts need M(fortiops.mail.faz_facts).
  - Each rule gives at least one finding. A rule that does not apply gives C(not_applicable), one whose
    facts were not read C(not_assessed), never C(pass).
positional: _input, rules, waivers, device, approved_relays
options:
  _input:
    description: Result of M(fortiops.mail.faz_facts) or M(fortiops.mail.system_mail_info), or the facts C(ansible_facts.faz).
    type: dict
    required: true
  rules:
    description: Your own rules, and changes to those of the collection, as for O(fortiops.mail.compliance_report#module:rules).
    type: list
    elements: dict
    default: []
  waivers:
    description:
      - Agreed exceptions, as O(fortiops.mail.compliance_report#module:waivers) describes them. A finding that one covers is
        C(waived), not C(fail).
    type: list
    elements: dict
    default: []
  device:
    description: Name of the device in the waivers.
    type: str
    default: ""
  approved_relays:
    description: Mail servers that may be used, as for O(fortiops.mail.compliance_report#module:approved_relays).
    type: list
    elements: str
    default: []
seealso:
  - module: fortiops.mail.compliance_report
  - module: fortiops.mail.faz_facts
"""

EXAMPLES = r"""
- name: Read the facts
  fortiops.mail.faz_facts:
  register: facts

- name: No rule is broken
  ansible.builtin.assert:
    that: facts | fortiops.mail.mail_findings | selectattr('status', 'eq', 'fail') | length == 0

- name: No rule is broken, except where that was agreed
  ansible.builtin.assert:
    that: >-
      facts | fortiops.mail.mail_findings(waivers=waivers, device=inventory_hostname) | selectattr('status', 'eq', 'fail') | length == 0
"""

RETURN = r"""
_value:
  description: Findings with rule, title, severity, entry, status, detail, fix and refs.
  type: list
  elements: dict
"""

from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import takes
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy import rules as policy
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import Finding, findings
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.waivers import read_waivers, waive


@takes("the result of fortiops.mail.faz_facts or fortiops.mail.system_mail_info", AnsibleFilterError)
def mail_findings(
    result: Any, rules: Any = (), waivers: Any = (), device: str = "", approved_relays: Any = ()
) -> list[Finding]:
    """Return the findings for a result of faz_facts or system_mail_info, or for the facts themselves."""
    held_against = policy.rules(rules, approved_relays)
    agreed = read_waivers(waivers, held_against)
    return waive(findings(result, held_against), device, agreed, datetime.now(UTC).date())


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"mail_findings": mail_findings}
