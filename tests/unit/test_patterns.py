# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No line costs more than a moment, however long it is and whatever it is made of."""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import preload
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.ambiguity import LINEAR, growth
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.terminal import LONGEST_LINE
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary
from ansible_collections.fortiops.mail.tests.analysed import analyse_bytes

pytestmark = pytest.mark.once

HOUSE = Path(__file__).parents[2] / "plugins" / "plugin_utils"
NAME = "ansible_collections.fortiops.mail.plugins.plugin_utils"
# Expressions that never see a whole line, and why.
BOUNDED = {
    "PRESS_A": "reads the end of what has arrived",
    "QUESTION": "reads the end of what has arrived",
    "_HEADER": "reads the first 4096 characters of a file",
}


def patterns() -> Iterator[tuple[str, re.Pattern[str], bool]]:
    """All expressions of plugin_utils and of the vocabulary: place, expression, and whether it may begin anywhere."""
    for file in sorted(HOUSE.rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        module = ".".join(file.relative_to(HOUSE).with_suffix("").parts)
        for name, value in vars(importlib.import_module(f"{NAME}.{module}")).items():
            ways = set(re.findall(rf"\b{name}\.(match|fullmatch|search|finditer|findall|sub|subn|split)\b", source))
            searched = not ways or not ways <= {"match", "fullmatch"}
            if name not in BOUNDED:
                yield from ((f"{module}.{name}", each, searched) for each in within(value))
    for text in vocabulary().rows:
        if text.pattern is not None:
            yield f"vocabulary: {text.pattern.pattern}", text.pattern, True


def within(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, dict):
        yield from (found for each in value.values() for found in within(each))
    elif isinstance(value, tuple | list | set | frozenset):
        yield from (found for each in value for found in within(each))


def test_each_expression_of_the_product_reads_a_hostile_line_in_a_moment() -> None:
    slow = []
    seen = set()
    for name, pattern, searched in patterns():
        found = growth(pattern.pattern, pattern.flags & ~re.UNICODE, searched)
        if pattern in seen or found.kind == LINEAR:
            continue
        seen.add(pattern)
        for length in (4096, LONGEST_LINE):
            line = found.example(length)
            began = time.process_time()
            for text in (line, line.rstrip("\0")):
                pattern.search(text) if searched else pattern.match(text)
            if (taken := time.process_time() - began) > 1.0 * length / LONGEST_LINE + 0.1:
                slow.append(f"{name}: {taken:.1f} s on {length} characters {found.example(40)!r}")
                break

    assert slow == []


@pytest.mark.parametrize("again", ["TLS ", "pid ", "ack 0", " ", "250-", "= ", '"', "auth", "a@", "(0", "--More--"])
@pytest.mark.parametrize("before", ["", "send:1: < ", "FAZ # diagnose test application fazmaild 1\n"])
def test_a_log_with_a_line_of_64_kib_is_read_in_a_moment(before: str, again: str) -> None:
    preload()
    data = (before + again * (LONGEST_LINE // len(again)) + "\n").encode()
    began = time.process_time()
    analyse_bytes(data)
    assert time.process_time() - began < 2
