# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A remark that is left aside unread would have told nothing."""

from __future__ import annotations

import random

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp import progress
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.sentence import TASK, read_sentence, tells_nothing
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary

TELLING = [
    *(row.sample for row in vocabulary().rows if not row.codes and not row.enhanced),
    *("Connected to mail.example.com port 25", "mail.example.com has address 192.0.2.1", "Trying 192.0.2.1:25..."),
    *("SSL connection using TLSv1.3", "connect to 192.0.2.1:465 ok", "task 7", "certificate is not verified"),
    *("server replied 550 5.7.1 no", "failed: 550 relay not permitted", "errno 111", "curl: (7) x", "(port 465)"),
    *("mail sent: 250 2.0.0 Ok: queued as 1", "continuing anyway", "start sending", "smtp;550 no"),
]
IDLE = [
    *(
        "total pending tasks: 0.",
        "no pending email request, last request time 1795478400, last sendmail time 1795478401",
    ),
    *(
        "dispatch file 4711",
        "rows=4000 used 35 ms",
        "insert batch of 12",
        "cpu 12% memory 33 kB",
        "x",
        "",
        "session 1a2b3c",
    ),
]


def tells(remark: str) -> bool:
    sentences = (
        *(progress.connected, progress.resolved, progress.encrypted, progress.unverified),
        *(progress.implicit_tls, progress.begins, TASK.search),
    )
    return read_sentence(remark, "") is not None or any(sentence(remark) for sentence in sentences)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_aside_tells_nothing(seed: int) -> None:
    chance = random.Random(seed)
    for __ in range(400):
        parts = [*chance.choice([*TELLING, *IDLE]).split(" "), *chance.choice(IDLE).split(" ")]
        at = chance.randrange(len(parts) + 1)
        parts[at:at] = chance.choice(TELLING).split(" ")[: chance.randrange(4)]
        remark = chance.choice((" ", " ", "  ", "\t", ",")).join(parts)
        remark = chance.choice((remark, remark.upper(), remark[chance.randrange(5) :], f'"{remark}"', f"msg={remark}"))
        assert not (tells_nothing(remark) and tells(remark)), remark


def test_telling_remarks_are_read_and_idle_ones_are_not() -> None:
    assert [remark for remark in TELLING if tells_nothing(remark)] == []
    assert [remark for remark in IDLE if not tells_nothing(remark)] == []
