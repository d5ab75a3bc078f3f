# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the YAML files of this folder, each once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def own(name: str) -> dict[str, Any]:
    """Return the content of a file beside this one."""
    return read(Path(__file__).with_name(name))


def read(file: Path) -> dict[str, Any]:
    """Return the content of a YAML file. Raises OSError and yaml.YAMLError."""
    # The loader of libyaml is as safe and much faster; PyYAML has it wherever libyaml is.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
    return data
