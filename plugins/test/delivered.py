# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: delivered
short_description: Was the mail accepted by the server
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - True only when the verdict is C(accepted), which needs positive proof. A verdict of C(unknown) is not delivered.
  - A test that was skipped, as in check mode, is an error; ask C(is not skipped) before.
options:
  _input:
    description: A verdict, or the result of M(fortiops.mail.mail_test).
    type: dict
    required: true
seealso:
  - module: fortiops.mail.mail_test
  - module: fortiops.mail.fazmaild_log_info
"""

EXAMPLES = r"""
- name: The test mail was accepted
  ansible.builtin.assert:
    that: test is fortiops.mail.delivered
  when: test is not skipped
"""

RETURN = r"""
_value:
  description: Whether the mail was accepted.
  type: bool
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import WrongShape, mapping, takes


@takes("a verdict or the result of fortiops.mail.mail_test", AnsibleFilterError)
def delivered(result: Any) -> bool:
    """Return whether a verdict, or a result that holds one, is `accepted`."""
    if mapping(result).get("skipped"):
        raise WrongShape(result)
    if not isinstance(verdict := result.get("verdict", result), Mapping) or "outcome" not in verdict:
        raise WrongShape(result, "without verdict or outcome")
    return bool(verdict["outcome"] == "accepted")


class TestModule:
    def tests(self) -> dict[str, Any]:
        return {"delivered": delivered}
