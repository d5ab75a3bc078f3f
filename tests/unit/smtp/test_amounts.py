# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two amounts of a text are compared: more than is allowed is the cause, what is allowed never is."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.classify import classify

# How people say what a mail has and what is allowed, and the cause where the first is more.
SAID = {
    "The attachment has {} MB, the relay takes {}.": "message_too_large",
    "Their gateway's maximum is {1} MB and the report has {0} MB": "message_too_large",
    "the pdf is {} megs, the limit is {}": "message_too_large",
    "About the weekly mail: {} MB where {} are allowed": "message_too_large",
    "Das PDF hat {} MB, der Server nimmt h\u00f6chstens {} an.": "message_too_large",
    "We sent {} messages this hour, the plan allows {}.": "rate_limited",
    "The plan allows {1} mails per day and we have sent {0}.": "rate_limited",
}


@pytest.mark.parametrize(("said", "cause"), SAID.items())
def test_more_than_is_allowed_is_the_cause_and_what_is_allowed_is_none(said: str, cause: str) -> None:
    for much, little in ((60, 20), (1000, 999), (31, 30)):
        assert classify(said.format(much, little))["cause"] == cause, said
        assert classify(said.format(little, much))["cause"] == "unknown", said
        assert classify(said.format(little, little))["cause"] == "unknown", said


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("The mail has 1.5 GB, the server takes 100 MB.", "message_too_large"),
        ("The mail has 900 kB, the server takes 20 MB.", "unknown"),
        ("If the mail has 60 MB and the server takes 20 MB, what happens?", "unknown"),
        ("The mail on port 25 has 60 MB.", "unknown"),
        ("inbox at 50 of 50 GB, nothing more fits", "mailbox_full"),
        ("inbox at 49 of 50 GB", "unknown"),
        ("552 The quota of this user is 5 GB and he has 5.1 GB", "mailbox_full"),
    ],
)
def test_amounts_are_compared_with_their_units_and_only_where_a_fact_is_told(text: str, cause: str) -> None:
    assert classify(text)["cause"] == cause
