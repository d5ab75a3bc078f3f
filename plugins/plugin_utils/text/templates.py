# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the template for the output of a command, in the user's directory first and then in the collection's."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import textfsm
from textfsm import clitable

from ..firmware import Firmware
from ..user_file import UserFileError
from .engine.template import Template

# The link templates/textfsm at the top of the collection leads here; a collection must work without its top folders.
OWN = Path(__file__).with_name("textfsm")
ENVIRONMENT = "FAZMAIL_TEMPLATES"


def directories() -> list[Path]:
    """Template directories in the order in which they are asked. FAZMAIL_TEMPLATES names one that goes first."""
    extra = os.environ.get(ENVIRONMENT)
    return [*([Path(extra)] if extra else []), OWN]


def samples_beside(directory: Path) -> Path | None:
    """Return where the samples of a template directory are: inside it. Ours are in the project, if this is a checkout."""
    if directory.resolve() != OWN.resolve():
        return directory / "samples"
    ours = Path(__file__).resolve().parents[3] / "tests" / "samples"
    return ours if ours.is_dir() else None


def choose(command: str, firmware: Firmware | None = None) -> str | None:
    """Return the name of the template that reads the output of a command, or None when no row of an index fits."""
    attributes = {
        "Command": command,
        "Platform": firmware.family.lower() if firmware else "fortianalyzer",
        "Version": firmware.version_text if firmware else "",
    }
    for directory in directories():
        index = _index(directory)
        if index is not None and (row := index.GetRowMatch(attributes)):
            return str(index.index[row]["Template"]).removesuffix(".textfsm")
    return None


def template(name: str) -> Template:
    """Return the compiled template of that name. Raises FileNotFoundError when no directory has it, and UserFileError."""
    for directory in directories():
        file = directory / f"{name}.textfsm"
        if file.is_file():
            return _compiled(file)
    raise FileNotFoundError(f"there is no template {name!r} in {' or '.join(str(each) for each in directories())}")


@cache
def _compiled(file: Path) -> Template:
    try:
        with file.open(encoding="utf-8") as opened:
            return Template(opened, "" if file.parent == OWN else str(file))
    except (textfsm.TextFSMTemplateError, UnicodeDecodeError) as error:
        raise UserFileError(f"{file}: {error} `fazmail templates lint` tells more") from error


@cache
def _index(directory: Path) -> clitable.IndexTable | None:
    if not (directory / "index").is_file():
        return None
    try:
        return clitable.CliTable("index", str(directory)).index
    except (clitable.Error, textfsm.Error) as error:
        raise UserFileError(f"{directory / 'index'}: {error}") from error
