# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Examine a mail server from here, all ports in parallel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ..redact.redactor import Redactor
from ..smtp import knowledge
from .failure import ProbeError
from .names import addresses, mail_exchangers
from .port import look
from .request import Request
from .result import Probe

SCHEMA = "fortiops.mail/probe/1"


def probe(wanted: Request) -> Probe:
    """Return what the server offers, as schemas/probe.json describes it, without the password in any form."""
    knowledge.preload()  # slow, and it must not count as time of a port
    found = addresses(wanted.host, wanted.timeout)
    unresolved = ProbeError("dns", found["cause"], found["evidence"]) if found["cause"] else None
    every = [*found["ipv4"], *found["ipv6"]]
    with ThreadPoolExecutor(max_workers=len(wanted.ports) + 1) as workers:
        exchangers = workers.submit(mail_exchangers, wanted.host, wanted.timeout)
        ports = list(workers.map(lambda port: look(wanted, port, every, unresolved), wanted.ports))
    result: Probe = {
        "schema": SCHEMA,
        "host": wanted.host,
        "addresses": found,
        "mx": exchangers.result(),
        "ports": ports,
    }
    redacted: Probe = Redactor([wanted.passwd] if wanted.passwd else []).data(result)
    return redacted
