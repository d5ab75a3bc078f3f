# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real mail servers say to a broken dialogue what the vocabulary believes they say: cases/replies.yml."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import pytest
import yaml

from .aiosmtpd_servers import aiosmtpd_servers
from .cases import CASES
from .packages import unpacked
from .real_servers import PASSWORD, USER, real_servers

LOGIN = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
REPLIES = yaml.safe_load((CASES / "replies.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def places() -> Iterator[Mapping[str, str]]:
    with real_servers(unpacked()) as servers, aiosmtpd_servers(servers.certificates) as more:
        yield {**servers.places, **more}


@pytest.mark.root
@pytest.mark.parametrize("case", REPLIES, ids=lambda case: f"{case['server']}: {case['says']}")
def test_a_real_server_says_it(case: dict[str, Any], places: Mapping[str, str]) -> None:
    host, __, port = places[case["server"]].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as link:
        answer = reply(link.makefile("rb"))
        for line in case["types"]:
            link.sendall(line.replace("{login}", LOGIN).encode() + b"\r\n")
            answer = reply(link.makefile("rb", buffering=0))
            if line == "STARTTLS" and answer.startswith("220"):
                trusting = ssl.create_default_context()
                trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
                link = trusting.wrap_socket(link)
    assert case["says"] in answer


def reply(stream: BinaryIO) -> str:
    """Read one reply, of however many lines."""
    lines = [stream.readline().decode()]
    while lines[-1][3:4] == "-":
        lines.append(stream.readline().decode())
    return "".join(lines)
