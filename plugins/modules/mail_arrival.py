#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_arrival
short_description: Wait for a test mail in the mailbox of its recipient
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - A mail server that accepted a mail may still lose it, hold it back or sort it out. This module waits for the mail where it has to
    arrive, reads the mailbox by IMAP, and returns how long the mail took, which servers passed it on, whether each did so over TLS, and
    what the last of them found of SPF, DKIM and DMARC.
  - It runs on the controller, logs in to no device and needs no connection to one. Nothing in the mailbox is changed, and no mail becomes
    read.
  - The task succeeds whether the mail arrives or not; assert on RV(arrived).
  - Only the header is read. Servers on the path wrote it, each for itself; RV(authentication) is what the server of the mailbox wrote.
options:
  imap:
    description: The mailbox, and how to log in to it.
    type: dict
    required: true
    suboptions:
      host:
        description: Name of the IMAP server.
        type: str
        required: true
      port:
        description: Its port; the default is 993, and 143 with O(imap.security=starttls).
        type: int
      security:
        description: V(imaps) is TLS from the first byte, V(starttls) insists on STARTTLS. A password is never sent in clear text.
        type: str
        choices: [imaps, starttls]
        default: imaps
      user:
        description: Account to log in with.
        type: str
        required: true
      passwd:
        description: Its password; mutually exclusive with O(imap.token).
        type: str
      token:
        description: An OAuth 2.0 access token, as Microsoft 365 and Gmail require it; it is sent with XOAUTH2.
        type: str
      mailbox:
        description: Name of the mailbox, as the server spells it.
        type: str
        default: INBOX
      ca_file:
        description: File with the certificates of the CAs to trust; the default are those of the controller.
        type: path
      validate_certs:
        description: Whether the certificate of the server must pass.
        type: bool
        default: true
  to:
    description: The recipient of the test mail.
    type: str
    required: true
  sender:
    description:
      - The sender of the test mail.
      - At least one of O(sender), O(device) and O(reply) is required. Any other mail to the same recipient would do otherwise.
    type: str
    default: ''
  device:
    description: A word that the device puts into the mail, such as its host name. It is looked for in sender, subject, message ID and the
      name under which the first server knows the device.
    type: str
    default: ''
  reply:
    description:
      - What the mail server replied when it accepted the mail, such as C(verdict.reply.text) of M(fortiops.mail.mail_test).
      - A mail in which one of the servers names the identifier of this reply is the test mail beyond doubt; RV(found_by) is C(queue_id).
    type: str
    default: ''
  since:
    description:
      - When the test mail was sent at the earliest, as C(2026-11-24T10:00:00+00:00) or in seconds since 1970. The default is ten minutes ago.
      - It is compared with the clock of the mailbox's server.
    type: str
  wait:
    description: Seconds to wait for the mail.
    type: float
    default: 120
  interval:
    description: Seconds between two looks.
    type: float
    default: 3
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.attributes.controller
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: It never reports a change.
seealso:
  - module: fortiops.mail.mail_test
"""

EXAMPLES = r"""
- name: Send a test mail from the device
  fortiops.mail.mail_test:
    id: relay
    mail_from: faz@example.com
    mail_to: noc@example.com
  register: test

- name: Wait for it where it has to arrive
  fortiops.mail.mail_arrival:
    imap:
      host: imap.example.com
      user: noc@example.com
      passwd: "{{ vault_noc_password }}"
    to: noc@example.com
    sender: faz@example.com
    reply: "{{ test.verdict.reply.text | default('') }}"
  register: mail

- name: It came over TLS all the way, within a minute
  ansible.builtin.assert:
    that:
      - mail.arrived
      - mail.delay < 60
      - mail.hops | rejectattr('tls') | length == 0
"""

RETURN = r"""
schema:
  description: C(fortiops.mail/arrival/1), see C(plugins/plugin_utils/schemas/arrival.json).
  returned: success
  type: str
arrived:
  description: Whether the mail arrived.
  returned: success
  type: bool
  sample: true
found_by:
  description:
    - What shows that it is the test mail. C(queue_id), an identifier of O(reply); C(sender) or C(device), a mail to the recipient
      with O(sender) or O(device), which may be another alert of the same device.
    - Null when nothing arrived.
  returned: success
  type: str
waited:
  description: How many seconds the task waited.
  returned: success
  type: float
delay:
  description:
    - Seconds from the first server to the mailbox, each by its own clock.
    - Null when nothing arrived, or the first server gave no time.
  returned: success
  type: float
message:
  description: C(subject), C(sender), C(message_id) and C(time) of the mail; null when nothing arrived.
  returned: success
  type: dict
hops:
  description: The servers that passed the mail on, the first one first.
  returned: success
  type: list
  elements: dict
  contains:
    sender:
      description: The name of the client, as it gave it.
      type: str
    receiver:
      description: The server.
      type: str
    protocol:
      description: How the mail came, such as C(ESMTPS).
      type: str
    tls:
      description: Whether it came over TLS; null where the server does not say so.
      type: bool
    tls_version:
      description: The version, such as C(tlsv1.3); null where the server does not say so.
      type: str
    id:
      description: The identifier of the mail at this server.
      type: str
    time:
      description: When it came, by the clock of the server, in UTC.
      type: str
authentication:
  description:
    - What the C(server) of the mailbox found of C(spf), C(dkim) and C(dmarc), such as C(pass); null for what it says nothing of.
    - Null when nothing arrived, or the server wrote no result.
  returned: success
  type: dict
cause:
  description: One stable word for what went wrong, for playbooks and reports.
  returned: failure
  type: str
"""
