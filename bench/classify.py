# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast `fazmail classify` answers: lines that all differ, so that no memory of earlier ones helps.

Each line is a text of the vocabulary, a reply of tests/breadth, or a line nothing knows, behind one of the prefixes logs have, with an address, a
number and a name of its own. Prints lines/s, and PASS or FAIL against the goal: 100,000 lines in 5 seconds.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

GOAL_LINES_PER_SECOND = 20_000
_VOCABULARY = Path(__file__).parents[1] / "plugins" / "plugin_utils" / "smtp" / "vocabulary.yml"
_REPLIES = sorted((Path(__file__).parents[1] / "tests" / "breadth" / "texts").rglob("*.yml"))
_FAZMAIL = Path(sys.executable).with_name("fazmail")
_PREFIXES = (
    "",
    "* ",
    "< ",
    "<~* ",
    "SERVER -> CLIENT: ",
    "smtp_read_reply:{n}: ",
    "2026-11-24 10:{m:02}:{s:02} smtp_connect:{n}: ",
    "[sendmail_task:790 id={n}] S: ",
)
_ORDINARY = (
    "total pending tasks: {n}.",
    "Trying 192.0.2.{s}:587...",
    "250-mx{n}.example.net",
    "MAIL FROM:<faz{n}@example.com>",
    "Subject: Event {n} on FAZ-{s}",
    "wrote {n} bytes of report {s} to the queue",
)


def lines(count: int, seed: int) -> Iterator[str]:
    """Yield different lines as logs of mail programs have them: two of three are texts of the vocabulary."""
    samples = [row["sample"] for row in yaml.safe_load(_VOCABULARY.read_text(encoding="utf-8"))["texts"]]
    samples += [row["text"] for file in _REPLIES for row in yaml.safe_load(file.read_text(encoding="utf-8"))]
    pick = random.Random(seed)
    for number in range(count):
        text = pick.choice(samples) if pick.random() < 2 / 3 else pick.choice(_ORDINARY)
        values = {"n": number, "m": number // 60 % 60, "s": number % 60}
        prefix = pick.choice(_PREFIXES).format(**values)
        yield prefix + (text.format(**values) if text in _ORDINARY else text) + f" (mx{number}.example.net)"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000, help="how many lines (default: 100000)")
    parser.add_argument("--seed", type=int, default=20261124)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        texts, answers = Path(directory, "texts"), Path(directory, "answers")
        asked = list(lines(options.lines, options.seed))
        texts.write_text("\n".join(asked) + "\n", encoding="utf-8")
        start = time.perf_counter()
        with answers.open("wb") as output:
            subprocess.run([_FAZMAIL, "classify", "--file", texts], stdout=output, check=True)
        seconds = time.perf_counter() - start
        answered = sum(1 for __ in answers.open("rb"))
    speed = answered / seconds
    good = answered == len(set(asked)) == options.lines and speed >= GOAL_LINES_PER_SECOND
    print(
        f"{answered:,} answers to {options.lines:,} different lines in {seconds:.1f} s: {speed:,.0f} lines/s "
        f"(goal: {GOAL_LINES_PER_SECOND:,}) {'PASS' if good else 'FAIL'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
