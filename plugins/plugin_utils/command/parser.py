# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all commands of `fazmail` share: how they are added, and how they complain."""

from __future__ import annotations

import argparse
import sys
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def complain(message: str) -> int:
    """Print what is wrong with the command or its input and return the exit status that says so."""
    print(f"fazmail: {message}", file=sys.stderr)
    return 2
