# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

_SUBOPTIONS = r"""
    type: list
    elements: dict
    suboptions:
      event:
        description: Name of the alert event, up to 63 characters.
        type: str
        required: true
      enable_severity_filter:
        description: Whether logs need a severity to trigger the event, see O(OPTION[].severity_filter).
        type: str
        choices: [disable, enable]
      severity_filter:
        description: The severity that a log needs.
        type: str
        choices: [high, medium-high, medium, medium-low, low]
      severity_level_comp:
        description: How the level of a log is compared with O(OPTION[].severity_level_logs).
        type: str
        choices: ['>=', '=', '<=']
      severity_level_logs:
        description: The level that a log needs; V(no-check) for any.
        type: str
        choices: [no-check, information, notify, warning, error, critical, alert, emergency]
      enable_generic_text:
        description: Whether logs need a text to trigger the event, see O(OPTION[].generic_text).
        type: str
        choices: [disable, enable]
      generic_text:
        description: The text that a log must contain.
        type: str
      num_events:
        description: How many such logs within O(OPTION[].event_time_period) trigger the event.
        type: str
        choices: ['1', '5', '10', '50', '100']
      event_time_period:
        description: The period in hours.
        type: str
        choices: ['0.5', '1', '3', '6', '12', '24', '72', '168']
      destinations:
        description: Who is mailed. Destinations that are not named, and those of other types (SNMP, syslog), are left as they are.
        type: list
        elements: dict
        suboptions:
          id:
            description: Number of the destination within its event, 1 or more.
            type: int
            required: true
          to:
            description: Address of the recipient. A destination needs one.
            type: str
          from:
            description: Address of the sender.
            type: str
          smtp_name:
            description:
              - Name of the entry of C(config system mail) to send through. A destination needs one.
              - A name that will not be in that table is refused before anything is sent, unless O(force=true).
            type: str
"""


class ModuleDocFragment:
    """The alert events that a device should have: beside its mail servers, or (CONFIG) as what a task is about."""

    DOCUMENTATION: str = f"""
options:
  alert_events:
    description:
      - Alert events, in the same login. They are planned on the mail table as it will be, so that a destination may name an entry which
        the task creates, and an entry may be deleted once the task has moved its destinations.
      - Options and destinations that are left out keep their value in each O(state). An event is never deleted.
      - Events may be given as RV(fortiops.mail.system_alert_event_mail_info#module:events) returns them. What can only be read has no
        effect, and a warning says so.
{_SUBOPTIONS.replace("OPTION", "alert_events")}
"""

    CONFIG: str = f"""
options:
  config:
    description:
      - Alert events. Options and destinations that are left out, or null, keep their value; an empty string unsets an option that takes
        text.
      - Events may be given as RV(fortiops.mail.system_alert_event_mail_info#module:events) returns them. What can only be read has no
        effect, and a warning says so.
    required: true
{_SUBOPTIONS.replace("OPTION", "config")}
"""
