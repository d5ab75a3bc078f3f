# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples: text a device printed with the records expected of it, by which templates are tested.

A sample is <directory>/<template>/<name>.raw with <name>.yml beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ..errors import FazmailError
from ..libraries import textfsm
from ..terminal.prompts import split
from ..whole_file import write_new
from . import find as templates
from .sample_check import outcome

_FIRMWARE = re.compile(r"^#firmware: Forti\w+ (\d+\.\d+\.\d+)|^Version\s*: v(\d+\.\d+\.\d+)", re.MULTILINE)
_CAPTURE_HEADER = re.compile(r"#(?:fortiops\.mail capture|device:|firmware:|start:|end:) ?")


class SampleError(FazmailError):
    """A sample cannot be made of a text. The message says what is missing."""

    cause = "sample"


@dataclass(frozen=True)
class Sample:
    """Lines of device text, the template that reads them, and the firmware of the device that printed them."""

    template: str
    lines: tuple[str, ...]
    firmware: str

    @cached_property
    def expectation(self) -> dict[str, Any]:
        """What the template makes of the lines today. The text itself was seen on a device: it is verbatim.

        Raises SampleError when the template refuses a line.
        """
        try:
            records, unmatched = outcome(self.template, self.lines)
        except textfsm.TextFSMError as error:
            raise SampleError(f"its template {self.template} refuses it: {error}") from error
        expected: dict[str, Any] = {"evidence": "verbatim", "firmware": self.firmware, "records": records}
        return expected | ({"unmatched": unmatched} if unmatched else {})


def firmware_of(lines: Sequence[str]) -> str:
    """Return the firmware version a capture or `get system status` names, or ""."""
    match = _FIRMWARE.search("\n".join(lines))
    return (match[1] or match[2]) if match else ""


def cut_sample(lines: Sequence[str], template: str, command: str, firmware: str) -> Sample:
    """Return the sample that is in some redacted lines: the output of one command, or all of them.

    `template` and `command` may be "" where the text leaves no choice. Raises SampleError.
    """
    outputs = _outputs(lines)
    if command:
        wanted = [texts for typed, texts in outputs if typed.split() == command.split()]
        if not wanted and len(outputs) > 1:
            raise SampleError(f"the text has no {command!r}; it has {_list(typed for typed, __ in outputs[1:])}")
        name = template or templates.choose(command)
        if not name:
            raise SampleError(f"no template reads the output of {command!r}; name one with --template")
    elif template:
        wanted = [texts for typed, texts in outputs if typed and templates.choose(typed) == template]
        name = template
    else:
        fitting = {choice: texts for typed, texts in outputs if typed and (choice := templates.choose(typed))}
        if len(fitting) != 1:
            found = f"output for the templates {_list(fitting)}" if fitting else "no command that a template is for"
            raise SampleError(
                f"expected the output of one command, found {found}; name one with --template or --command"
            )
        ((name, texts),) = fitting.items()
        wanted = [texts]
    chosen = wanted[-1] if wanted else [text for __, texts in outputs for text in texts]
    if not any(text.strip() for text in chosen):
        raise SampleError("the text holds no output of a command")
    return Sample(name, tuple(_trimmed(chosen)), firmware or firmware_of(lines))


def write_sample(sample: Sample, directory: Path, name: str) -> tuple[Path, Path]:
    """Write text and expectation and return their paths. Both files appear, or none; nothing is overwritten.

    Raises SampleError, FileExistsError when either is there, and OSError.
    """
    folder = directory / sample.template
    raw, expected = folder / f"{name}.raw", folder / f"{name}.yml"
    contents = {
        raw: "".join(line + "\n" for line in sample.lines),
        expected: "---\n" + yaml.safe_dump(sample.expectation, sort_keys=False, allow_unicode=True),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_new(contents)
    return raw, expected


def _outputs(lines: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return each command with the lines it printed; the first item is what precedes any command."""
    outputs: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        parts = split(line)
        if parts.command:
            outputs.append((parts.command, []))
        elif not _CAPTURE_HEADER.match(line):
            outputs[-1][1].append(parts.text)
    return outputs


def _trimmed(lines: list[str]) -> list[str]:
    filled = [number for number, line in enumerate(lines) if line.strip()]
    return lines[filled[0] : filled[-1] + 1]


def _list(names: Any) -> str:
    return ", ".join(sorted({repr(name) for name in names}))
