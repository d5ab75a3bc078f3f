# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: parse_show
short_description: Mail servers or alert events from the text of a configuration
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Finds C(config system mail) or C(config system alert-event) in a pasted table, a terminal log or a whole backup, and returns it in the form
    that M(fortiops.mail.system_mail) takes as O(fortiops.mail.system_mail#module:config) and
    O(fortiops.mail.system_mail#module:alert_events), so that it can be compared, changed and pushed.
  - Needs no device. Options at their default are not in the text, so they are not in the result. A password is never returned;
    RV(_value[].passwd_set) is true where one is stored.
positional: _input, table
options:
  _input:
    description: Text of a configuration.
    type: string
    required: true
  table:
    description: The table to find.
    type: string
    choices: [mail, alert-event]
    default: mail
seealso:
  - module: fortiops.mail.system_mail_info
  - plugin: fortiops.mail.records
    plugin_type: filter
"""

EXAMPLES = r"""
- name: List the servers of a backup
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'faz-hq.conf') | fortiops.mail.parse_show | map(attribute='server') }}"

- name: List the alert events of a backup
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'faz-hq.conf') | fortiops.mail.parse_show('alert-event') | map(attribute='event') }}"
"""

RETURN = r"""
_value:
  description: Entries with C(id), or events with C(event) and C(destinations), and the options that are set.
  type: list
  elements: dict
  contains:
    id:
      description: Name of the entry.
      type: str
    passwd_set:
      description: True when a password is stored, left out otherwise.
      type: bool
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import alert_events_of, entries_of
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.written import event_rows, mail_rows
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import takes, text
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.configuration import read_block

_TABLES = {
    "mail": lambda block: mail_rows(entries_of(block, system_mail())),
    "alert-event": lambda block: event_rows(alert_events_of(block)),
}


@takes("the text of a configuration", AnsibleFilterError)
def parse_show(shown: Any, table: str = "mail") -> list[dict[str, Any]]:
    """Return the rows of a table in the text of a configuration."""
    if table not in _TABLES:
        raise ValueError(f"table is {table!r}, expected one of {', '.join(_TABLES)}")
    return _TABLES[table](read_block(text(shown), f"system {table}"))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"parse_show": parse_show}
