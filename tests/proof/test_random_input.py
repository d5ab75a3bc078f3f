# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever bytes a file has: the parser ends, raises nothing, and each line is in one bucket."""

from __future__ import annotations

from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

_PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b"\0", b"\x1b[K", b"FAZ # ", b"535 5.7.8 ", b"250 ", b"> EHLO x", b"--More--"]
)


@settings(max_examples=2000)
@given(st.lists(st.binary(max_size=40) | _PIECES, max_size=60).map(b"".join))
def test_every_line_of_random_bytes_is_in_one_bucket(data: bytes) -> None:
    counts = analyse_bytes(data)["lines"]
    assert counts["total"] == sum(number for name, number in counts.items() if name != "total")
