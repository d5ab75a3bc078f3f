# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read YAML files with the fast loader of libyaml, where PyYAML has it: it is as safe as the other."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(text: str) -> Any:
    """Return the content of a YAML text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_LOADER)


def read(file: Path) -> Any:
    """Return the content of a YAML file. Raises OSError, UnicodeDecodeError and yaml.YAMLError."""
    return parse(file.read_text(encoding="utf-8"))


@cache
def read_beside(module: str, name: str) -> Any:
    """Return the content of a YAML file beside a module, given by the module's `__file__`. Each file is read once."""
    return read(Path(module).with_name(name))
