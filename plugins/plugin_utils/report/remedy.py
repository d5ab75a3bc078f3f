# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show a remedy as the device's command line and as a task of a playbook."""

from __future__ import annotations

from collections.abc import Iterator

_OPENS = ("config ", "edit ")
_CLOSES = ("next", "end")
_STEP = "    "


def cli_lines(cli: str) -> list[str]:
    """Return the lines of a remedy's `cli`, indented as the device shows configuration."""
    lines: list[str] = []
    depth = 0
    for line in filter(None, (each.strip() for each in cli.split(" / "))):
        depth = max(0, depth - 1) if line in _CLOSES else depth
        lines.append(_STEP * depth + line)
        depth += line.startswith(_OPENS)
    return lines


def task_lines(task: str) -> list[str]:
    """Return the lines of a remedy's `task` as an item of a play."""
    module, _, arguments = task.partition(": ")
    return [f"- {module}: {arguments}"] if task else []


def remedy_lines(remedy: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what a remedy holds in the order to read it: its kind (`advice`, `cli` or `task`) and its lines."""
    if advice := remedy.get("advice"):
        yield "advice", [advice]
    if lines := cli_lines(remedy["cli"]):
        yield "cli", lines
    if lines := task_lines(remedy["task"]):
        yield "task", lines
