# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: records
short_description: Records of what one command printed
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Reads the output of one command with the TextFSM template for it, and gives the fields their types.
  - Prompts, pager remains, terminal sequences and line ends of any kind are removed first.
  - Use P(fortiops.mail.parse_log#filter) for a whole log.
  - E(FAZMAIL_TEMPLATES) may name a directory with your own templates, which take precedence.
positional: _input, template, command
options:
  _input:
    description: Text that a command printed.
    type: string
    required: true
  template:
    description:
      - Name of the template, such as V(show_system_mail).
      - Exactly one of O(template) and O(command) is needed.
    type: string
  command:
    description:
      - Command that printed the text, such as V(get system status). The template is chosen by it. It may be abbreviated.
    type: string
seealso:
  - plugin: fortiops.mail.parse_log
    plugin_type: filter
  - plugin: fortiops.mail.parse_show
    plugin_type: filter
"""

EXAMPLES = r"""
- name: The queue of the mail daemon, from text another collection fetched
  ansible.builtin.debug:
    msg: "{{ (text | fortiops.mail.records(command='diagnose test application fazmaild 2') | first).queue_length }}"

- name: Entries whose connection is not encrypted
  ansible.builtin.debug:
    msg: "{{ text | fortiops.mail.records(template='show_system_mail') | rejectattr('secure_option', 'defined') }}"
"""

RETURN = r"""
_value:
  description: One dictionary for each record. Names are lower case. Fields that the text lacks are left out.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import takes, text
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import find as templates
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.records import read_with


@takes("the text that one command printed", AnsibleFilterError)
def records(printed: Any, template: Any = None, command: Any = None) -> list[dict[str, Any]]:
    """Return the records of a text."""
    shown = text(printed)
    if bool(template) == bool(command):
        raise ValueError("either template or command is needed, such as command='show system mail'")
    name = str(template) if template else templates.choose(str(command))
    if not name:
        raise ValueError(f"no template reads the output of {str(command)!r}; name one with template")
    return read_with(name, shown)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"records": records}
