# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text of the vocabulary is `reproduced` only where a program was seen to say it: each such row has a proof here.

Proofs are the words of real mail clients in tests/samples/transcripts, and those of real mail servers and of the kernel
that tests/proof holds against them each time (`says` of its cases).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import Text, vocabulary

pytestmark = pytest.mark.once

TESTS = Path(__file__).parents[2]
# Who speaks in the transcripts of a client. What its libraries say of a server counts, a server's reply does not: the
# servers of the transcripts say what they are told to. A transcript has the name of the cause that was brought about.
IN_TRANSCRIPTS = {
    "curl": {"libcurl", "openssl", "glibc"},
    "exim": {"exim", "gnutls", "glibc"},
    "msmtp": {"msmtp", "gnutls", "glibc"},
    "nodemailer": {"openssl"},
    "phpmailer": {"phpmailer", "openssl", "glibc"},
    "postfix": {"postfix", "openssl", "glibc"},
    "smtplib": {"openssl", "glibc"},
    "swaks": {"swaks", "openssl", "glibc"},
}
IN_CASES = {"postfix": {"postfix"}, "exim": {"exim"}, "aiosmtpd": {"aiosmtpd"}, "network": {"glibc"}}
REPLY = re.compile(r"(?:^|[\s<>:(*'\"~-])([2-5]\d\d)[ ,-](?:(\d\.\d{1,3}\.\d{1,3})\b)?")


def said(row: Text, line: str) -> bool:
    reply = REPLY.search(line)
    code, enhanced = (reply[1], reply[2] or "") if reply else ("", "")
    return row.matches(line, line.lower(), code, enhanced)


def clients_saying(row: Text) -> Iterator[str]:
    for file in sorted((TESTS / "samples" / "transcripts").glob("*/*.log")):
        client = file.parent.name
        if row.cause == file.stem and row.library in IN_TRANSCRIPTS[client] | {"generic"}:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            telling = [line for line in lines if said(row, line)]
            if telling and not any(REPLY.search(line) for line in telling):
                yield f"{client}/{file.stem}: {telling[0]}"


def servers_saying(row: Text) -> Iterator[str]:
    for name in ("real", "network", "replies"):
        for case in yaml.load(
            (TESTS / "proof" / "cases" / f"{name}.yml").read_text(encoding="utf-8"), yaml.CSafeLoader
        ):
            says = case.get("says", "")
            if row.library in IN_CASES.get(case["server"].partition("/")[0], set()) and said(row, says):
                yield f"{case['server']}: {says}"


@pytest.mark.parametrize(
    "row", [row for row in vocabulary().rows if row.evidence == "reproduced"], ids=lambda row: row.sample
)
def test_what_is_called_reproduced_was_seen(row: Text) -> None:
    assert [*clients_saying(row), *servers_saying(row)]
