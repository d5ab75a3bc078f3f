# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: parse_show
short_description: Mail servers from the text of a configuration
version_added: 0.1.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Finds C(config system mail) in a pasted table, a terminal log or a whole backup, and returns its entries in the form that
    M(fortiops.mail.system_mail) takes, so that they can be compared, changed and pushed.
  - Needs no device. Options at their default are not in the text, so they are not in the result. A password is never returned;
    RV(_value[].passwd_set) is true where one is stored.
positional: _input
options:
  _input:
    description: Text of a configuration.
    type: string
    required: true
"""

EXAMPLES = r"""
- name: List the servers of a backup
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'faz-hq.conf') | fortiops.mail.parse_show | map(attribute='server') }}"
"""

RETURN = r"""
_value:
  description: Entries with C(id) and the options that are set.
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
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import Entry
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import entries_of
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.configuration import NoBlockError, read_block


def parse_show(text: Any) -> list[dict[str, Any]]:
    """Return the mail entries in the text of a configuration."""
    if not isinstance(text, str):
        raise AnsibleFilterError(f"fortiops.mail.parse_show takes text, not {type(text).__name__}")
    try:
        table = entries_of(read_block(str(text), "system mail"), system_mail())
    except NoBlockError as error:
        raise AnsibleFilterError(f"fortiops.mail.parse_show: {error}") from error
    return [{"id": key, **_options(entry)} for key, entry in table.items()]


def _options(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for option in system_mail().options:
        if option.name in entry:
            value = entry[option.name]
            if option.secret:
                row[f"{option.python_name}_set"] = True
            else:
                row[option.python_name] = int(value) if option.type == "integer" else value
    return row


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"parse_show": parse_show}
