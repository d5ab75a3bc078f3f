# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read YAML with the fast loader of libyaml, where PyYAML has it: it is as safe as the other. And files that users write."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .errors import UserFileError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Nobody writes more by hand; what is longer was named by mistake.
_MOST_BYTES = 10_000_000


def parse(text: str) -> Any:
    """Return the content of a YAML text. Raises yaml.YAMLError."""
    try:
        return yaml.load(text, Loader=_LOADER)  # nosec B506
    except yaml.YAMLError:
        raise
    except Exception as error:  # of a date or number that cannot be, PyYAML lets through whatever Python raises
        raise yaml.YAMLError(f"a value cannot be read: {error}") from error


def read(file: Path) -> Any:
    """Return the content of a YAML file. Raises OSError, UnicodeDecodeError and yaml.YAMLError."""
    return parse(file.read_text(encoding="utf-8"))


@cache
def read_beside(module: str, name: str) -> Any:
    """Return the content of a YAML file beside a module, given by the module's `__file__`. Each file is read once."""
    return read(Path(module).with_name(name))


def problem(error: yaml.YAMLError) -> str:
    """Return in one line what is wrong with a YAML text, and where."""
    return " ".join(str(error).replace('in "<unicode string>", ', "in ").split())


def read_text_of_user(file: Path, expected: str) -> str:
    """Return a text that a user wrote, `expected` being what the file should hold. Raises UserFileError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise UserFileError(f"{file}: has more than {_MOST_BYTES // 10**6} MB; expected {expected}")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UserFileError(f"{file}: cannot be read: {error.strerror or error}; expected {expected}") from error
    except UnicodeDecodeError as error:
        raise UserFileError(f"{file}: not UTF-8 at byte {error.start}; expected {expected}") from error


def read_of_user(file: Path, expected: str) -> Any:
    """Return the content of a YAML file that a user wrote. Raises UserFileError."""
    text = read_text_of_user(file, expected)
    try:
        return parse(text)
    except yaml.YAMLError as error:
        raise UserFileError(f"{file}: not YAML: {problem(error)}; expected {expected}") from error
