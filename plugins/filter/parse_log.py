# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: parse_log
short_description: Records and verdicts from the text of a mail daemon log
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Reads text as M(fortiops.mail.fazmaild_log_info) reads a file.
positional: _input
options:
  _input:
    description: Text of a capture, a terminal log or saved debug output.
    type: string
    required: true
seealso:
  - module: fortiops.mail.fazmaild_log_info
  - plugin: fortiops.mail.records
    plugin_type: filter
  - plugin: fortiops.mail.delivered
    plugin_type: test
"""

EXAMPLES = r"""
- name: Show why mail failed
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'debug.log') | fortiops.mail.parse_log).verdicts | map(attribute='cause') }}"
"""

RETURN = r"""
_value:
  description: Status, line counts, records, unmatched lines and verdicts, as one element of the RV(fortiops.mail.fazmaild_log_info#module:files).
  type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import takes, text


@takes("the text of a log", AnsibleFilterError)
def parse_log(log: Any) -> dict[str, Any]:
    """Return the analysis of a text."""
    return analyse(text(log))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"parse_log": parse_log}
