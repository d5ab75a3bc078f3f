# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_rollback
short_description: How to undo a change of mail servers
version_added: 0.1.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Takes the result of M(fortiops.mail.system_mail) and returns what restores the table to its state before.
  - Earlier passwords cannot be restored, because a device never shows them. The result names the entries concerned.
positional: _input
options:
  _input:
    description: Result of M(fortiops.mail.system_mail).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Configure
  fortiops.mail.system_mail:
    config: "{{ mail_servers }}"
  register: change

- name: Restore the earlier state
  fortiops.mail.system_mail:
    config: "{{ (change | fortiops.mail.mail_rollback).restore }}"
"""

RETURN = r"""
_value:
  description: What to do, and what cannot be done.
  type: dict
  contains:
    restore:
      description: Entries for O(fortiops.mail.system_mail#module:state=merged).
      type: list
      elements: dict
    delete:
      description: Entries for O(fortiops.mail.system_mail#module:state=deleted).
      type: list
      elements: dict
    passwords:
      description: Ids of entries with an earlier password that is lost, or may be.
      type: list
      elements: str
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.restore import restoration


def mail_rollback(result: Any) -> dict[str, Any]:
    """Return what undoes the change a result of system_mail describes."""
    if not isinstance(result, Mapping) or not {"before", "after", "passwords"} <= set(result):
        raise AnsibleFilterError(
            "fortiops.mail.mail_rollback takes the result of fortiops.mail.system_mail; this value has no `before` and `after`"
        )
    return asdict(restoration(result["before"], result["after"], result["passwords"]))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"mail_rollback": mail_rollback}
