# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the template for the output of a command, in the user's directory first and then in the collection's."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from ..errors import UserFileError
from ..firmware import Firmware
from ..libraries import clitable, textfsm
from ..yaml_file import read_text_of_user
from .template import Template

# The link templates/textfsm at the top of the collection leads here; a collection must work without its top folders.
SHIPPED = Path(__file__).with_name("textfsm")
ENVIRONMENT = "FAZMAIL_TEMPLATES"
# How the form of what a template reads is known, the strongest first.
GRADES = ("verbatim", "documented", "reproduced", "assumed")


def directories() -> list[Path]:
    """Template directories in the order in which they are asked. FAZMAIL_TEMPLATES names one that goes first."""
    extra = os.environ.get(ENVIRONMENT)
    return [*([Path(extra)] if extra else []), SHIPPED]


def samples_beside(directory: Path) -> Path | None:
    """Return where the samples of a template directory are: inside it. Ours are in the project, if this is a checkout."""
    if directory.resolve() != SHIPPED.resolve():
        return directory / "samples"
    ours = Path(__file__).resolve().parents[3] / "tests" / "samples"
    return ours if ours.is_dir() else None


def choose(command: str, firmware: Firmware | None = None) -> str | None:
    """Return the name of the template that reads the output of a command, or None when no row of an index fits.

    Raises UserFileError where an index cannot be used, or names a template that is not there.
    """
    return _chosen(command, firmware, tuple(directories()))


@lru_cache(maxsize=1000)
def _chosen(command: str, firmware: Firmware | None, among: tuple[Path, ...]) -> str | None:
    attributes = {
        "Command": command,
        "Platform": firmware.family.lower() if firmware else "fortianalyzer",
        "Version": firmware.version_text if firmware else "",
    }
    for directory in among:
        index = _index(directory)
        if index is not None and (row := index.GetRowMatch(attributes)):
            name = str(index.index[row]["Template"]).removesuffix(".textfsm")
            if _file(name) is None:
                raise UserFileError(
                    f"{directory / 'index'}: there is no template {name}, which it names for {command!r}"
                )
            return name
    return None


def template(name: str) -> Template:
    """Return the compiled template of that name. Raises FileNotFoundError when no directory has it, and UserFileError."""
    file = _file(name)
    if file is None:
        raise FileNotFoundError(f"there is no template {name!r} in {' or '.join(str(each) for each in directories())}")
    return compiled(file)


@cache
def grades(file: Path) -> list[str]:
    """Return the grades that a template claims in its line `# Evidence: ...`, the strongest first."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    claims = " ".join(line for line in lines if line.startswith("# Evidence:"))
    return [grade for grade in GRADES if grade in claims]


def weakest_grade(names: Iterable[str]) -> str:
    """Return the weakest grade that any of some templates claims, "" where none claims one."""
    files = [file for name in sorted(set(names)) if (file := _file(name)) is not None]
    return max((grade for file in files for grade in grades(file)), key=GRADES.index, default="")


def _file(name: str) -> Path | None:
    return _file_in(name, tuple(directories()))


@cache
def _file_in(name: str, among: tuple[Path, ...]) -> Path | None:
    files = (directory / f"{name}.textfsm" for directory in among)
    return next((file for file in files if file.is_file()), None)


@cache
def compiled(file: Path) -> Template:
    """Return the compiled template of a file. Raises UserFileError."""
    text = read_text_of_user(file, "a TextFSM template")
    try:
        return Template(io.StringIO(text), "" if file.parent == SHIPPED else str(file))
    except textfsm.TextFSMTemplateError as error:
        raise UserFileError(f"{file}: {str(error).rstrip('.')}; see `fazmail templates lint`") from error


@cache
def _index(directory: Path) -> clitable.IndexTable | None:
    file = directory / "index"
    if not file.is_file():
        return None
    text = read_text_of_user(file, "an index of templates")
    # Without a row textfsm would look for one endlessly.
    if not any(line.partition("#")[0].strip() for line in text.splitlines()):
        raise UserFileError(f"{file}: has no rows; expected a header with Template first, and Command")
    try:
        return clitable.CliTable("index", str(directory)).index
    except (clitable.Error, textfsm.Error, re.error, UnicodeDecodeError) as error:
        raise UserFileError(f"{file}: {str(error).rstrip('.')}; see `fazmail templates lint`") from error
