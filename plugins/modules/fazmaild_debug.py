#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fazmaild_debug
short_description: Capture debug output of the mail daemon for a limited time
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Switches the debug of C(fazmaild) on, collects what it prints, and switches it off again.
  - Ends at O(seconds), O(max_lines) or O(max_bytes), whichever comes first.
  - However the task ends, the earlier debug state is restored and verified. If the controller dies, the next task of this
    collection that reaches the device does it.
  - The configuration of the device is not touched, so the task is never C(changed). In check mode it is skipped.
extends_documentation_fragment:
  - fortiops.mail.device.capture
  - fortiops.mail.attributes
  - fortiops.mail.device
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
  idempotent:
    support: full
    details: It never reports a change.
options:
  seconds:
    description:
      - How long to listen. Nothing is typed meanwhile, so a device that ends idle sessions sooner ends the task, which fails. With
        O(capture_dir) the output until then is saved.
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
  description:
    - The debug switches as they were read back afterwards, which is how they were found. Null where one could not be read.
    - A level that cannot be read is not changed; the task fails then.
  returned: success
  type: dict
  sample: {level: 0, output: false, timestamps: false}
capture_file:
  description: File the session was saved to.
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
