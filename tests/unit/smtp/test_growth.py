# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A send that goes on and on is judged in a time that grows with its lines, not with their square."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.context import SendContext
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.speech import CLIENT, REMARK, SERVER, speech
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.step import Step
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.verdict import judge_test

pytestmark = pytest.mark.once

LINES = 12_000
HELLO = [(SERVER, "220 mail.example.com ESMTP"), (CLIENT, "EHLO faz"), (SERVER, "250 mail.example.com")]
SENDER = [(CLIENT, "MAIL FROM:<faz@example.com>"), (SERVER, "250 2.1.0 Ok")]
REFUSED = [(CLIENT, "RCPT TO:<ops@example.com>"), (SERVER, "550 5.1.1 User unknown")]
DENIED = [(CLIENT, "AUTH PLAIN"), (SERVER, "535 5.7.8 Authentication failed")]
LET_IN = [(CLIENT, "AUTH PLAIN"), (SERVER, "235 2.7.0 Ok")]
NEEDED = [(CLIENT, "MAIL FROM:<faz@example.com>"), (SERVER, "530 5.7.0 Authentication required")]


def repeated(begin: Sequence[tuple[str, str]], again: Sequence[tuple[str, str]], lines: int) -> list[Step]:
    said = [*begin, *again * (lines // len(again))]
    return [Step(number, speech(speaker, "", text), "fazmaild_debug") for number, (speaker, text) in enumerate(said, 1)]


def seconds(steps: list[Step]) -> float:
    gc.collect()
    gc.disable()  # it would look through what all earlier tests left
    begun = time.process_time()
    judge_test(steps, SendContext(recipient="ops@example.com")).verdict()
    spent = time.process_time() - begun
    gc.enable()
    return spent


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        pytest.param([*HELLO, *SENDER], REFUSED, id="each recipient is refused"),
        pytest.param([*HELLO, *SENDER], REFUSED[:1], id="recipients are never answered"),
        pytest.param(HELLO, [*DENIED, *LET_IN], id="each login fails and is done again"),
        pytest.param(HELLO, [*DENIED, *NEEDED], id="each login fails and is missed"),
        pytest.param([], [(REMARK, "* connect to 192.0.2.1 port 25 failed: Connection refused")], id="no connection"),
        pytest.param(
            [], [*HELLO, *SENDER, *REFUSED, (CLIENT, "QUIT"), (SERVER, "221 Bye")], id="a send after the other"
        ),
    ],
)
def test_a_send_of_four_times_the_lines_does_not_take_much_more_than_four_times_as_long(
    begin: Sequence[tuple[str, str]], again: Sequence[tuple[str, str]]
) -> None:
    short, long = repeated(begin, again, LINES // 4), repeated(begin, again, LINES)
    seconds(short)  # reads what is known of causes and texts

    assert min(seconds(long) for __ in range(2)) < 9 * min(seconds(short) for __ in range(2)) + 0.1
