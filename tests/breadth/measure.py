# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the cause of a sentence nobody listed is found: accuracy by kind and by cause over the corpora beside this file.

A corpus is a YAML file with a list of rows:

    text   what somebody said, in one line
    cause  every cause that can be defended; the first is the one it is counted under. `unknown` where nothing is told.
    kind   server (the words of a server) | paraphrase (the same in free words) | denial (says what is not the case) |
           quotation (words that belong to somebody else, or to the mail)

Rows are split in two by a hash of their text. The open half may be read while the grammar is built: `--misses` prints
what is wrong in it. The other half is only counted, so that it measures what nobody has looked at.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.classify import classify

KINDS = ("server", "paraphrase", "denial", "quotation")
# A cause with fewer rows than this says nothing about the cause.
ENOUGH = 5


@dataclass(frozen=True)
class Row:
    """A sentence and the causes that can be defended for it."""

    text: str
    causes: tuple[str, ...]
    kind: str

    @property
    def is_open(self) -> bool:
        """Return whether the row may be read while the grammar is built."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True)
class Answer:
    """What was found for a row, and the words or the code that decided."""

    row: Row
    found: str
    evidence: str

    @property
    def is_right(self) -> bool:
        return self.found in self.row.causes


def corpus() -> list[Row]:
    """Return the rows of all corpora, each text once."""
    rows: dict[str, Row] = {}
    for file in sorted(Path(__file__).parent.glob("*.yml")):
        for row in yaml.safe_load(file.read_text(encoding="utf-8")) or []:
            causes = row["cause"] if isinstance(row["cause"], list) else [row["cause"]]
            rows[row["text"]] = Row(row["text"], tuple(causes), row["kind"])
    return list(rows.values())


def answers(rows: Iterable[Row]) -> list[Answer]:
    """Return what `fazmail classify` answers to each row."""
    found = ((row, classify(row.text)) for row in rows)
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
        ("open half", [each for each in given if each.row.is_open]),
        ("counted half", [each for each in given if not each.row.is_open]),
        ("all", list(given)),
    ):
        silent = sum(each.found == "unknown" and not each.is_right for each in half)
        lines.append(
            f"{name}: {len(half)} sentences, right {accuracy(half):.3f}, mean over causes {macro(half):.3f}, "
            f"wrongly unknown {silent}"
        )
        of_kind = {kind: [each for each in half if each.row.kind == kind] for kind in KINDS}
        lines += [
            f"  {kind:14}{sum(each.is_right for each in rows):5} of {len(rows):4}  {accuracy(rows):.3f}"
            for kind, rows in of_kind.items()
            if rows
        ]
    lines.append("\ncause                            right    of  instead")
    for cause, rows in sorted(by_cause(given).items()):
        instead = Counter(each.found for each in rows if not each.is_right).most_common(4)
        words = ", ".join(f"{found} {count}" for found, count in instead)
        lines.append(f"{cause:32} {sum(each.is_right for each in rows):5} {len(rows):5}  {words}".rstrip())
    return "\n".join(lines)


def main() -> None:
    """Print the figures; with --misses also the wrong answers of the open half."""
    parser = argparse.ArgumentParser(description="how often the cause of a sentence nobody listed is found")
    parser.add_argument("--misses", action="store_true", help="print the wrong answers of the half that may be read")
    options = parser.parse_args()
    given = answers(corpus())
    print(table(given))
    if options.misses:
        for each in given:
            if each.row.is_open and not each.is_right:
                wanted = "|".join(each.row.causes)
                print(f"{each.row.kind}: {each.row.text}\n    wanted {wanted}, found {each.found} ({each.evidence})")


if __name__ == "__main__":
    main()
