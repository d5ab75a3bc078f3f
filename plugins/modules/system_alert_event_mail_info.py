#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_alert_event_mail_info
short_description: Read whom the alert events of a FortiAnalyzer or FortiManager mail
version_added: 0.1.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Reads the destinations of C(config system alert-event), compares them with C(config system mail), and returns whether anybody is
    mailed at all.
  - Reads the old object C(config system alertemail) as well, which names a mail server of its own.
  - Other things that may name a mail server, such as reports, are not read.
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.device
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
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
destinations:
  description: All destinations, of whatever type, with defaults filled in.
  returned: success
  type: list
  elements: dict
  contains:
    event:
      description: Name of the alert event.
      type: str
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
  sample: [{event: disk full, id: 1, type: mail, from: "", to: noc@example.com, smtp_name: relay}]
events:
  description: Names of all alert events, also of those without destinations.
  returned: success
  type: list
  elements: str
dangling:
  description: Those mail destinations whose C(smtp_name) is no entry of C(config system mail), as in RV(destinations).
  returned: success
  type: list
  elements: dict
mailed:
  description: Whether there is a destination that mails somebody through an entry that exists.
  returned: success
  type: bool
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
