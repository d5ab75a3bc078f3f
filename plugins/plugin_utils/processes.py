# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other processes to share work with: how many are worth it, and what to do where the system has no room for one.

Work that another process cannot take is done by this one: slower, with the same result.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

# A limit of memory or of processes.
_NO_ROOM = (errno.EAGAIN, errno.ENOMEM)


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start(process: BaseProcess) -> str:
    """Start a process, and return ""; where the system has no room for one, return why. Raises other OSErrors."""
    try:
        process.start()
    except OSError as error:
        return no_room(error)
    return ""


def no_room(error: OSError) -> str:
    """Return why there is no room for another process, which is what an error says. Raises the error where it says something else."""
    if error.errno not in _NO_ROOM:
        raise error
    return error.strerror or str(error)
