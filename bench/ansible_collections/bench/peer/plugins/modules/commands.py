# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send commands over the connection that network_cli keeps, as the command modules of network collections do."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.connection import Connection, ConnectionError

DOCUMENTATION = """
module: commands
short_description: Send commands to a device of the benchmark
description: Sends each command and returns what was printed.
author: The fortiops.mail maintainers
options:
  commands:
    description: The commands, in order.
    type: list
    elements: str
    required: true
"""


def main() -> None:
    module = AnsibleModule({"commands": {"type": "list", "elements": "str", "required": True, "no_log": True}})
    connection = Connection(module._socket_path)
    try:
        printed = [connection.get(command) for command in module.params["commands"]]
    except ConnectionError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, stdout="\n".join(printed))


if __name__ == "__main__":
    main()
