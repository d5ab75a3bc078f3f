#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: run_document
short_description: Write down who changed what on which device
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Writes one JSON document on a run of M(fortiops.mail.mail_rollout), with who ran it, what changed on each device from what to what, the test
    mails that prove it, and how each device ended. Its schema is C(plugins/plugin_utils/schemas/run.json). C(fazmail report) shows it as a table
    and as a page.
  - Passwords are not in it, only that one was set.
  - Runs on the controller and needs no connection to a device. A file that cannot be written is a warning and never fails the task, because the
    work on the devices is done.
options:
  results:
    description: Results of M(fortiops.mail.mail_rollout) by the name of the device, those that failed, too. An empty one is of a device not visited.
    type: dict
    required: true
  job:
    description: What was run.
    type: str
    default: rollout
  by:
    description: Who ran it. Without it, the user on the controller.
    type: str
  logins:
    description: The administrators that were logged in, by the name of the device.
    type: dict
    default: {}
  directory:
    description:
      - Directory for a new file, which only its owner can read. An empty one means that nothing is written.
      - The default is E(FORTIOPS_MAIL_RUNS_DIR), or else C(~/.ansible/fortiops.mail/runs).
    type: str
  file:
    description: The RV(file) of an earlier batch of the same run, which is replaced.
    type: path
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.attributes.controller
attributes:
  check_mode:
    support: full
    details: Nothing is written.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: The file is written each time.
seealso:
  - module: fortiops.mail.mail_rollout
"""

EXAMPLES = r"""
- name: Keep the document of the run
  fortiops.mail.run_document:
    results: "{{ dict(ansible_play_hosts_all | zip(rollouts)) }}"
    directory: runs
  vars:
    rollouts: "{{ ansible_play_hosts_all | map('extract', hostvars) | map(attribute='rollout', default={}) | list }}"
  run_once: true
"""

RETURN = r"""
file:
  description: The file that was written, else null.
  returned: success
  type: str
document:
  description: What is, or would be, in the file.
  returned: success
  type: dict
cause:
  description: One stable word for what went wrong, for playbooks and reports.
  returned: failure
  type: str
"""
