#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fazmaild
short_description: Status of the mail daemon; pause, resume, restart it
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Reads status and counters with C(diagnose test application fazmaild), and can pause, resume or restart the daemon.
  - While it is paused no mail leaves the device, for anybody.
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.device
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: With O(state=restarted) it restarts the daemon each time.
options:
  state:
    description:
      - Without it the daemon is only looked at.
      - V(paused) and V(running) change nothing when the daemon already is in that state. V(restarted) always restarts it.
      - The status is read back after the command. The task fails when the daemon is in another state, when its process id is
        the same after a restart, and when that cannot be read, with RV(applied).
      - The wording of the status is assumed until a real device has shown it. Where it is not recognised, the command is sent, and
        the task fails because its effect is not known; a template of your own for C(fazmaild_status) helps.
    type: str
    choices: [paused, running, restarted]
seealso:
  - module: fortiops.mail.fazmaild_debug
"""

EXAMPLES = r"""
- name: Look at the queue
  fortiops.mail.fazmaild:
  register: daemon

- name: The queue is not full
  ansible.builtin.assert:
    that: daemon.statistics.queue_length < daemon.statistics.queue_limit

- name: Resume a daemon that somebody left paused
  fortiops.mail.fazmaild:
    state: running
"""

RETURN = r"""
identity:
  description: Serial number of the device, or the fingerprint of its host key where that cannot be read. The counters are those of this device.
  returned: success
  type: str
  sample: FAZ-VM0000000001
status:
  description: Process id and state; null where the answer of the device was not recognised.
  returned: success
  type: dict
  sample: {pid: 812, state: running}
statistics:
  description:
    - Counters, queue and last times; null where they were not read.
    - C(last_sent_age) are the seconds since the last mail, by the clock of the device; it is missing as long as no mail was sent.
  returned: success
  type: dict
  sample: {sent: 12, failed: 0, discarded: 0, queue_length: 0, queue_limit: 5000, queue_timeout: 1800, last_sent_age: 720}
tests:
  description: Numbered tests the daemon offers on this firmware; null where they were not read.
  returned: success
  type: list
  elements: dict
  sample: [{number: 1, meaning: show PID and daemon status}]
commands:
  description: Commands that were sent, or would be sent in check mode.
  returned: success
  type: list
  elements: str
unread:
  description: For each value that could not be read, and is null, the reason in the device's words. One warning names all of them.
  returned: success
  type: dict
  sample: {}
applied:
  description: Whether the daemon changed, C(no), or C(unknown) where its status cannot be read back.
  returned: when the daemon is not in the state that was wanted
  type: str
device:
  description: Host name, family, version, build and platform of the device; null where the device did not tell.
  returned: success
  type: dict
cause:
  description: One stable word for what went wrong, for playbooks and reports.
  returned: failure
  type: str
"""
