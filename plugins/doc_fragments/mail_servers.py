# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The mail servers that a device should have, and how they are sent."""

    DOCUMENTATION = r"""
options:
  config:
    description:
      - Entries of the table. Required. Options that are left out, or null, keep their value.
      - Entries may be given as M(fortiops.mail.system_mail_info) or P(fortiops.mail.parse_show#filter) returns them. What can
        only be read, C(auth_enabled), has no effect, and a warning says so.
      - An empty string unsets an option that takes text. Other options are put back by naming their default.
      - Name all entries of a device in one task, which is one login. In a C(loop) over entries Ansible shows each item, its
        password included.
    type: list
    elements: dict
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
          - V(default) tries STARTTLS and continues in clear text when that fails; V(none) is clear text;
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
          - Exists in 6.4.6 and later; V(oauth2) in 7.6.7 and later, and perhaps in 7.6.6, which O(force=true) tries.
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
      passwd_set:
        description: V(true) keeps a stored password where O(state) would unset it, as in a row that was read. It sets none.
        type: bool
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
      oauth2_client_secret_set:
        description: V(true) keeps a stored client secret where O(state) would unset it. It sets none.
        type: bool
  update_password:
    description:
      - V(on_create) sends a password only to an entry that has none, so that a second run changes nothing.
      - V(on_change) sends it when it is not the one that was sent last, by O(fingerprint_file).
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
"""
