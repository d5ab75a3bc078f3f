#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_alert_event_mail_info
short_description: Read alert events and their mail destinations
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Reads the destinations of C(config system alert-event), compares them with C(config system mail), and returns whether anybody is
    mailed at all.
  - Reads the old object C(config system alertemail) as well, which has its own mail server.
  - Reads C(config system workflow approval-matrix) too, which names a mail server for each ADOM.
  - Report outputs and event handlers, which may name one as well, cannot be read over the command line; RV(not_seen) says so.
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.device
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: It never reports a change.
options: {}
seealso:
  - module: fortiops.mail.system_alert_event_mail
  - module: fortiops.mail.system_mail_info
"""

EXAMPLES = r"""
- name: Read whom alert events mail
  fortiops.mail.system_alert_event_mail_info:
  register: alerts

- name: Somebody is mailed, and no destination lost its server
  ansible.builtin.assert:
    that:
      - alerts.mailed
      - alerts.dangling == []
"""

RETURN = r"""
events:
  description:
    - All alert events, with defaults filled in, as O(fortiops.mail.system_alert_event_mail#module:config) takes them.
    - Defaults of what triggers an event are assumed.
  returned: success
  type: list
  elements: dict
  contains:
    event:
      description: Name of the alert event.
      type: str
    enable_severity_filter:
      description: C(enable) or C(disable).
      type: str
    severity_filter:
      description: The severity that a log needs.
      type: str
    severity_level_comp:
      description: How the level of a log is compared.
      type: str
    severity_level_logs:
      description: The level that a log needs.
      type: str
    enable_generic_text:
      description: C(enable) or C(disable).
      type: str
    generic_text:
      description: The text that a log must contain.
      type: str
    num_events:
      description: How many logs trigger the event.
      type: str
    event_time_period:
      description: Within how many hours.
      type: str
    destinations:
      description: All of its destinations, of any type.
      type: list
      elements: dict
      contains:
        id:
          description: Number of the destination within its event.
          type: int
        type:
          description: C(mail), C(snmp) or C(syslog).
          type: str
        from:
          description: Address of the sender.
          type: str
        to:
          description: Address of the recipient.
          type: str
        smtp_name:
          description: Name of the entry of C(config system mail).
          type: str
  sample: [{event: disk full, num_events: "1", destinations: [{id: 1, type: mail, from: "", to: noc@example.com, smtp_name: relay}]}]
dangling:
  description: Those mail destinations whose C(smtp_name) is no entry of C(config system mail), each with its C(event).
  returned: success
  type: list
  elements: dict
mailed:
  description: Whether there is a destination that mails somebody through an entry that exists.
  returned: success
  type: bool
approval_matrix:
  description: Who is notified of changes that wait for approval, for each ADOM; empty where the firmware has no such table.
  returned: success
  type: list
  elements: dict
  contains:
    adom:
      description: Name of the ADOM.
      type: str
    mail_server:
      description: Name of the entry of C(config system mail).
      type: str
    notify:
      description: Who is notified.
      type: str
  sample: [{adom: root, mail_server: relay, notify: approvers@example.com}]
not_seen:
  description: What may name a mail server and cannot be read over the command line.
  returned: success
  type: list
  elements: str
  sample: [report outputs, event handlers]
alertemail:
  description: The old object C(config system alertemail), with defaults filled in.
  returned: success
  type: dict
  contains:
    smtpserver:
      description: Its SMTP server; empty when the object is not used.
      type: str
    smtpport:
      description: TCP port.
      type: int
    authentication:
      description: C(enable) or C(disable).
      type: str
    smtpuser:
      description: Account name.
      type: str
    smtppassword_set:
      description: Whether a password is stored.
      type: bool
    fromaddress:
      description: Address of the sender.
      type: str
    fromname:
      description: Name of the sender.
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
cause:
  description: One stable word for what went wrong, for playbooks and reports.
  returned: failure
  type: str
"""
