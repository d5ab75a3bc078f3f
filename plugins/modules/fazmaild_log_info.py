#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fazmaild_log_info
short_description: Read saved logs of the mail daemon
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Reads captures of this collection, terminal logs and saved debug output on the controller, with the templates and the
    diagnosis that live runs use.
  - Needs no device and no particular connection.
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.attributes.controller
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: It never reports a change.
options:
  paths:
    description: Files on the controller. Relative paths start at the directory Ansible was started in.
    type: list
    elements: path
    required: true
seealso:
  - module: fortiops.mail.mail_test
"""

EXAMPLES = r"""
- name: Read what was saved
  fortiops.mail.fazmaild_log_info:
    paths:
      - captures/faz-hq.log
  register: log

- name: Every mail of that log was accepted
  ansible.builtin.assert:
    that:
      - log.files[0].status == 'complete'
      - log.files[0].verdicts | length > 0
      - log.files[0].verdicts | rejectattr('outcome', 'eq', 'accepted') | length == 0
"""

RETURN = r"""
schema:
  description: Name and number of the form of the result.
  returned: success
  type: str
  sample: fortiops.mail/parse/1
files:
  description: One element per file.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
    status:
      description: C(complete) when each line was understood, C(partial) when some were not, C(empty) without any event.
      type: str
    lines:
      description: Number of lines, in all and per bucket.
      type: dict
    unmatched:
      description: Lines that nothing recognised.
      type: list
      elements: dict
    records:
      description: What the templates made of the lines.
      type: list
      elements: dict
    verdicts:
      description: One verdict per mail that the daemon tried to send.
      type: list
      elements: dict
    sends:
      description: When and on which device each of these mails was tried, and what became of it.
      type: list
      elements: dict
    runs:
      description: The runs of debug output, with their first and last line and time.
      type: list
      elements: dict
    paths:
      description:
        - The paths to mail servers that the device, or another computer, shows in the file, with what is found on each of them.
        - What a device shows of itself, such as a paused daemon or an entry without a server, is a path without a host.
      type: list
      elements: dict
    ignored_by:
      description: Number of ignored lines by the rule that ignores them.
      type: dict
    foreign_by:
      description: Number of lines of other daemons, by daemon.
      type: dict
    unmatched_shapes:
      description: Lines that nothing recognised by what they have in common, with their number, and the first of them.
      type: list
      elements: dict
    unmatched_other:
      description: Number of lines that nothing recognised and that have none of these shapes.
      type: int
    unmatched_left_out:
      description: Number of lines that are left out of RV(files[].unmatched).
      type: int
    notes:
      description: What was found out about the file or lost while it was read.
      type: list
      elements: dict
cause:
  description: One stable word for what went wrong, for playbooks and reports.
  returned: failure
  type: str
"""
