#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_mail_info
short_description: Read the mail servers of a FortiAnalyzer or FortiManager
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Reads C(config system mail) over the command line and returns it with the defaults of the device's firmware filled in.
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
  - module: fortiops.mail.system_mail
"""

EXAMPLES = r"""
- name: Read the mail servers
  fortiops.mail.system_mail_info:
  register: mail

- name: No credentials in clear text
  ansible.builtin.assert:
    that: item.secure_option != 'none' or not item.auth_enabled
  loop: "{{ mail.entries }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
entries:
  description:
    - One element per entry, with every option that exists on the device's firmware and beside the entry's other values, such as
      RV(entries[].local_cert) with certificates only. Dashes in names are underscores.
    - What a device does not show is at its default, and so in the result.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Name of the entry.
      type: str
    server:
      description: SMTP server.
      type: str
    port:
      description: TCP port.
      type: int
    secure_option:
      description: How the connection is protected.
      type: str
    ssl_protocol:
      description: Lowest TLS version.
      type: str
    auth:
      description: C(enable) or C(disable).
      type: str
    auth_enabled:
      description: Whether RV(entries[].auth) is C(enable).
      type: bool
    auth_type:
      description: C(psk), C(certificate) or C(oauth2).
      type: str
    local_cert:
      description: Name of the local certificate.
      type: str
    user:
      description: Account name.
      type: str
    passwd_set:
      description: Whether a password is stored.
      type: bool
    from:
      description: Sender address.
      type: str
    oauth2_auth_server:
      description: Token server.
      type: str
    oauth2_auth_scope:
      description: Scope to ask for.
      type: str
    oauth2_client_id:
      description: Client id.
      type: str
    oauth2_client_secret_set:
      description: Whether a client secret is stored.
      type: bool
  sample: [{id: relay, server: smtp.example.com, port: 587, secure_option: starttls, auth: enable, auth_enabled: true, passwd_set: true}]
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
