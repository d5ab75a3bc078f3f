# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prompts of the devices, for ansible.netcommon.network_cli."""

from __future__ import annotations

import re

from ansible_collections.ansible.netcommon.plugins.plugin_utils.terminal_base import TerminalBase


class TerminalModule(TerminalBase):
    # Not only at the end: while a daemon is debugged, its output follows the prompt.
    terminal_stdout_re = [re.compile(rb"(?:^|[\r\n])(?:[\w.-]+ |\([\w./-]+\))# ")]  # noqa: RUF012
    terminal_stderr_re = [re.compile(rb"Command fail|command parse error")]  # noqa: RUF012
