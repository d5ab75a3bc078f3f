# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The analysis of a saved log that is no file."""

from __future__ import annotations

import io
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import collect
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import LogOptions, stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.saved import SavedPath


def analyse_bytes(data: bytes, path: str = "-") -> dict[str, Any]:
    """The analysis of the bytes of a file, in whatever encoding."""
    return collect(stream(read(io.BytesIO(data)), LogOptions(evidence=SavedPath)), path)
