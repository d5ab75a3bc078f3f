# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: cli
short_description: SSH command line of FortiAnalyzer and FortiManager
version_added: 0.1.0
author:
  - The fortiops.mail maintainers
description:
  - Logs in to the interactive command line of a FortiAnalyzer or FortiManager with paramiko, once per task.
  - Only the modules of this collection use it. Ordinary modules need Python on the host, which these devices do not have;
    set C(gather_facts=false) in plays.
  - An unknown host key is refused before the password is sent.
requirements:
  - paramiko >= 3.5, < 6
options:
  host:
    description: Name or address of the device.
    type: string
    default: inventory_hostname
    vars:
      - name: inventory_hostname
      - name: ansible_host
      - name: ansible_ssh_host
  port:
    description: TCP port of the device's SSH service.
    type: integer
    default: 22
    vars:
      - name: ansible_port
      - name: ansible_ssh_port
    keyword:
      - name: port
  remote_user:
    description: Administrator to log in as.
    type: string
    default: admin
    vars:
      - name: ansible_user
      - name: ansible_ssh_user
    keyword:
      - name: remote_user
  password:
    description: Password of the administrator, or the passphrase of O(private_key_file).
    type: string
    vars:
      - name: ansible_password
      - name: ansible_ssh_pass
      - name: ansible_ssh_password
  private_key_file:
    description: Private key to log in with instead of the password.
    type: path
    vars:
      - name: ansible_ssh_private_key_file
      - name: ansible_private_key_file
  host_key_fingerprint:
    description:
      - SHA256 fingerprint the device's host key must have, as OpenSSH prints it (C(SHA256:...)).
      - When it is set, known_hosts files are not read.
    type: string
    default: ""
    vars:
      - name: ansible_fortiops_mail_host_key_fingerprint
  known_hosts:
    description: Files with known host keys, in OpenSSH form.
    type: list
    elements: path
    default: [~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts]
    vars:
      - name: ansible_fortiops_mail_known_hosts
  connect_limit:
    description: Seconds for the TCP connection, and again for the SSH negotiation.
    type: float
    default: 10
    vars:
      - name: ansible_fortiops_mail_connect_limit
  login_limit:
    description: Seconds from sending the credential to the first prompt.
    type: float
    default: 30
    vars:
      - name: ansible_fortiops_mail_login_limit
  command_idle_limit:
    description: Seconds a running command may be silent.
    type: float
    default: 60
    vars:
      - name: ansible_fortiops_mail_command_idle_limit
  command_total_limit:
    description: Seconds one command may take in all.
    type: float
    default: 180
    vars:
      - name: ansible_fortiops_mail_command_total_limit
  state_dir:
    description:
      - Directory on the controller for what must outlive an interrupted task, such as the debug level to restore.
    type: path
    default: ~/.ansible/fortiops.mail
    vars:
      - name: ansible_fortiops_mail_state_dir
    env:
      - name: FORTIOPS_MAIL_STATE_DIR
"""

EXAMPLES = r"""
# inventory.yml
fortianalyzer:
  hosts:
    faz-hq:
      ansible_host: 192.0.2.10
      ansible_fortiops_mail_host_key_fingerprint: SHA256:uNiVztksCsDhcc0u9e8BrJXm4ZhyEhGbC2yCyHwxU+k
  vars:
    ansible_connection: fortiops.mail.cli
    ansible_user: automation
    ansible_password: "{{ vault_faz_password }}"
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.debug import Journal
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh import Target, connect
from ansible_collections.fortiops.mail.plugins.plugin_utils.text.redact import Redactor

NAME = "fortiops.mail.cli"


class Connection(ConnectionBase):
    """Holds who, where and how to log in; opens one session for one task."""

    transport = NAME
    has_pipelining = False

    def open_session(self, secrets: Iterable[str] = ()) -> Session:
        """Connect and return a session, to be used as a context manager, that never shows the secrets.

        Raises the errors of plugin_utils.shell.errors.
        """
        password = self.get_option("password")
        limits = Limits(
            connect=self.get_option("connect_limit"),
            login=self.get_option("login_limit"),
            command_idle=self.get_option("command_idle_limit"),
            command_total=self.get_option("command_total_limit"),
        )
        key_file = self.get_option("private_key_file")
        target = Target(
            host=str(self.get_option("host")),
            port=self.get_option("port"),
            user=str(self.get_option("remote_user")),
            password=str(password) if password is not None else None,
            key_file=Path(key_file) if key_file else None,
            host_key_fingerprint=str(self.get_option("host_key_fingerprint")),
            known_hosts=tuple(Path(file) for file in self.get_option("known_hosts")),
        )
        redactor = Redactor([*secrets, *([target.password] if target.password else [])])
        return Session(connect(target, limits), limits, redactor)

    def journal(self) -> Journal:
        """Return the journal of debug switches for this device."""
        return Journal(Path(self.get_option("state_dir")), str(self.get_option("host")), self.get_option("port"))

    def _connect(self) -> Connection:
        # Sessions belong to tasks: one that were opened here would not survive Ansible's fork.
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> NoReturn:
        self._refuse()

    def put_file(self, in_path: str, out_path: str) -> NoReturn:
        self._refuse()

    def fetch_file(self, in_path: str, out_path: str) -> NoReturn:
        self._refuse()

    def close(self) -> None:
        self._connected = False

    def _refuse(self) -> NoReturn:
        raise AnsibleConnectionFailure(
            f"{NAME} reaches the command line of a FortiAnalyzer or FortiManager, where only the modules of fortiops.mail "
            "run; set gather_facts: false and use ansible_connection: local for other modules"
        )
