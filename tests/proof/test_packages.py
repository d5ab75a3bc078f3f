# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages are fetched once, and again when there is one more."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import packages


def test_a_cache_that_lacks_a_package_is_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    monkeypatch.setattr(packages, "_fetch", fetched.append)
    monkeypatch.setattr(packages.shutil, "which", str)
    monkeypatch.setattr(packages, "GROUPS", (("postfix",),))
    first = packages.unpacked()
    assert packages.unpacked() == first and len(fetched) == 1

    monkeypatch.setattr(packages, "GROUPS", (("postfix", "openssh-server"),))
    second = packages.unpacked()

    assert len(fetched) == 2
    assert list(tmp_path.glob("files*")) == [second]
