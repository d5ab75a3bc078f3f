#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: batch
short_description: Run a module on all devices of a batch in few processes
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Runs another module of this collection on many devices at the same time, in threads of one process, or of two for 40 devices and more.
    Ansible would make a process for each device, which takes more time and memory than the work itself.
  - Variables, options and connection of each device are those that its own task would have. What goes wrong with one device is in its
    result only. Nothing is sent that the module would not send.
  - Needs C(run_once=true) and C(delegate_to=localhost). M(fortiops.mail.batch_result) gives each device its result, so that each fails,
    changes and shows its difference as with its own task.
  - C(module_defaults) of the module that is run, and of its groups, are templated for each device, too.
  - On Ctrl-C, on a time limit, or when the controller dies, no further device is begun, and debug is switched off on the others.
extends_documentation_fragment:
  - fortiops.mail.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  platform:
    platforms: FortiAnalyzer, FortiManager
  idempotent:
    support: partial
    details: As the module that is run.
options:
  module:
    description: Module to run, such as V(mail_rollout).
    type: str
    required: true
  options:
    description:
      - Name of a variable that holds the options of the module. It is templated for each device with the variables of that device; set it
        in the C(vars) of the task. A device where it is null is left out.
    type: str
    required: true
  loop:
    description:
      - Name of a variable that holds a list. The module then runs once for each C(item) of it, one after another, and a device has these
        results in C(results), as in a loop of Ansible.
    type: str
    default: ""
  hosts:
    description: Hosts to work on. By default all hosts of the batch that have not failed.
    type: list
    elements: str
  at_once:
    description:
      - Devices that are worked on at the same time. Take fewer where their mail server limits connections or mails at once, or where a jump
        host does.
    type: int
    default: 80
seealso:
  - module: fortiops.mail.batch_result
"""

EXAMPLES = r"""
- name: Send a test mail from each device
  fortiops.mail.batch:
    module: mail_test
    options: test_options
  vars:
    test_options:
      id: "{{ mail_servers[0].id }}"
  delegate_to: localhost
  run_once: true
  register: tested

- name: Show the test of each device
  fortiops.mail.batch_result:
    batch: tested
  register: test
"""

RETURN = r"""
results:
  description:
    - What the module returned, by host. An error is a result with C(failed) and C(msg). Its C(cause) is V(broken_off) where what was done on the
      device is not known, because a process was ended or something happened that nobody had thought of.
  returned: success
  type: dict
logins:
  description: As whom each host is logged in to.
  returned: success
  type: dict
"""
