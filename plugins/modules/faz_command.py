#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: faz_command
short_description: Run commands on a FortiAnalyzer or FortiManager
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Runs commands in one login and returns what they print, with records where a TextFSM template reads them.
  - Sends only what is known to change nothing, unless O(allow_write) is set. Those are C(get ...), C(show ...), C(diagnose debug info),
    C(diagnose debug application <daemon>), C(diagnose test application fazmaild 0, 1 or 2), C(diagnose ha status),
    C(diagnose hardware info), C(diagnose system print ...), C(diagnose sniffer packet <interface> <filter> 1|4 <count>),
    C(execute ping <host>), C(execute traceroute <host>) and C(execute nslookup <host>). Words may be abbreviated as the device allows.
  - Can wait until the output says what it should, and can keep the configuration as a backup without secrets.
notes:
  - Secrets are removed from the output. A password that a command sets is removed where its option is known to hold one.
extends_documentation_fragment:
  - fortiops.mail.device.capture
  - fortiops.mail.attributes
  - fortiops.mail.device
attributes:
  check_mode:
    support: partial
    details: Commands are sent up to the first one that may change the device; the rest is RV(not_sent). No backup is written.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: A command that may change the device is sent each time, and reports a change.
options:
  commands:
    description: Commands, one line each, in their order.
    type: list
    elements: str
    required: true
  allow_write:
    description:
      - Send commands that may change the device, too. The task is C(changed) as soon as the device has taken one.
      - On a secondary unit of a cluster C(config) is refused, because the primary gives it its configuration.
      - A table that is still open after the last command, or after one that the device refused, is left without saving.
    type: bool
    default: false
  answer:
    description: Key for a question such as C((y/n)) that a command asks. A question that is answered V(n) is an error, as the command was not done.
    type: str
    choices: ["n", "y"]
    default: "n"
  on_error:
    description: What to do when the device refuses a command. V(fail) stops; V(continue) sends the next one, and RV(results[].error) has the reason.
    type: str
    choices: [fail, continue]
    default: fail
  wait_for:
    description:
      - Conditions that must hold, as C(result[0] contains TEXT), C(result[0] matches EXPRESSION) or C(result[1].queue_length lt 10).
        The number is that of the command, counted from 0. A field is one of its records. The operators are contains, matches, eq, ne, lt, le, gt and
        ge; C(not) may stand before them.
      - As long as they do not hold, the commands that only read are sent again.
    type: list
    elements: str
    default: []
  match:
    description: Whether all conditions of O(wait_for) must hold, or any of them.
    type: str
    choices: [all, any]
    default: all
  retries:
    description: How often to send the commands again at most. The task fails when the conditions do not hold then.
    type: int
    default: 9
  interval:
    description: Seconds to wait before that.
    type: float
    default: 1
  template:
    description: TextFSM template on the controller that makes records of the output of each command, in place of the one that the index of templates names.
    type: path
  backup:
    description:
      - File on the controller to keep the configuration in; all O(commands) must be C(show) commands.
      - Passwords, keys and all else that is encrypted are masked. The device encrypts them again for each C(show), so that only a file without
        them stays the same as long as the configuration does. C(fazmail check) reads the file.
      - It is written only when its contents differ, which is C(changed). What is not a whole configuration is not written, and the task fails.
    type: path
  seconds:
    description: Seconds after which a ping, a traceroute or the sniffer is stopped, if it has not ended by itself.
    type: float
    default: 15
seealso:
  - module: fortiops.mail.faz_facts
  - module: fortiops.mail.fazmaild
"""

EXAMPLES = r"""
- name: Look at routes and the queue
  fortiops.mail.faz_command:
    commands:
      - diagnose system print route
      - diagnose test application fazmaild 2
  register: look

- name: The queue is short
  ansible.builtin.assert:
    that: look.results[1].records[0].queue_length < 100

- name: Wait until the queue is empty
  fortiops.mail.faz_command:
    commands: [diagnose test application fazmaild 2]
    wait_for: result[0].queue_length eq 0
    retries: 30
    interval: 10

- name: Keep the configuration
  fortiops.mail.faz_command:
    commands: [show]
    backup: "backups/{{ inventory_hostname }}.conf"

- name: Set a route, which no other module of this collection does
  fortiops.mail.faz_command:
    commands:
      - config system route
      - edit 1
      - set device port1
      - set gateway 192.0.2.1
      - end
    allow_write: true
"""

RETURN = r"""
results:
  description: What each command printed, in their order.
  returned: success, and failure after the first command
  type: list
  elements: dict
  contains:
    command:
      description: The command.
      type: str
    output:
      description: Lines that it printed.
      type: list
      elements: str
    error:
      description: Why the device refused it, in the device's words; null when it did not.
      type: str
    template:
      description: The TextFSM template that made the records; null when none reads this command.
      type: str
    records:
      description: Records that the template found.
      type: list
      elements: dict
  sample:
    - command: diagnose test application fazmaild 1
      output: ["fazmaild pid: 812, running"]
      error: null
      template: fazmaild_status
      records: [{pid: 812, state: running}]
not_sent:
  description: Commands that may change the device, and were not sent.
  returned: in check mode, when there are any
  type: list
  elements: str
backup_file:
  description: File that holds the configuration.
  returned: when O(backup) is set
  type: str
capture_file:
  description: File the sessions were saved to.
  returned: when O(capture_dir) is set, also when the task failed after it had begun
  type: str
capture_error:
  description: Why the session could not be saved. It is a warning, too; what was done on the device counts all the same.
  returned: when O(capture_dir) is set and cannot be written to after the work
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
