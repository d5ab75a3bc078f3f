# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The confusion matrix: injected cause against found cause, by dialect and by origin. `--write` makes docs/matrix.md of it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes
from ansible_collections.fortiops.mail.simulator.mail.dialects import dialects

from .cases import ORIGINS, Case, all_cases
from .everything import everything, production
from .produce import Produced

PAGE = Path(__file__).parents[2] / "docs" / "matrix.md"
_INTRODUCTION = """\
# Confusion matrix

Each row is a cause that was injected. `found` is the cause that the diagnosis gave, and in how many runs: each case runs once in
each debug dialect of the simulated mail daemon. `make matrix` prints this page and `make matrix WRITE=1` writes it.

- **real**: Postfix with Dovecot, Exim or aiosmtpd answered, on loopback.
- **network**: a network namespace had the fault, made with nft, ip or tc.
- **scripted**: a reply that only the provider can give, or a server that breaks off; the texts are `documented`.
- **device**: the simulated device or its host map; the texts are `assumed`.
"""
_LIMITS = """\
## What cannot be told apart
- A server that speaks only TLS 1.0 and is built on GnuTLS (Exim on Debian) answers with the alert `handshake failure`, as it does when no
  cipher fits: this reads as `tls_cipher_mismatch`.
- A firewall that counts connections and answers with a reset reads as `connect_refused`.
- An address that is reached while its data are lost reads as `greeting_timeout` by the daemon's words alone; the packets tell it from a
  server that says nothing.
"""


def table(rows: Sequence[Produced]) -> list[str]:
    """The matrix as lines of a Markdown table. Causes that no case injects are named with 0 runs."""
    voices = list(dialects())
    head = ["injected", *ORIGINS, "found", *voices]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for cause in causes():
        mine = [row for row in rows if row.case.cause == cause]
        origins = Counter(row.case.origin for row in mine)
        found = Counter(row.verdict["cause"] for row in mine)
        cells = [f"`{cause}`", *(str(origins[each] // len(voices) or "") for each in ORIGINS)]
        cells.append(", ".join(f"`{name}` {count}" for name, count in sorted(found.items())) or "no case")
        for voice in voices:
            spoken = [row for row in mine if row.dialect == voice]
            right = sum(row.verdict["cause"] == cause for row in spoken)
            cells.append(f"{right}/{len(spoken)}" if spoken else "")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def page(rows: Sequence[Produced]) -> str:
    """Return docs/matrix.md."""
    right = sum(row.verdict["cause"] == row.case.cause for row in rows)
    believed = sum(row.verdict["outcome"] == "accepted" and row.case.cause != "accepted" for row in rows)
    lines = [
        _INTRODUCTION,
        f"{right} of {len(rows)} runs have the injected cause; {believed} lost mails are called accepted.",
        "",
        *table(rows),
        "",
        _LIMITS,
        "## Cases",
        *(f"- {case_line(case)}" for case in all_cases()),
        "",
    ]
    return "\n".join(lines)


def case_line(case: Case) -> str:
    return f"{case.origin}: {case.name} -> `{case.cause}`"


def main() -> None:
    with production() as coming:
        rows = everything(coming)
    print(page(rows))
    for row in rows:
        if row.verdict["cause"] != row.case.cause:
            print(f"{row.case.name} ({row.dialect}): injected {row.case.cause}, found {row.verdict['cause']}")
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
