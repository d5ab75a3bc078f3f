# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the cause of a text that nobody listed is found: accuracy by half, by kind and by cause over the corpus.

`--misses` prints what is wrong in the open half.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.classify import classify

from .corpus import KINDS, Row, rows

# A cause with fewer rows than this says nothing about the cause.
ENOUGH = 5


@dataclass(frozen=True)
class Answer:
    """What was found for a row, and the words or the code that decided."""

    row: Row
    found: str
    evidence: str

    @property
    def is_right(self) -> bool:
        return self.found in self.row.causes


def answers(asked: Iterable[Row]) -> list[Answer]:
    """Return what is answered to each row."""
    found = ((row, classify(row.text, row.stage or "")) for row in asked)
    return [Answer(row, answer["cause"], answer["evidence"]) for row, answer in found]


def accuracy(given: Sequence[Answer]) -> float:
    """Return the share of right answers; 1.0 where nothing was asked."""
    return sum(each.is_right for each in given) / len(given) if given else 1.0


def by_cause(given: Iterable[Answer]) -> dict[str, list[Answer]]:
    """Return the answers by the first cause of their rows."""
    found: dict[str, list[Answer]] = {}
    for each in given:
        found.setdefault(each.row.causes[0], []).append(each)
    return found


def macro(given: Sequence[Answer]) -> float:
    """Return the mean of the accuracies of all causes that have enough rows."""
    shares = [accuracy(each) for each in by_cause(given).values() if len(each) >= ENOUGH]
    return sum(shares) / len(shares) if shares else 1.0


def table(given: Sequence[Answer]) -> str:
    """Return the figures for people: by half, kind and cause, and what wrong answers said."""
    lines = []
    for name, half in (
        ("open half", [each for each in given if each.row.half == "open"]),
        ("counted half", [each for each in given if each.row.half == "counted"]),
        ("all", list(given)),
    ):
        silent = sum(each.found == "unknown" and not each.is_right for each in half)
        lines.append(
            f"{name}: {len(half)} sentences, right {accuracy(half):.3f}, mean over causes {macro(half):.3f}, "
            f"wrongly unknown {silent}"
        )
        of_kind = {kind: [each for each in half if each.row.kind == kind] for kind in KINDS}
        lines += [
            f"  {kind:14}{sum(each.is_right for each in of):5} of {len(of):4}  {accuracy(of):.3f}"
            for kind, of in of_kind.items()
            if of
        ]
    lines.append("\ncause                            right    of  instead")
    for cause, of in sorted(by_cause(given).items()):
        instead = Counter(each.found for each in of if not each.is_right).most_common(4)
        words = ", ".join(f"{found} {count}" for found, count in instead)
        lines.append(f"{cause:32} {sum(each.is_right for each in of):5} {len(of):5}  {words}".rstrip())
    return "\n".join(lines)


def main() -> None:
    """Print the figures; with --misses also the wrong answers of the open half."""
    parser = argparse.ArgumentParser(description="how often the cause of a sentence nobody listed is found")
    parser.add_argument("--misses", action="store_true", help="print the wrong answers of the half that may be read")
    options = parser.parse_args()
    given = answers(rows())
    print(table(given))
    if options.misses:
        for each in given:
            if each.row.half == "open" and not each.is_right:
                wanted = "|".join(each.row.causes)
                print(f"{each.row.kind}: {each.row.text}\n    wanted {wanted}, found {each.found} ({each.evidence})")


if __name__ == "__main__":
    main()
