# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes each task result as one line of JSON, so that tests read results instead of screens."""

from __future__ import annotations

DOCUMENTATION = r"""
name: task_results
type: notification
short_description: Task results as JSON lines, for tests
version_added: 0.1.0
author: The fortiops.mail maintainers
description: Appends each result to the file named by the environment variable TASK_RESULTS.
"""

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "task_results"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, result: Any, ended: str) -> None:
        row = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "ended": ended,
            "result": result._result,
        }
        with Path(os.environ["TASK_RESULTS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, default=str) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._write(result, "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._write(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write(result, "unreachable")
