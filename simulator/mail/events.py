# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens while a mail is sent, in neutral terms. Dialects turn it into debug text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["begin", "resolved", "connect", "connected", "sent", "received", "tls", "failed", "accepted"]

# Where a send can fail. The dialects name their own result codes by these.
Stage = Literal[
    "", "dns", "connect", "timeout", "silent", "closed", "greeting", "ehlo", "starttls", "tls", "auth_none", "auth", "sender",
    "recipient", "data", "body",
]  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    `text` is a line of the dialogue without its line end, a protocol and cipher, or the reason of a failure: the
    server's reply, or the text of the system's or the TLS library's error. `secret` marks a line with a credential in
    base64. `number` is errno or the reply code, 0 when there is none.
    """

    kind: Kind
    text: str = ""
    stage: Stage = ""
    number: int = 0
    secret: bool = False


@dataclass(frozen=True)
class Target:
    """The server as configured, and the address its name resolves to ("" until it is known)."""

    server: str
    port: int
    address: str = ""


@dataclass(frozen=True)
class Result:
    """How a send ended: `reason` is the server's reply to the final dot, or why there was none."""

    accepted: bool
    reason: str
    stage: Stage = ""
