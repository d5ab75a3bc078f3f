# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print nothing and count results: the same little work for every variant that is Ansible."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: outcome
type: stdout
short_description: Counts of results and reasons of failures, as JSON
description: Writes one JSON object to the file named by the environment variable BENCH_OUTCOME.
version_added: 0.1.0
author: The fortiops.mail maintainers
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "bench.peer.outcome"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._results: dict[str, int] = {}
        self._failed: dict[str, str] = {}

    def _count(self, result: Any) -> None:
        host = result._host.get_name()
        self._results[host] = self._results.get(host, 0) + 1

    def _fail(self, result: Any) -> None:
        self._count(result)
        data = result._result
        self._failed[result._host.get_name()] = f"{data.get('cause', '-')}: {data.get('msg', data)}"

    def v2_runner_on_ok(self, result: Any) -> None:
        self._count(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._count(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._fail(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._fail(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        # Called once for each playbook; the last one has seen everything.
        text = json.dumps({"tasks": self._results, "failed": self._failed})
        Path(os.environ["BENCH_OUTCOME"]).write_text(text, encoding="utf-8")
