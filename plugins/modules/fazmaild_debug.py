#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fazmaild_debug
short_description: Capture debug output of the mail daemon for a bounded time
version_added: 0.1.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Switches the debug of C(fazmaild) on, collects what it prints, and switches it off again.
  - Ends at O(seconds), O(max_lines) or O(max_bytes), whichever comes first.
  - The debug state found before is restored and verified on every way out. If the controller dies, the next task of this
    collection that reaches the device does it.
  - The configuration of the device is not touched, so the task is never C(changed). In check mode it is skipped.
extends_documentation_fragment:
  - fortiops.mail.device
  - fortiops.mail.device.capture
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
options:
  seconds:
    description: How long to listen.
    type: float
    default: 60
  max_lines:
    description: Stop after this many lines.
    type: int
    default: 20000
  max_bytes:
    description: Stop after this many bytes.
    type: int
    default: 4194304
  level:
    description: Debug level, 1 to 255.
    type: int
    default: 255
seealso:
  - module: fortiops.mail.mail_test
  - module: fortiops.mail.fazmaild_log_info
"""

EXAMPLES = r"""
- name: Watch the mail daemon for two minutes
  fortiops.mail.fazmaild_debug:
    seconds: 120
    capture_dir: captures
  register: debug

- name: Nothing failed meanwhile
  ansible.builtin.assert:
    that: debug.verdicts | selectattr('outcome', 'eq', 'failed') | length == 0
"""

RETURN = r"""
ended:
  description: What ended the capture, one of C(time), C(lines) or C(bytes).
  returned: success
  type: str
status:
  description: C(complete) when each line was understood, C(partial) when some were not, C(empty) without any event.
  returned: success
  type: str
lines:
  description: Number of lines, in all and per bucket.
  returned: success
  type: dict
  sample: {total: 40, event: 31, ignored: 9, foreign: 0, unmatched: 0}
records:
  description: What the templates made of the lines.
  returned: success
  type: list
  elements: dict
unmatched:
  description: Lines that nothing recognised.
  returned: success
  type: list
  elements: dict
verdicts:
  description: One verdict per mail the daemon tried to send, as RV(fortiops.mail.mail_test#module:verdict).
  returned: success
  type: list
  elements: dict
restored:
  description: The debug state found before and restored afterwards.
  returned: success
  type: dict
  sample: {level: 0, output: false, timestamps: false}
capture_file:
  description: File the session was saved to.
  returned: when O(capture_dir) is set
  type: str
device:
  description: Host name, family, version, build and platform of the device.
  returned: success
  type: dict
"""
