# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a device ends in a rollout: its state, the reason, the tests that decided, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..device.restore_point import RestorePoint
from ..errors import FazmailError
from ..shell.errors import ClosedError, LimitError, SessionError
from .job import Context, TaskResult

# How a device ends; `planned` is that of check mode.
UNCHANGED, PROVED, TAKEN_BACK, NOT_TAKEN_BACK, REFUSED, NOT_REACHED, PLANNED = (
    "unchanged", "proved", "taken_back", "not_taken_back", "refused", "not_reached", "planned",
)  # fmt: skip
ACCEPTED, UNKNOWN = "accepted", "unknown"
_AGAIN = "run the task again"
_REACHABLE = "run the task again when the device can be reached"
_CORRECT = "correct what the reason names, and run the task again"


class RolloutError(FazmailError):
    """The device is neither proved nor unchanged. The details are the fields of the result."""

    cause = "rollout"


def ended(
    state: str,
    reason: str,
    context: Context | None = None,
    tests: Sequence[Mapping[str, Any]] = (),
    kept: RestorePoint | None = None,
    follow: str = _CORRECT,
) -> TaskResult:
    """Return the fields that name the end of a device; `next` is what to do then, if anything, `follow` unless more is known."""
    deciding = next(iter([*not_accepted(tests), *tests]), None)
    good = state in (UNCHANGED, PROVED, PLANNED)
    on = f"--limit {shlex.quote(context.name)}" if context else ""
    what: str | None = None if good else follow
    if deciding and deciding["outcome"] != ACCEPTED and state == UNCHANGED:
        what = f"ansible-playbook fortiops.mail.troubleshoot {on} -e mail_server={shlex.quote(str(deciding['id']))}"
    elif deciding and deciding["outcome"] != ACCEPTED and state == TAKEN_BACK:
        what = _follow_test(deciding["verdict"])
    elif state == NOT_TAKEN_BACK:
        what = (
            f"ansible-playbook fortiops.mail.rollout {on} -e mail_state=recovered"
            if kept
            else "compare the entries with what you want, set their passwords with system_mail, and run fortiops.mail.verify"
        )
    return {
        "state": state,
        "reason": reason,
        "next": what,
        "tests": list(tests),
        "verdict": deciding["verdict"] if deciding else None,
        "restore_point": str(kept.path) if kept else None,
        **({} if good else {"failed": True, "msg": f"{state}: {reason}"}),
    }


def not_accepted(tests: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the tests whose mail was not accepted, or may not have been."""
    return [test for test in tests if test["outcome"] != ACCEPTED]


def sentence(
    tests: Iterable[Mapping[str, Any]], passwords: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> str:
    """Return what went wrong with tests. passwords: what the task did with them, as it may have sent none."""
    said = {UNKNOWN: "whether the mail through {!r} was accepted is unknown", "failed": "the mail through {!r} failed"}
    sentences = []
    for test in tests:
        sentences.append(f"{said[test['outcome']].format(test['id'])}: {test['reason'].rstrip('.')}.")
        if "unchanged_assumed" in passwords.get(test["id"], {}).values():
            sentences.append(
                f"The password that the task names for {test['id']!r} was never sent, because one is stored; update_password: always sends it."
            )
    return " ".join(sentences)


def not_begun(error: FazmailError) -> RolloutError:
    """Return the error for a device on which nothing was begun: nobody could log in, or something was wrong before."""
    state = NOT_REACHED if isinstance(error, SessionError) else REFUSED
    result = ended(state, str(error), follow=follow_error(error))
    result.pop("failed")
    refused = RolloutError(result.pop("msg"), error.cause, **(error.details | result))
    refused.unreachable = error.unreachable
    return refused


def follow_error(error: FazmailError) -> str:
    """Return what to do after an error: whether it may pass by itself, or somebody has to correct something first."""
    if isinstance(error, SessionError) and (
        error.again or error.unreachable or isinstance(error, ClosedError | LimitError)
    ):
        return _REACHABLE
    # The session ended in the middle of a push, or somebody else changes the device.
    return _AGAIN if error.cause in ("connection", "conflict") else _CORRECT


def _follow_test(verdict: Mapping[str, Any] | None) -> str:
    """Return what to do after a test through an entry that the device has no more."""
    if verdict is None:
        return _AGAIN
    if verdict["outcome"] == UNKNOWN:
        return f"{_AGAIN} with capture_dir, and read the capture with `fazmail explain -f`"
    return f"the {verdict['owner']} has to act, `fazmail explain --cause {verdict['cause']}` says how; then {_AGAIN}"
