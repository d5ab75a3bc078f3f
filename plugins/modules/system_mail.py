#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_mail
short_description: Mail servers of a FortiAnalyzer or FortiManager
version_added: 0.1.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Creates, completes and deletes entries of C(config system mail) over the command line.
  - Reads the table, plans the commands, and sends only what differs. Check mode, diff and apply share that plan.
  - After a push the table is read back and compared. A refused line aborts the entry.
  - An option that the device's firmware lacks is refused before anything is sent.
  - An entry that a destination of an alert event names is not deleted, in whatever O(state), unless O(force=true). Other things that
    may name a mail server, such as reports, are not read.
  - Nothing can be read of a stored password but that there is one. The result says what was done with it.
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.device
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  config:
    description:
      - Entries of the table. Options that are left out, or null, keep their value.
      - An empty string unsets an option that takes text. Other options are put back by naming their default.
      - All entries of a device belong into one task, which is one login. In a C(loop) over entries Ansible shows each item, its
        password included.
    type: list
    elements: dict
    required: true
    suboptions:
      id:
        description: Name of the entry, up to 63 characters. Blanks and colons are allowed.
        type: str
        required: true
      relay:
        description:
          - A public relay whose server, port and protection are filled in where they are not named.
          - V(gmail) needs an app password. V(google_workspace_relay) is allowed by the device's address. V(microsoft365) needs
            O(config[].auth_type=oauth2), so firmware that has it. V(amazon_ses) needs O(config[].server), which depends on the
            region. V(sendgrid) takes an API key as password.
        type: str
        choices: [gmail, google_workspace_relay, microsoft365, amazon_ses, sendgrid]
      server:
        description: Name or address of the SMTP server.
        type: str
      port:
        description: TCP port of the SMTP server, 1 to 65535. The device's default is 25.
        type: int
      secure_option:
        description:
          - How the connection is protected. The device's default is V(default).
          - V(default) tries STARTTLS and goes on in clear text when that fails; V(none) is clear text;
            V(smtps) is TLS from the first byte; V(starttls) insists on STARTTLS.
        type: str
        choices: [default, none, smtps, starttls]
      ssl_protocol:
        description:
          - Lowest TLS version. The device's default is V(follow-global-ssl-protocol).
          - Exists in 7.4.4 and later of 7.4, and in 7.6.2 and later.
        type: str
        choices: [follow-global-ssl-protocol, sslv3, tlsv1.0, tlsv1.1, tlsv1.2, tlsv1.3]
      auth:
        description: Whether to authenticate. The device's default is V(disable).
        type: str
        choices: [disable, enable]
      auth_type:
        description:
          - V(psk) is user and password, V(certificate) a local certificate. The device's default is V(psk).
          - Exists in 6.4.6 and later; V(oauth2) in 7.6.7.
        type: str
        choices: [certificate, oauth2, psk]
      local_cert:
        description: Name of the local certificate, with O(config[].auth_type=certificate).
        type: str
      user:
        description: Account name.
        type: str
      passwd:
        description: Password of the account, up to 63 characters, with O(config[].auth_type=psk). See O(update_password).
        type: str
      from:
        description:
          - Sender address (MAIL FROM).
          - Exists in 7.0.7 and later of 7.0, and in 7.2.2 and later.
        type: str
      oauth2_auth_server:
        description: Token server, with O(config[].auth_type=oauth2).
        type: str
      oauth2_auth_scope:
        description: Scope to ask for, with O(config[].auth_type=oauth2).
        type: str
      oauth2_client_id:
        description: Client id, with O(config[].auth_type=oauth2).
        type: str
      oauth2_client_secret:
        description: Client secret, with O(config[].auth_type=oauth2). See O(update_password).
        type: str
  state:
    description:
      - V(merged) creates or completes the entries.
      - V(replaced) also puts options that are not named back to their defaults, stored passwords included.
      - V(overridden) is V(replaced), and deletes every entry that is not named.
      - V(deleted) deletes the entries with these ids; entries that do not exist are no error.
    type: str
    choices: [merged, replaced, overridden, deleted]
    default: merged
  update_password:
    description:
      - V(on_create) sends a password only to an entry that has none, so that a second run changes nothing.
      - V(on_change) sends it when it is not the one that was sent last, as far as O(fingerprint_file) knows.
      - V(always) sends it on every run, and every run is then C(changed).
    type: str
    choices: [always, on_change, on_create]
    default: on_create
  fingerprint_file:
    description:
      - File on the controller that remembers a keyed fingerprint of each password that was sent, never the password.
      - Needed for O(update_password=on_change); the other settings keep it up to date as well.
    type: path
  force:
    description:
      - Overwrite an entry although somebody else changed it between reading and writing.
      - Send options and choices that the firmware is not known to have.
      - Delete entries although destinations of alert events name them.
    type: bool
    default: false
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

- name: Remove an old entry
  fortiops.mail.system_mail:
    config:
      - id: old-relay
    state: deleted
"""

RETURN = r"""
before:
  description: The table before, without options at their default. A password shows as C(ENC).
  returned: success
  type: dict
  sample: {relay: {server: smtp.example.com, port: "25"}}
after:
  description: The table afterwards; in check mode, as it would be.
  returned: success
  type: dict
commands:
  description: The command lines that were sent, or would be sent in check mode, without secrets.
  returned: success, and when a push failed
  type: list
  elements: str
  sample: [config system mail, edit "relay", set port 587, next, end]
reasons:
  description: Why each of the RV(commands) is sent.
  returned: success
  type: list
  elements: str
passwords:
  description:
    - Per entry and password option, C(set), C(unchanged_assumed) (one is stored, which cannot be compared),
      C(unchanged_fingerprint) (it is the one that was sent last), or C(unverifiable) (it was sent, and the device does not show
      that one is stored).
  returned: success
  type: dict
  sample: {relay: {passwd: unchanged_assumed}}
applied:
  description:
    - How much of a failed push is stored, as the table shows that is read back, C(no), C(partly), C(yes) or C(unknown).
  returned: when a push failed
  type: str
references:
  description: The alert destinations that name the entries to be deleted, as event and id below each entry.
  returned: when RV(cause) is C(referenced)
  type: dict
  sample: {relay: [{event: disk full, id: 1}]}
cause:
  description:
    - Why a push failed, one of C(referenced) (an alert destination names an entry that would be deleted, or may), C(privilege) (the
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
