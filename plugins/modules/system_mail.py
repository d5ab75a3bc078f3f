#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_mail
short_description: Mail servers of a FortiAnalyzer or FortiManager
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Creates, completes and deletes entries of C(config system mail) over the command line.
  - Reads the table, plans the commands, and sends only what differs. Check mode, diff and apply share that plan.
  - After a push the table is read back and compared. A refused line aborts the entry.
  - An option that the device's firmware lacks is refused before anything is sent.
  - An entry that a destination of an alert event or the approval matrix of an ADOM names is not deleted, unless
    O(force=true). Report outputs and event handlers, which may name one as well, cannot be read over the command line.
  - Of a stored password only its existence can be read. RV(passwords) has what was done with it.
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.device
  - fortiops.mail.alert_events
  - fortiops.mail.mail_servers
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(update_password=always) it sends the passwords each time, and reports a change.
options:
  state:
    description:
      - V(merged) creates or completes the entries.
      - V(replaced) also puts options that are not named back to their defaults, stored passwords included.
      - V(overridden) is V(replaced), and deletes every entry that is not named.
      - V(deleted) deletes the entries with these ids; entries that do not exist are no error.
      - V(gathered) changes nothing, needs no O(config), and returns what the device has as RV(gathered), alert events included.
    type: str
    choices: [merged, replaced, overridden, deleted, gathered]
    default: merged
seealso:
  - module: fortiops.mail.mail_test
  - module: fortiops.mail.system_alert_event_mail
  - module: fortiops.mail.system_mail_info
"""

EXAMPLES = r"""
- name: Send alert mail through the submission port
  fortiops.mail.system_mail:
    config:
      - id: relay
        server: smtp.example.com
        port: 587
        secure_option: starttls
        auth: enable
        user: alerts@example.com
        passwd: "{{ vault_relay_password }}"

- name: Rotate the password when it has changed
  fortiops.mail.system_mail:
    config:
      - id: relay
        passwd: "{{ vault_relay_password }}"
    update_password: on_change
    fingerprint_file: ~/.ansible/fortiops.mail/fingerprints.json

- name: Send through Gmail, and through nothing else
  fortiops.mail.system_mail:
    config:
      - id: gmail
        relay: gmail
        user: alerts@example.com
        passwd: "{{ vault_gmail_app_password }}"
    state: overridden

- name: A server, and whom to mail through it when the disk is full
  fortiops.mail.system_mail:
    config:
      - id: relay
        server: smtp.example.com
    alert_events:
      - event: disk full
        destinations:
          - id: 1
            to: noc@example.com
            smtp_name: relay

- name: Read what the device has, to keep it in the inventory
  fortiops.mail.system_mail:
    state: gathered
  register: found

- name: Remove an old entry
  fortiops.mail.system_mail:
    config:
      - id: old-relay
    state: deleted
"""

RETURN = r"""
before:
  description: The table before, without options at their default. A password shows as C(ENC).
  returned: success, unless O(state=gathered)
  type: dict
  sample: {relay: {server: smtp.example.com, port: "25"}}
after:
  description: The table afterwards; in check mode, as it would be.
  returned: success, unless O(state=gathered)
  type: dict
commands:
  description: The command lines that were sent, or would be sent in check mode, without secrets.
  returned: success, unless O(state=gathered), and when a push failed
  type: list
  elements: str
  sample: [config system mail, edit "relay", set port 587, next, end]
reasons:
  description: Why each of the RV(commands) is sent.
  returned: success, unless O(state=gathered)
  type: list
  elements: str
gathered:
  description:
    - What the device has, without options at their default, as C(mail_servers) and C(alert_events) in the form of O(config) and O(alert_events).
      The filter P(fortiops.mail.host_variables#filter) makes a file of it.
    - C(alert_events) is null where it could not be read. Of a password there is only that one is stored, as C(passwd_set).
  returned: when O(state=gathered)
  type: dict
  sample: {mail_servers: [{id: relay, server: smtp.example.com, passwd_set: true}], alert_events: []}
alert_events:
  description: The alert events C(before) and C(after), in the device's words, with their destinations by number.
  returned: when O(alert_events) names any
  type: dict
passwords:
  description:
    - Per entry and password option, C(set), C(unchanged_assumed) (one is stored, which cannot be compared),
      C(unchanged_fingerprint) (it is the one that was sent last), or C(unverifiable) (it was sent, and the device does not show
      that one is stored).
  returned: success, unless O(state=gathered)
  type: dict
  sample: {relay: {passwd: unchanged_assumed}}
applied:
  description:
    - How much of a failed push is stored, as the table shows that is read back, C(no), C(partly), C(yes) or C(unknown).
  returned: when a push failed
  type: str
not_seen:
  description: What may name a deleted entry and cannot be read over the command line.
  returned: when entries are deleted, and when RV(cause) is C(referenced)
  type: list
  elements: str
  sample: [report outputs, event handlers]
references:
  description: What names the entries to be deleted, below each entry, alert destinations as event and id, and approval matrices as adom.
  returned: when RV(cause) is C(referenced)
  type: dict
  sample: {relay: [{event: disk full, id: 1}]}
cause:
  description:
    - Why a push failed, one of C(referenced) (another table names an entry that would be deleted, or may), C(privilege) (the
      administrator lacks the right), C(conflict) (somebody else changed an entry meanwhile), C(refused) (the device answered a line with
      text, or with the wrong prompt), C(echo) (a line did not reach the device as it was typed, and was not submitted), C(connection) (the
      session was lost) and C(read_back) (the device stored something else, or what it stored cannot be read).
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
  sample: {hostname: FAZ-HQ, family: FortiAnalyzer, version: 7.4.2, build: 2397, platform: FAZVM64}
"""
