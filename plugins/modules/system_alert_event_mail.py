#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_alert_event_mail
short_description: Alert events and their mail destinations on a FortiAnalyzer or FortiManager
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Creates and completes alert events of C(config system alert-event) and their mail destinations over the command line. Without a
    destination nobody is mailed, however well C(config system mail) is configured.
  - An event is never deleted. One that does not exist is created, and the result warns of it.
  - Destinations of other types (SNMP, syslog) are left alone, unless O(force=true).
  - Reads the table, plans the commands, and sends only what differs. Check mode, diff and apply share that plan.
  - After a push the table is read back and compared. A refused line aborts the event.
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.device
  - fortiops.mail.alert_events.config
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description:
      - V(merged) creates or completes the events and destinations.
      - V(deleted) deletes the destinations with these numbers; those that do not exist are no error. Options of events have no effect.
    type: str
    choices: [merged, deleted]
    default: merged
  force:
    description:
      - Name a mail server that does not exist, or leave O(config[].destinations[].to) or O(config[].destinations[].smtp_name) empty. A run in
        check mode needs it where another task creates the server; O(fortiops.mail.system_mail#module:alert_events) does not.
        A destination that is so on the device already needs it only where something else of it changes; the result warns of it.
      - Change and delete destinations of another type than mail.
      - Overwrite a destination although somebody else changed it between reading and writing.
    type: bool
    default: false
seealso:
  - module: fortiops.mail.system_alert_event_mail_info
  - module: fortiops.mail.system_mail
"""

EXAMPLES = r"""
- name: Mail the network operation centre when the disk is full
  fortiops.mail.system_alert_event_mail:
    config:
      - event: disk full
        num_events: 5
        event_time_period: 24
        destinations:
          - id: 1
            from: faz@example.com
            to: noc@example.com
            smtp_name: relay

- name: Remove the destination
  fortiops.mail.system_alert_event_mail:
    config:
      - event: disk full
        destinations:
          - id: 1
    state: deleted
"""

RETURN = r"""
before:
  description: All events before, in the device's words, without options at their default, with their destinations by number.
  returned: success
  type: dict
  sample: {disk full: {num-events: "5", alert-destination: {"1": {to: noc@example.com, smtp-name: relay}}}}
after:
  description: All events afterwards; in check mode, as they would be.
  returned: success
  type: dict
commands:
  description: The command lines that were sent, or would be sent in check mode.
  returned: success, and when a push failed
  type: list
  elements: str
  sample: [config system alert-event, edit "disk full", config alert-destination, edit 1, set smtp-name "relay", next, end, next, end]
reasons:
  description: Why each of the RV(commands) is sent.
  returned: success
  type: list
  elements: str
applied:
  description: How much of a failed push is stored, as RV(fortiops.mail.system_mail#module:applied).
  returned: when a push failed
  type: str
cause:
  description: Why a push failed, as RV(fortiops.mail.system_mail#module:cause).
  returned: when a push failed
  type: str
unread:
  description: For each value that could not be read, and is null, the reason in the device's words. One warning names all of them.
  returned: success
  type: dict
  sample: {}
device:
  description: Host name, family, version, build and platform of the device; null where the device did not tell.
  returned: success
  type: dict
"""
