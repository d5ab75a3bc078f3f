# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all proofs share: every case in every dialect, run once for all tests; about a minute."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ..integration.conftest import playbook, state_dir, warm_ansible
from .everything import Production, everything, production
from .produce import Produced

__all__ = ["playbook", "state_dir", "warm_ansible"]  # fixtures

_LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only root can do, instead of a hundred errors that all say so: what is marked, and what needs all that is produced."""
    of_root = [
        item for item in items if item.get_closest_marker("root") or "produced" in getattr(item, "fixturenames", ())
    ]
    left_out = [] if os.geteuid() == 0 else of_root
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    config.stash[_LEFT_OUT] = len(left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := config.stash.get(_LEFT_OUT, 0):
        terminalreporter.write_line(
            f"{count} proofs were NOT RUN: they start mail servers and OpenSSH under users of their own and break networks; "
            "run `make proof` as root, too.",
            red=True,
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash.get(_LEFT_OUT, 0) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def coming() -> Iterator[Production]:
    """What each origin gives, when it is there."""
    with production() as started:
        yield started


@pytest.fixture(scope="session")
def produced(coming: Production) -> list[Produced]:
    """All of it."""
    return everything(coming)
