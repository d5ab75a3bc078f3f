# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module run_document."""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path
from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import MailAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import takes
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.files import write_run
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.run import Actor, run_document

_DIRECTORY = "FORTIOPS_MAIL_RUNS_DIR"

_document = takes("results of fortiops.mail.mail_rollout by device as results", JobError)(run_document)


class ActionModule(MailAction):
    # It is made of results of modules, which are.
    _without_secrets = True

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        by: Actor = {"user": options["by"] or _user(), "controller": socket.gethostname()}
        document = _document(options["results"], options["job"], by, options["logins"])
        result: dict[str, Any] = {"changed": False, "file": None, "document": document}
        directory = options["directory"]
        if directory is None:
            directory = os.environ.get(_DIRECTORY) or "~/.ansible/fortiops.mail/runs"
        if self._task.check_mode or not directory:
            return result
        place = Path(directory).expanduser()
        try:
            file = write_run(document, place, Path(options["file"]) if options["file"] else None)
        except OSError as error:
            # The work on the devices is done, and nothing here may make it look otherwise.
            problem = f"the document of the run is missing: {error.filename or place} cannot be written: {error.strerror or error}"
            return {**result, "warnings": [problem]}
        return {**result, "changed": True, "file": str(file)}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # In a container the user may have no name.
        return str(os.getuid())
