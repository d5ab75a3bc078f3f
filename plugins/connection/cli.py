# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: cli
short_description: SSH command line of FortiAnalyzer and FortiManager
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Logs in to the interactive command line of a FortiAnalyzer or FortiManager with paramiko, once per task.
  - Only the modules of this collection use it. Ordinary modules need Python on the host, which these devices do not have;
    set C(gather_facts=false) in plays. C(become) means nothing there and is ignored.
  - An unknown host key is refused before anything is sent, the user name included.
  - One attempt to log in is made with one credential, because devices lock an account after a few. It is the SSH agent's key
    when O(use_agent) is on, else the key of O(private_key_file), else O(password). Keys are never searched for.
  - A password is given as the server wants it, by the SSH method C(password) or as the answer to the one question of
    C(keyboard-interactive). A second question, such as for a token code, is not answered and ends the login.
requirements:
  - paramiko >= 3.5, < 6
notes:
  - A task that cannot connect or log in ends with a RV(ignore:cause), one stable word for playbooks and reports. Where nothing answered
    (V(dns), V(refused), V(unreachable), V(limit_connect), V(proxy)) the host is I(unreachable) for Ansible. It counts as such in the
    recap and leaves the play, unless C(ignore_unreachable) keeps it there; C(rescue) and C(ignore_errors) do not see it. Where something
    answered, the task has I(failed).
  - "No connection: V(dns) the name does not resolve; V(refused) no service listens; V(unreachable) there is no route to the address;
    V(limit_connect) no answer within O(connect_limit), as behind a firewall; V(ssh) what answers is no SSH server, or ends the
    connection before it has shown a host key, also when tried again within O(login_limit); V(ssh_algorithms) no common SSH
    algorithm; V(proxy) the jump host or the proxy command gives no connection; V(option) an option of this plugin cannot be used."
  - "No login: V(host_key) the host key is unknown, changed or revoked; V(no_credential) there is nothing to log in with;
    V(key_file) the key file cannot be used; V(login_refused) user, password or key were refused; V(second_factor) more than the
    password is wanted; V(password_change_required) the password must be changed by hand first; V(account_locked) the account is locked
    or disabled; V(no_command_line) the account has no command line, such as one for the API; V(busy) no session is left, also not
    within O(login_limit); V(session_refused) the device ended the login for another reason; V(limit_login) no prompt within
    O(login_limit). The message quotes the device."
  - "Each of these may happen at a jump host, too; then nothing is known of the device behind it. RV(ignore:stopped_at) says where it was:
    RV(ignore:stopped_at.role) is V(device) or V(jump_host), with RV(ignore:stopped_at.host) and RV(ignore:stopped_at.port), and
    RV(ignore:stopped_at.step) is V(connection), V(host_key), V(login) or, behind the login to a jump host, V(forwarding). The steps before that one
    succeeded. It is missing where no host was asked, as for an option that cannot be used."
  - Firmware that speaks only SHA-1 in SSH (key exchange C(diffie-hellman-group14-sha1), host key C(ssh-rsa)) needs paramiko 3.5
    or 4; paramiko 5 has removed it. So has it signatures of RSA user keys with SHA-1, the only ones that some firmware takes; an
    Ed25519 or ECDSA key helps there. Install paramiko with C(pip install 'paramiko>=3.5,<5') into the environment of ansible-core.
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
    description: Password of the administrator.
    type: string
    vars:
      - name: ansible_password
      - name: ansible_ssh_pass
      - name: ansible_ssh_password
  private_key_file:
    description:
      - Private key to log in with instead of the password; Ed25519, ECDSA or RSA, in OpenSSH's form, in PKCS#8 or the older PEM, or DER.
      - The name of an OpenSSH certificate, C(ID-cert.pub), uses that with the key C(ID) beside it.
      - With O(use_agent) it says which key of the agent to use; the C(.pub) file is enough then.
    type: path
    vars:
      - name: ansible_ssh_private_key_file
      - name: ansible_private_key_file
    cli:
      - name: private_key_file
        option: --private-key
  private_key_passphrase:
    description: Passphrase of O(private_key_file).
    type: string
    vars:
      - name: ansible_fortiops_mail_private_key_passphrase
  use_agent:
    description:
      - Log in with a key of the SSH agent (E(SSH_AUTH_SOCK)).
      - An agent with more than one key needs O(private_key_file), because only one attempt is made. Certificates and keys of FIDO tokens
        are used through an agent like other keys; who has to touch the token has O(login_limit) for it.
    type: boolean
    default: false
    vars:
      - name: ansible_fortiops_mail_use_agent
  host_key_fingerprint:
    description:
      - SHA256 fingerprint the device's host key must have, as C(ssh-keygen -lf) prints it (C(SHA256:...)); or several, and it must
        have one, as for an HA pair or while a key is changed.
      - When it is set, known_hosts files are not read.
    type: list
    elements: string
    default: []
    vars:
      - name: ansible_fortiops_mail_host_key_fingerprint
  known_hosts:
    description:
      - Files with known host keys, in OpenSSH form; hashed names, patterns, C([host]:port) and C(@revoked) are understood,
        C(@cert-authority) is not.
    type: pathlist
    default: [~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts]
    vars:
      - name: ansible_fortiops_mail_known_hosts
  host_key_policy:
    description:
      - What to do with the key of a host that O(known_hosts) has no key of.
      - V(reject) ends the task.
      - V(accept_new) adds the key to the first file of O(known_hosts), and the result says so in RV(ignore:host_key) and in a
        warning. Anyone between you and the device at that moment is trusted, too.
      - A key that has changed is refused in both cases.
    type: string
    choices: [reject, accept_new]
    default: reject
    vars:
      - name: ansible_fortiops_mail_host_key_policy
  proxy_jump:
    description:
      - SSH server to reach the device through, as C([user@]host[:port]); an IPv6 address with a port is in brackets.
        The user is O(remote_user) when none is named. Several have commas between them, the first one first; the other options
        C(proxy_jump_...) are for each of them.
      - Its host key is checked by the rules of O(known_hosts) and O(host_key_policy) before anything is sent to it, its login
        has one attempt, and it gets none of the device's credentials.
      - The device's O(host) is resolved by the jump host.
    type: string
    default: ""
    vars:
      - name: ansible_fortiops_mail_proxy_jump
  proxy_jump_password:
    description: Password for the user on the jump host.
    type: string
    vars:
      - name: ansible_fortiops_mail_proxy_jump_password
  proxy_jump_private_key_file:
    description: Private key to log in to the jump host with; with O(use_agent), which key of the agent to use.
    type: path
    vars:
      - name: ansible_fortiops_mail_proxy_jump_private_key_file
  proxy_jump_private_key_passphrase:
    description: Passphrase of O(proxy_jump_private_key_file).
    type: string
    vars:
      - name: ansible_fortiops_mail_proxy_jump_private_key_passphrase
  proxy_jump_host_key_fingerprint:
    description: SHA256 fingerprint the jump host's key must have, or several; as O(host_key_fingerprint).
    type: list
    elements: string
    default: []
    vars:
      - name: ansible_fortiops_mail_proxy_jump_host_key_fingerprint
  proxy_command:
    description:
      - Command whose input and output are the connection to the device, in place of TCP.
      - C(%h), C(%p) and C(%r) stand for O(host), O(port) and O(remote_user), C(%%) for a percent sign. It is split into words
        as a shell does, but no shell runs it. It is ended with the session.
      - Excludes O(proxy_jump). Do not put secrets into it; other users of the controller can see commands.
    type: string
    default: ""
    vars:
      - name: ansible_fortiops_mail_proxy_command
  prompt:
    description:
      - The prompt of the device at the top level, such as C(FAZ-HQ>), where it ends in neither C(#) nor C($). Every other prompt is learned
        from the device, whatever its letters.
      - Set it as the last resort, where a login ends with V(limit_login) and the message quotes a prompt as the last line.
    type: string
    default: ""
    vars:
      - name: ansible_fortiops_mail_prompt
  ssh_config:
    description:
      - Configuration file of OpenSSH, such as C(~/.ssh/config), by which O(host) and jump hosts are looked up. Read are C(Host), C(Match)
        without C(exec), C(Include), C(HostName), C(Port), C(User), C(IdentityFile), C(ProxyJump) and C(ProxyCommand); host keys follow the
        options of this plugin.
      - What is set in Ansible counts before it. C(IdentityFile) is used where neither a key nor a password is set.
      - Not read unless it is named.
    type: path
    vars:
      - name: ansible_fortiops_mail_ssh_config
  ssh_common_args:
    description:
      - Arguments of the command C(ssh), as inventories have them for the connection P(ansible.builtin.ssh#connection). C(ProxyJump),
        C(ProxyCommand), C(HostName), C(Port), C(User), C(IdentityFile) and C(-F) are used as if they were in O(ssh_config), before the file.
        C(BindAddress) and C(BindInterface) are refused. Arguments that choose no way to the device, such as C(ControlPersist), do nothing.
      - O(proxy_jump) and O(proxy_command) count before them.
    type: string
    default: ""
    vars:
      - name: ansible_ssh_common_args
    env:
      - name: ANSIBLE_SSH_COMMON_ARGS
    ini:
      - section: ssh_connection
        key: ssh_common_args
    cli:
      - name: ssh_common_args
  ssh_args:
    description: As O(ssh_common_args), and after these.
    type: string
    default: ""
    vars:
      - name: ansible_ssh_args
    env:
      - name: ANSIBLE_SSH_ARGS
    ini:
      - section: ssh_connection
        key: ssh_args
  ssh_extra_args:
    description: As O(ssh_common_args), and before these.
    type: string
    default: ""
    vars:
      - name: ansible_ssh_extra_args
    env:
      - name: ANSIBLE_SSH_EXTRA_ARGS
    ini:
      - section: ssh_connection
        key: ssh_extra_args
    cli:
      - name: ssh_extra_args
  connect_limit:
    description: Seconds for the TCP connection, and again for the SSH negotiation; both count towards O(login_limit), too.
    type: float
    default: 10
    vars:
      - name: ansible_fortiops_mail_connect_limit
  login_limit:
    description:
      - Seconds for the whole login, from connecting to the first prompt.
      - A device that accepts the login and has no session to spare, or that drops the connection before its SSH greeting, is tried
        again within this time, at most five times, after waits that double from a second on and vary by chance. The result says so in
        RV(ignore:login). A refused credential is never tried again.
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
      - Directory on the controller for data that must survive an interrupted task, such as the debug level to restore.
    type: path
    default: ~/.ansible/fortiops.mail
    vars:
      - name: ansible_fortiops_mail_state_dir
    env:
      - name: FORTIOPS_MAIL_STATE_DIR
seealso:
  - module: fortiops.mail.faz_facts
  - module: fortiops.mail.batch
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

# Through a jump host, with a key for each of the two logins
fortimanager:
  hosts:
    fmg-dr:
      ansible_host: 192.0.2.20
  vars:
    ansible_connection: fortiops.mail.cli
    ansible_user: automation
    ansible_ssh_private_key_file: ~/.ssh/fmg
    ansible_fortiops_mail_private_key_passphrase: "{{ vault_fmg_passphrase }}"
    ansible_fortiops_mail_proxy_jump: ops@bastion.example.com:2222
    ansible_fortiops_mail_proxy_jump_private_key_file: ~/.ssh/bastion
"""

from collections.abc import Iterable
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ansible.errors import AnsibleError
from ansible.plugins.connection import ConnectionBase

# Ansible loads this file in a process of its own for every task of a host, also for those that never talk to the device:
# what a session needs is imported where one is opened. The actions import it before Ansible forks.
if TYPE_CHECKING:
    from ansible_collections.fortiops.mail.plugins.plugin_utils.device.journal import Journal
    from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Session
    from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import AcceptedKey, Target

NAME = "fortiops.mail.cli"


class Connection(ConnectionBase):
    """Holds who, where and how to log in; opens one session for one task.

    accepted_host_keys: what `host_key_policy: accept_new` has accepted in `open_session`, also when that failed later.
    login: how often and how long (seconds) a busy device was waited for; empty when the first try got in.
    """

    transport = NAME
    has_pipelining = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accepted_host_keys: list[AcceptedKey] = []
        self.login: dict[str, Any] = {}

    def open_session(self, secrets: Iterable[str] = ()) -> Session:
        """Log in and return a session, to be used as a context manager, that never shows the secrets.

        Raises the errors of plugin_utils.shell.errors, and MissingLibraryError.
        """
        from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
        from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.limits import Limits
        from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.open import open_session

        limits = Limits(**{name: self._limit(name) for name in ("connect", "login", "command_idle", "command_total")})
        target = self._target()
        return open_session(
            target,
            limits,
            Redactor([*secrets, *target.secrets]),
            self.accepted_host_keys.append,
            busy=self._busy,
            expected_prompt=str(self.get_option("prompt")),
        )

    def _limit(self, name: str) -> float:
        from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import ConnectError

        seconds: float = self.get_option(f"{name}_limit")
        if not 0 < seconds < inf:
            raise ConnectError(f"{name}_limit is {seconds:g}; expected seconds, more than 0", "option")
        return seconds

    def _busy(self, tries: int, waited: float) -> None:
        self.login = {"tries": tries, "waited": round(waited, 1)}

    def _target(self) -> Target:
        from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.ssh_config import (
            HostSettings,
            SshConfig,
            arguments,
        )
        from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.target import Target
        from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.way import jumps_to

        jumps, command = str(self.get_option("proxy_jump")), str(self.get_option("proxy_command"))
        asked = HostSettings(
            port=self._set("port"),
            user=self._set("remote_user"),
            jumps=tuple(jumps.split(",")) if jumps else None,
            proxy_command=command or None,
        )
        file = self.get_option("ssh_config")
        for option in ("ssh_extra_args", "ssh_common_args", "ssh_args"):
            told, named = arguments(str(self.get_option(option)), option)
            asked, file = asked.over(told), named or file
        config = SshConfig(Path(file) if file else None)
        name = str(self.get_option("host"))
        settings = asked.over(config.of(name))
        user = settings.user or str(self.get_option("remote_user"))
        shared: dict[str, Any] = {
            "use_agent": self.get_option("use_agent"),
            "known_hosts": tuple(Path(file) for file in self.get_option("known_hosts")),
            "accept_new": self.get_option("host_key_policy") == "accept_new",
        }
        return Target(
            settings.host or name,
            self.get_option("port") if settings.port is None else settings.port,
            user,
            jump=jumps_to(settings.jumps or (), config, user, {**self._credential("proxy_jump_"), **shared}),
            proxy_command=settings.proxy_command or "",
            **self._credential("", settings.key_file),
            **shared,
        )

    def _set(self, name: str) -> Any:
        """Return the value of an option that somebody has set, None for the default."""
        value, origin = self.get_option_and_origin(name)
        return None if origin == "default" else value

    def _credential(self, prefix: str, key: Path | None = None) -> dict[str, Any]:
        """Return the options of a credential. key: what ssh_config names, where nothing else is set."""

        def text(name: str) -> str | None:
            value = self.get_option(prefix + name)
            return None if value is None else str(value)

        password, key_file = text("password"), text("private_key_file")
        if not key_file and password is None:
            key_file = str(key) if key else None
        return {
            "password": password,
            "key_file": Path(key_file) if key_file else None,
            "passphrase": text("private_key_passphrase"),
            "host_key_fingerprint": " ".join(map(str, self.get_option(prefix + "host_key_fingerprint"))),
        }

    def journal(self, device: str) -> Journal:
        """Return the journal of debug switches for a device, named by its identity."""
        from ansible_collections.fortiops.mail.plugins.plugin_utils.device.journal import Journal

        former = str(self.get_option("host")), int(self.get_option("port"))
        return Journal(Path(self.get_option("state_dir")), device, former)

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
        # No AnsibleConnectionFailure: that would tell that the device cannot be reached, and drop it from the play.
        raise AnsibleError(
            f"{NAME} reaches the command line of a FortiAnalyzer or FortiManager, where only the modules of fortiops.mail "
            "run; set gather_facts: false and use ansible_connection: local for other modules"
        )
