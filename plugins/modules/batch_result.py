#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: batch_result
short_description: Give a host the result of its device in a batch
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Returns the result that a device has in M(fortiops.mail.batch), so that the host fails or changes, shows warnings and differences, and can
    C(register) the result, as if it had run the module in its own task.
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
    details: As the module whose result it returns.
options:
  batch:
    description: Name of the variable in which the result of the batch was registered. A host that has no result in it fails.
    type: str
    required: true
  fail_msg:
    description: What is wrong with a device that has a good result or none. The host fails with it, unless it is empty.
    type: str
    default: ""
  unreachable_fails:
    description: Whether a device that was not reached fails, which C(max_fail_percentage) counts, and is not unreachable.
    type: bool
    default: false
seealso:
  - module: fortiops.mail.batch
"""

EXAMPLES = r"""
- name: Roll out the mail servers
  fortiops.mail.batch_result:
    batch: rolled_out
  register: rollout
"""

RETURN = r"""
cause:
  description: V(batch) when there is no result of this host. Everything else is what the module returned.
  returned: when there is none
  type: str
"""
