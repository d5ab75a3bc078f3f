# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: compare_views
short_description: Compare a device's view of a mail server with that of the controller
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Returns whether a server works, fails for everybody, only for the device, or only from the controller; who should act; and the next step.
positional: _input, probe, port
options:
  _input:
    description: Verdict of M(fortiops.mail.mail_test), or its whole result.
    type: dict
    required: true
  probe:
    description: Result of M(fortiops.mail.smtp_probe) for the same server.
    type: dict
    required: true
  port:
    description: Port that the device uses. Default is the first port that works, else the first.
    type: int
seealso:
  - module: fortiops.mail.smtp_probe
  - module: fortiops.mail.mail_test
  - plugin: fortiops.mail.mail_answer
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show who is affected
  ansible.builtin.debug:
    msg: "{{ (test.verdict | fortiops.mail.compare_views(probe, port=587)).explanation }}"
"""

RETURN = r"""
_value:
  description: Result of the comparison.
  type: dict
  contains:
    scope:
      description:
        - C(works), C(everybody), C(device_only), C(here_only), C(request) (the server is up and refuses the request of the device)
          or C(undecided).
      type: str
    rule:
      description: Name of the rule that decided.
      type: str
    explanation:
      description: The result in words.
      type: str
    owner:
      description: Who should act.
      type: str
    next:
      description: What to do next.
      type: list
      elements: str
    device:
      description: View of the device, with outcome, stage and cause.
      type: dict
    here:
      description: View of the controller, with port, outcome, stage, cause and security.
      type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import mapping, takes
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.compare import compare


@takes("a verdict of fortiops.mail.mail_test, and as probe the result of fortiops.mail.smtp_probe", AnsibleFilterError)
def compare_views(verdict: Any, probe: Any, port: Any = None) -> dict[str, Any]:
    """Return the comparison of two views of one mail server."""
    verdict = mapping(verdict).get("verdict", verdict)
    return compare(
        mapping(verdict, "outcome", "stage", "cause"), mapping(probe, "ports"), None if port is None else int(port)
    )


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"compare_views": compare_views}
