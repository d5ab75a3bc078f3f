# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Produce every case of every origin; `make servers` only tries whether everything that takes is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from .aiosmtpd_servers import aiosmtpd_servers
from .cases import cases
from .certificates import write_certificates
from .namespace import NamespaceError
from .network import produced_in_a_namespace
from .packages import PackagesError, unpacked
from .produce import Produced, produce
from .real_servers import ServersError, real_servers
from .scripted import scripted_servers

# What stands for servers that no device reaches: nothing listens on the first, the others are faults of the host map.
_NOWHERE = {
    "device/none": "127.9.9.9:9",
    "device/unreachable": "unreachable",
    "device/nxdomain": "nxdomain",
    "device/dns-timeout": "dns-timeout",
}
_TIMEOUT, _SHORT_TIMEOUT = 10.0, 3.0


Production = Mapping[str, Future[list[Produced]]]


@contextmanager
def production() -> Iterator[Production]:
    """Begin with everything at once; yield what is to come, by origin.

    What a machine cannot do raises where it is asked for: PackagesError, ServersError or NamespaceError.
    """
    with ThreadPoolExecutor(3) as workers:
        scripted = workers.submit(_scripted)
        yield {
            "real": workers.submit(_real),
            "network": workers.submit(lambda: produced_in_a_namespace(unpacked())),
            "scripted": scripted,
            "device": scripted,
        }


def everything(coming: Production) -> list[Produced]:
    """Return what each case gave in each dialect, when all is there."""
    return [row for each in dict.fromkeys(coming.values()) for row in each.result()]


def _real() -> list[Produced]:
    with real_servers(unpacked()) as servers, aiosmtpd_servers(servers.certificates) as more:
        return produce(cases("real"), {**servers.places, **more}, trusted=servers.trusted, timeout=_TIMEOUT)


def _scripted() -> list[Produced]:
    with TemporaryDirectory() as directory:
        write_certificates(Path(directory))
        with scripted_servers(cases("scripted"), Path(directory, "good.pem")) as places:
            chosen = [*cases("scripted"), *cases("device")]
            return produce(chosen, {**places, **_NOWHERE}, timeout=_SHORT_TIMEOUT)


if __name__ == "__main__":
    try:
        with real_servers(unpacked()) as started:
            print(f"{len(started.places)} listeners of Postfix, Dovecot and Exim start and stop on this machine")
    except (PackagesError, ServersError, NamespaceError) as error:
        sys.exit(str(error))
