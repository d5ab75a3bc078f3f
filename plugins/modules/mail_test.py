#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_test
short_description: Send a test mail from the device and return what became of it
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Runs C(diagnose test connection mailserver) with the mail daemon's debug as evidence, and compares the daemon's counters
    before and after.
  - The verdict is C(accepted) only on positive proof. Text that is not recognised gives C(unknown), never success.
  - The task succeeds even if the mail fails; assert on RV(verdict), or use the test P(fortiops.mail.delivered#test).
  - However the task ends, debug is switched off and the earlier level is restored.
  - In check mode nothing is sent and the task is skipped.
extends_documentation_fragment:
  - fortiops.mail.device.capture
  - fortiops.mail.attributes
  - fortiops.mail.device
  - fortiops.mail.test_mail
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
  idempotent:
    support: full
    details: It never reports a change.
options:
  id:
    description: Entry of C(config system mail) to test.
    type: str
    required: true
seealso:
  - module: fortiops.mail.fazmaild_debug
  - module: fortiops.mail.fazmaild_log_info
"""

EXAMPLES = r"""
- name: Send a test mail
  fortiops.mail.mail_test:
    id: relay
    mail_from: alerts@example.com
    mail_to: noc@example.com
    capture_dir: captures
  register: test

- name: The mail was accepted
  ansible.builtin.assert:
    that: test is fortiops.mail.delivered
    fail_msg: "{{ test.verdict.cause }}: {{ test.verdict.explanation }} ({{ test.verdict.owner }})"
"""

RETURN = r"""
verdict:
  description: What became of the mail.
  returned: success
  type: dict
  contains:
    line:
      description: Line of the capture at which this attempt to send begins.
      type: int
    outcome:
      description: C(accepted), C(failed) or C(unknown).
      type: str
    stage:
      description: Stage of the mail's way at which it ended.
      type: str
    cause:
      description: One word for the cause.
      type: str
    temporary:
      description: Whether a later try may succeed; null when that is not known.
      type: bool
    reply:
      description: Reply of the server that decided, with code, enhanced code and text; null when none did.
      type: dict
    owner:
      description: Who must act.
      type: str
    explanation:
      description: The cause in two sentences.
      type: str
    remedy:
      description: What to do, as command line and as task.
      type: list
      elements: dict
    stages_reached:
      description: Stages that were passed.
      type: list
      elements: str
    warnings:
      description: What else is wrong, such as mail sent in clear text.
      type: list
      elements: str
    evidence:
      description: Lines of the capture that prove the verdict, with number, text and the template that read them.
      type: list
      elements: dict
    confidence:
      description: C(high), C(medium) or C(low).
      type: str
    why:
      description:
        - Why this verdict was given, with what decided, the line and the rule, which other causes were found and why they were rejected, and what would
          prove more. The page C(docs/causes.md) has the words for it.
      type: dict
findings:
  description:
    - What the device shows of itself that may keep mail back, such as a paused daemon or a full queue, as C(fazmail parse) tells it from the same
      capture. Each has finding, cause, stage, severity, owner, explanation, remedy and evidence.
  returned: success, and when no attempt to send is seen
  type: list
  elements: dict
counters:
  description: The mail daemon's counters before and after the test; null where they were not read.
  returned: success
  type: dict
output:
  description: What the test command printed, as lines.
  returned: success
  type: list
  elements: str
debug_ended:
  description: What ended the wait for debug output, one of C(enough), C(quiet), C(time), C(lines), C(bytes), C(closed) (by the device) or
    C(off).
  returned: success
  type: str
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
