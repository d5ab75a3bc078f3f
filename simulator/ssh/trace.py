# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each device was asked: one line for each command received, for tests to assert on and people to read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass

from ...plugins.plugin_utils.device.schema import secret_options

_SECRETS = "|".join(map(re.escape, sorted(secret_options())))
_SECRET = re.compile(rf"""(\bset\s+["']?(?:{_SECRETS})["']?)\s.*""", re.DOTALL)


@dataclass(frozen=True)
class Heard:
    """A line as a device received it, secrets left out. `time` is in seconds since 1970, `prompt` where it was typed."""

    device: str
    session: int
    time: float
    prompt: str
    command: str

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


Listener = Callable[[Heard], None]


def without_secret(command: str) -> str:
    """Return a command with the value of a password option replaced by `***`."""
    return _SECRET.sub(r"\1 ***", command)
