# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible's processes inherit instead of each doing it again.

Ansible loads the file of an action once and forks a process for each task on each host. What is imported, compiled and
read here costs that once for a whole fleet, and its memory is shared.
"""

from __future__ import annotations

import contextlib
import gc

from ansible.plugins.loader import connection_loader
from ansible.template import Templar, trust_as_template
from ansible_collections.fortiops.mail.plugins.connection.cli import NAME as CONNECTION
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.commands import sent_by
from ansible_collections.fortiops.mail.plugins.plugin_utils.libraries import MissingLibraryError
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import records as parse

# What is missing here is an error of the task that needs it.
with contextlib.suppress(MissingLibraryError):
    # The connection plugin imports it after the fork.
    from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh import open as _open  # noqa: F401

# What tells an error and debug output from what a command prints.
_TEMPLATES = ("cli_error", "fazmaild_debug", "foreign_debug")


def preload(module: str) -> None:
    """Do now what every task of a module would do first."""
    with contextlib.suppress(MissingLibraryError):
        parse.preload(*_TEMPLATES, *{each.template for each in sent_by(module) if each.template})
    Redactor(["a secret has many forms, and each encoding is a module of Python"])
    connection_loader.get(CONNECTION, class_only=True)
    # The first template of a process makes Jinja's lexer; the first filter and the first test load all that Ansible has.
    Templar().template(trust_as_template("{{ nothing | default(nothing is defined) }}"))
    # A full garbage collection in a process forked later would write to all that it shares with this one, and so copy it:
    # 15 MB and 50 ms for each task it happens in.
    gc.freeze()
