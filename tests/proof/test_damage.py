# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No damage to one line of the log of a mail that was really lost makes it an accepted one."""

from __future__ import annotations

import re
from concurrent.futures import ProcessPoolExecutor

from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse

from .produce import Produced

# What may become of a line: it is lost, it is cut, or its letters or digits are.
_DAMAGES = (
    lambda line: [],
    lambda line: [line[: len(line) // 2]],
    lambda line: [re.sub("[A-Za-z]", "x", line)],
    lambda line: [re.sub(r"\d", "#", line)],
)


# Of each log every so many lines are damaged, other lines and other damages in each of them.
_EVERY = 17


def wrongly_accepted(numbered: tuple[int, str]) -> list[str]:
    """The damaged lines after which this log, from its test command on, reads as accepted."""
    which, text = numbered
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if "# diagnose test connection" in line)
    found = []
    # What stands before the command is the same in every log.
    for number in range(start + which % _EVERY, len(lines), _EVERY):
        instead = _DAMAGES[(number + which // _EVERY) % len(_DAMAGES)](lines[number])
        verdicts = analyse("\n".join([*lines[:number], *instead, *lines[number + 1 :]]) + "\n")["verdicts"]
        if any(verdict["outcome"] == "accepted" for verdict in verdicts):
            found.append(lines[number])
    return found


def test_no_damaged_line_makes_a_lost_mail_accepted(produced: list[Produced]) -> None:
    lost = [row for row in produced if row.case.cause != "accepted"]
    texts = list(enumerate(row.text for row in lost))
    with ProcessPoolExecutor(2) as workers:
        for row, wrong in zip(lost, workers.map(wrongly_accepted, texts, chunksize=8), strict=True):
            assert wrong == [], f"{row.case.name} in {row.dialect}"


def test_without_the_final_reply_nothing_is_accepted(produced: list[Produced]) -> None:
    """Where the counters are gone, too, there is no proof left."""
    for row in produced:
        if row.case.cause == "accepted":
            lines = [
                line
                for line in row.text.splitlines()
                if not re.search(r"250 (?:2\.0\.0|OK)|sendmail count|sent mail", line)
            ]
            verdicts = analyse("\n".join(lines) + "\n")["verdicts"]
            assert verdicts[-1]["outcome"] == "unknown", f"{row.case.name} in {row.dialect}"
