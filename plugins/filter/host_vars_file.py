# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: host_vars_file
short_description: File of variables that Ansible reads for a host
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Returns the place of the file with the exact name of the host and C(.yml), which Ansible reads where the directory is C(host_vars).
  - Fails where Ansible would not read that file. That is so for a name with a separator of folders, a C($) or a character that is not
    printable, that begins with a dot, ends with C(.yml), C(.yaml) or C(.json), or has more than 200 bytes; and where a folder or file of the
    host is in the directory under its other names.
positional: _input, directory
options:
  _input:
    description: Name of the host.
    type: string
    required: true
  directory:
    description: Directory of variables of hosts on the controller.
    type: string
    required: true
seealso:
  - plugin: fortiops.mail.host_variables
    plugin_type: filter
"""

EXAMPLES = r"""
# The filter host_variables has an example that writes this file.
- name: Show where the variables of each host belong
  ansible.builtin.debug:
    msg: "{{ inventory_hostname | fortiops.mail.host_vars_file(inventory_dir ~ '/host_vars') }}"
"""

RETURN = r"""
_value:
  description: The place of the file.
  type: string
"""

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.gathered import HostFileError, host_file
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import WrongShape, takes
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.quoting import escaped


@takes("the name of a host, and the directory of variables of hosts", AnsibleFilterError)
def host_vars_file(host: Any, directory: Any) -> str:
    """Return the place of the file of variables that Ansible reads for a host."""
    if not isinstance(host, (str, int, float)) or isinstance(host, bool):
        raise WrongShape(host)
    try:
        return str(host_file(Path(directory), str(host)))
    except HostFileError as error:
        raise HostFileError(f"{escaped(str(host))}: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"host_vars_file": host_vars_file}
