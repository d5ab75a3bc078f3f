# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that has taken a mail tells how it fares with it: in its log, or in a report to the sender (RFC 3464).

What fails then before the mail is named is a connection of that server. Nothing on the device makes it, so that no command
for the device can put it right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from ..yaml_file import read_beside
from .decision import Decision, order_of_stages
from .knowledge import Cause, causes
from .step import ALONE, Step

ONWARD = "onward"  # the warning of reasons.yml

# Lines that anybody may have pasted. What the device prints, and both sides of a dialogue, tell of its own connection.
_PASTED = frozenset({ALONE, "vocabulary"})
_REPORTED = re.compile(
    r"\bDiagnostic-Code:|\bX-Postfix;|\bAction: ?(?:delayed|failed)\b|\bWill-Retry-Until\b|^\s*<[^<>\s@]+@[^<>\s]+>:? "
    r"|\b(?:will|shall) (?:be (?:re)?tried|(?:re)?try|keep (?:re)?trying|continue to (?:re)?try)\b|\bbeing retried\b"
    r"|\bnot yet been delivered\b|\bdelivery (?:(?:has|have|was|is|been|temporarily) )*(?:delayed|postponed)\b|\bdelayed (?:e-?)?mail\b"
    r"|\bmessage (?:still )?undelivered\b|\bcould not be delivered for (?:more than )?\d",
    re.IGNORECASE,
)


def is_onward(decision: Decision) -> bool:
    """Return whether a failure is one of the connection that a mail server makes to the next."""
    stage = decision.stage or causes()[decision.cause].stage
    return decision.outcome == "failed" and _is_early(stage) and any(map(_is_of_mail_server, decision.steps))


def is_reported(stage: str, text: str) -> bool:
    """Return whether a text that somebody has pasted is a report of a mail server that fails at its own connection."""
    return _is_early(stage) and _REPORTED.search(text) is not None


def onward(cause: Cause) -> Cause:
    """Return a cause as it is where the connection is that of a mail server on the way: who acts, and what there is to do."""
    words = _words()
    return replace(
        cause,
        owner=words["owner"],
        also=tuple(words["also"]),
        plain_remedy=words["plain_remedy"],
        remedy=tuple(words["remedy"]),
    )


def cause_told(cause: Cause, warnings: Iterable[str]) -> Cause:
    """Return a cause with the words for a verdict that has these warnings."""
    return onward(cause) if ONWARD in warnings else cause


def _is_early(stage: str) -> bool:
    order = order_of_stages()
    return order.get(stage, order["accepted"]) < order["mail_from"]


def _is_of_mail_server(step: Step) -> bool:
    if step.delivery is not None:
        return step.delivery.status in ("deferred", "failed")
    return step.source in _PASTED and _REPORTED.search(step.text) is not None


@cache
def _words() -> Mapping[str, Any]:
    words: Mapping[str, Any] = read_beside(__file__, "causes.yml")["onward"]
    return words
