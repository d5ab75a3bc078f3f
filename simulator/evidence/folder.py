# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder that `fazmail evidence` writes: captures, a page, and corrections for this installation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...plugins.plugin_utils.device.commands import commands
from ...plugins.plugin_utils.templates.sample import Sample, write_sample
from ...plugins.plugin_utils.terminal.prompts import split
from ...plugins.plugin_utils.whole_file import write_errors, write_private
from .assumptions import TEST
from .compare import DIFFERENT, compared, filled
from .corrections import Known, corrections
from .page import page

_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+")


def write_folder(folder: Path, result: Mapping[str, Any], typed: Mapping[str, str]) -> bool:
    """Write what the job `evidence` returned; return whether anything differs from what is assumed.

    typed: lines as they were typed, and the command of the assumption that each shows. Raises WriteError.
    """
    answers = {typed.get(line, line): text for line, text in result["answers"].items()}
    # With time stamps on, what the daemon prints has one, and what the command prints has none.
    printed = [text for line in filled(result["test"]) if (text := split(line).text.strip())]
    debug = [line[match.end() :] for line in printed if (match := _STAMP.match(line))]
    if printed:
        answers[TEST] = "\n".join(line for line in printed if not _STAMP.match(line))
    verdict = result["verdict"] or {}
    known = Known(result["level"], verdict.get("outcome") == "accepted", result["host"])
    found = compared(answers, debug)
    files = corrections(found, answers, known)
    device = result["device"] or {}
    release = " ".join(filter(None, [device.get("family"), device.get("version")]))
    with write_errors(folder):
        folder.mkdir(parents=True)
        for number, (command, text) in enumerate(answers.items(), 1):
            _write(folder / "captures" / f"{number:02}-{_file_name(command)}.txt", f"# {command}\n{text}\n")
        if debug:
            _write(folder / "captures" / "debug.txt", "\n".join(debug) + "\n")
        for name, text in files.items():
            _write(folder / "corrections" / name, text)
        for command in commands():
            lines = tuple(filled(answers.get(command.name, "")))
            if f"templates/{command.template}.textfsm" in files and lines:
                sample = Sample(str(command.template), lines, device.get("version", ""))
                write_sample(sample, folder / "corrections" / "templates" / "samples", _file_name(result["hostname"]))
        words = f"{result['hostname']}, {release}" if release else str(result["hostname"])
        _write(folder / "evidence.md", page(found, words, str(folder), files))
    return bool(files) or any(each.status == DIFFERENT for each in found)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_private(file, text)


def _file_name(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
