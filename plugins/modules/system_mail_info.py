#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_mail_info
short_description: Read the mail servers of a FortiAnalyzer or FortiManager
version_added: 0.1.0
author:
  - The fortiops.mail maintainers
description:
  - Reads C(config system mail) over the command line and returns it with the defaults of the device's firmware filled in.
extends_documentation_fragment:
  - fortiops.mail.device
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
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
    - One element per entry, with every option that exists on the device's firmware. Dashes in names are underscores.
    - RV(entries[].port) is a number, RV(entries[].auth_enabled) and RV(entries[].passwd_set) are booleans.
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
    auth_enabled:
      description: Whether C(auth) is C(enable).
      type: bool
    passwd_set:
      description: Whether a password is stored.
      type: bool
  sample: [{id: relay, server: smtp.example.com, port: 587, secure_option: starttls, auth: enable, auth_enabled: true, passwd_set: true}]
device:
  description: Host name, family, version, build and platform of the device.
  returned: success
  type: dict
"""
