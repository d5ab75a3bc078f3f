# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: file_name
short_description: File name for a host
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Returns a file name of at most 120 characters, without separators, so that the file of a host with any name stays in the
    directory it is written to. Captures are named by the same rule.
  - Different hosts have different file names. A name of letters, digits, C(-), C(_) and C(.) stays as it is.
positional: _input
options:
  _input:
    description: Name of the host.
    type: string
    required: true
seealso:
  - module: fortiops.mail.mail_test
"""

EXAMPLES = r"""
- name: Keep the verdict
  ansible.builtin.copy:
    content: "{{ test.verdict | to_nice_json }}"
    dest: "verdicts/{{ inventory_hostname | fortiops.mail.file_name }}.json"
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The file name.
  type: string
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import WrongShape, takes
from ansible_collections.fortiops.mail.plugins.plugin_utils.own_files import file_name as _file_name


@takes("the name of a host", AnsibleFilterError)
def file_name(host: Any) -> str:
    """Return the file name for a host."""
    if not isinstance(host, (str, int, float)) or isinstance(host, bool):
        raise WrongShape(host)
    return _file_name(str(host))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"file_name": file_name}
