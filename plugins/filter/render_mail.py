# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: render_mail
short_description: Command lines that create mail servers
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Returns the commands that M(fortiops.mail.system_mail) would send to a device without entries, for review.
  - Needs no device. Passwords are replaced by a placeholder.
positional: _input, firmware
options:
  _input:
    description: Entries, as M(fortiops.mail.system_mail) takes them.
    type: list
    elements: dict
    required: true
  firmware:
    description: Product and version the lines are for, such as V(FortiAnalyzer 7.4.2).
    type: string
    required: true
seealso:
  - module: fortiops.mail.system_mail
  - plugin: fortiops.mail.parse_show
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the commands
  ansible.builtin.debug:
    msg: "{{ mail_servers | fortiops.mail.render_mail('FortiManager 7.6.7') }}"
"""

RETURN = r"""
_value:
  description: Command lines.
  type: list
  elements: string
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.relays import with_presets
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.written import written
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import mappings, takes
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor


@takes("a list of entries, each a dictionary with an id", AnsibleFilterError)
def render_mail(entries: Any, firmware: str) -> list[str]:
    """Return the command lines for some entries."""
    rows = mappings(entries, "id")
    known = Firmware.from_text(str(firmware))
    # As the module does, which takes 1 for "1".
    named = [
        {**entry, "id": str(entry["id"]) if isinstance(entry["id"], int) else entry["id"]}
        for entry in written(system_mail(), rows)
    ]
    plan = plan_entries(system_mail(), [with_presets(entry, known) for entry in named], {}, known)
    redactor = Redactor()
    return [redactor.text(line.command) for line in plan.lines]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"render_mail": render_mail}
