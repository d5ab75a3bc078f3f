# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all proofs share: every case in every dialect, run once for all tests; about a minute."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .everything import Production, everything, production
from .produce import Produced


@pytest.fixture(scope="session")
def coming() -> Iterator[Production]:
    """What each origin gives, when it is there."""
    with production() as started:
        yield started


@pytest.fixture(scope="session")
def produced(coming: Production) -> list[Produced]:
    """All of it."""
    return everything(coming)
