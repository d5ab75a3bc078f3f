# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jump hosts on the way to a device, each of which may have a way of its own in the configuration of OpenSSH."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import ConnectError
from .ssh_config import SshConfig
from .target import Target, jump_hosts

_MOST = 8


def jumps_to(
    names: Iterable[str], config: SshConfig, user: str, options: Mapping[str, Any], around: int = 0
) -> Target | None:
    """Return the last of the jump hosts with those before it as its way; None where there is none.

    user: for jump hosts that nobody names one for. options: further fields of each Target. Raises ConnectError (`option`).
    """
    jump: Target | None = None
    for number, hop in enumerate(hop for name in names for hop in jump_hosts(name)):
        if around + number >= _MOST:
            raise ConnectError(f"the way leads over more than {_MOST} jump hosts; does one lead to itself?", "option")
        known = config.of(hop.host)
        command = ""
        if jump is None:
            jump = jumps_to(known.jumps or (), config, user, options, around + 1)
            command = known.proxy_command or ""
        credential = dict(options)
        if not credential.get("key_file") and credential.get("password") is None:
            credential["key_file"] = known.key_file
        jump = Target(
            known.host or hop.host,
            next(port for port in (hop.port, known.port, 22) if port is not None),
            hop.user or known.user or user,
            jump=jump,
            proxy_command=command,
            role="jump host",
            **credential,
        )
    return jump
