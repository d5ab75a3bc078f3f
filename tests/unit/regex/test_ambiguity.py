# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which expressions may take hours on a line that they do not match."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.ambiguity import ambiguous


@pytest.mark.parametrize("pattern", ["(a+)+b", r"(([\d]+\s*)+),", r"^(?:\w+\s?)*$", "(a*)*b"])
def test_a_repetition_that_divides_a_text_in_many_ways_is_ambiguous(pattern: str) -> None:
    assert ambiguous(pattern)


@pytest.mark.parametrize("pattern", [r"(?:[\w.~-]+ [#$] )*x", r"(?:\d{1,3}\.){3}\d+", r"\s*\S+\s*", "(?:a{1,3}b)+"])
def test_a_repetition_with_a_separator_is_not(pattern: str) -> None:
    assert not ambiguous(pattern)
