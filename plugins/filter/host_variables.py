# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: host_variables
short_description: Variables of a host from what its device has
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Returns the YAML text of C(mail_servers) and C(alert_events), to be kept as variables of the host. Applied to that device they change
    nothing.
  - In place of each stored password there is a comment that says what to fill in. A text that Ansible would take for a template is C(!unsafe).
positional: _input, name
options:
  _input:
    description: A result of M(fortiops.mail.system_mail) with O(fortiops.mail.system_mail#module:state=gathered).
    type: dict
    required: true
  name:
    description: Name of the host, for the head of the text.
    type: string
    required: true
seealso:
  - plugin: fortiops.mail.host_vars_file
    plugin_type: filter
  - module: fortiops.mail.faz_facts
  - module: fortiops.mail.system_mail
"""

EXAMPLES = r"""
- name: Keep what the device has
  ansible.builtin.copy:
    content: "{{ found | fortiops.mail.host_variables(inventory_hostname) }}"
    dest: "{{ inventory_hostname | fortiops.mail.host_vars_file(inventory_dir ~ '/host_vars') }}"
    mode: "0644"
    force: false
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The text of a YAML file.
  type: string
"""

from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.gathered import host_variables as _text
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import mapping, takes


@takes("a result of fortiops.mail.system_mail with state: gathered", AnsibleFilterError)
def host_variables(result: Any, name: str) -> str:
    """Return the variables of a host as YAML."""
    found = mapping(mapping(result, "gathered")["gathered"], "mail_servers", "alert_events")
    device = result.get("device") or {}
    words = [" ".join(str(device[each]) for each in ("family", "version") if each in device)]
    source = ", ".join(each for each in (*words, f"read on {datetime.now(UTC):%Y-%m-%d}") if each)
    unread = str(result.get("unread", {}).get("alert_events", ""))
    return _text(str(name), found["mail_servers"], found["alert_events"], source, unread)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"host_variables": host_variables}
