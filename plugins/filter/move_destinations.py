# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: move_destinations
short_description: Alert events with another mail server in their destinations
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Takes alert events as they were read, and returns those whose mail destinations name one mail server, with another one in its place.
  - The result is what O(fortiops.mail.system_mail#module:alert_events) needs to move them, and nothing else.
positional: _input, old, new
options:
  _input:
    description: Events as RV(fortiops.mail.system_mail#module:gathered) or RV(fortiops.mail.system_alert_event_mail_info#module:events) has them.
    type: list
    elements: dict
    required: true
  old:
    description: The entry of C(config system mail) that the destinations name.
    type: string
    required: true
  new:
    description: The entry that they are to name.
    type: string
    required: true
seealso:
  - module: fortiops.mail.system_alert_event_mail
  - module: fortiops.mail.system_alert_event_mail_info
"""

EXAMPLES = r"""
- name: Move the alerts to the new relay, and delete the old one
  fortiops.mail.system_mail:
    config:
      - id: old-relay
    state: deleted
    alert_events: "{{ found.gathered.alert_events | fortiops.mail.move_destinations('old-relay', 'relay') }}"
"""

RETURN = r"""
_value:
  description: Events with C(event) and C(destinations).
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.alert_events import moved
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import mappings, takes


@takes("a list of alert events, each a dictionary with an event", AnsibleFilterError)
def move_destinations(events: Any, old: str, new: str) -> list[dict[str, Any]]:
    """Return the events whose destinations have to be moved."""
    return moved(mappings(events, "event"), str(old), str(new))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"move_destinations": move_destinations}
