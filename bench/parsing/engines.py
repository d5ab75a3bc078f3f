# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engines that are compared. As a program: read one file with one of them and print what it took, as JSON."""

from __future__ import annotations

import hashlib
import json
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).with_name("debug.textfsm")
# ttp is given so much of the log only: its time per line does not depend on it, but its memory is ten times the file.
TTP_MEGABYTES = 10


@dataclass(frozen=True)
class Engine:
    """An engine: what it is, and how it makes rows of a file (all of them, kept, as ParseText does)."""

    title: str
    rows: Callable[[Path], list[Any]]


def by_textfsm(file: Path) -> list[list[str]]:
    import textfsm

    with TEMPLATE.open(encoding="utf-8") as template:
        rows: list[list[str]] = textfsm.TextFSM(template).ParseText(file.read_text(encoding="utf-8"))
    return rows


def by_us(file: Path, processes: int = 1) -> list[list[str]]:
    from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.blocks import rows
    from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.template import Template, no_collection

    with TEMPLATE.open(encoding="utf-8") as template, no_collection():
        return list(rows(Template(template), file, processes))


def by_alternation(file: Path) -> list[list[str]]:
    """All rules as one expression, which tells by its last group which of them it was."""
    import textfsm

    with TEMPLATE.open(encoding="utf-8") as template:
        compiled = textfsm.TextFSM(template)
    header = compiled.header
    rules = compiled.states["Start"]
    patterns = []
    for number, rule in enumerate(rules):
        patterns.append(re.sub(r"\(\?P<(\w+)>", rf"(?P<\1__{number}>", rule.regex) + f"(?P<rule__{number}>)")
    match = re.compile("|".join(f"(?:{pattern})" for pattern in patterns)).match
    columns = [
        [(header.index(name), f"{name}__{number}") for name in rule.regex_obj.regex.groupindex]
        for number, rule in enumerate(rules)
    ]
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines():
        matched = match(line)
        if matched and (groups := columns[int(str(matched.lastgroup).partition("__")[2])]):
            row = [""] * len(header)
            for column, group in groups:
                row[column] = matched[group] or ""
            rows.append(row)
    return rows


def by_ttp(file: Path) -> list[Any]:
    """ttp has a template language of its own: as many lines, the same texts, other rows."""
    from ttp import ttp

    with file.open(encoding="utf-8") as opened:
        text = opened.read(TTP_MEGABYTES * 10**6)
    parser = ttp(data=text, template=Path(__file__).with_name("debug.ttp").read_text(encoding="utf-8"))
    parser.parse(one=True)
    return list(parser.result())


ENGINES = {
    "textfsm": Engine("textfsm: `TextFSM.ParseText`", by_textfsm),
    "alternation": Engine("alternation: `re`, the 30 rules as one expression", by_alternation),
    "ttp": Engine(f"ttp: {TTP_MEGABYTES} MB only, other rows", by_ttp),
    "ours": Engine("ours: 1 process", by_us),
    "ours-2": Engine("ours-2: 2 processes", lambda file: by_us(file, 2)),
}


def main(name: str, file: Path) -> None:
    before, began = _cpu(), time.perf_counter()
    rows = ENGINES[name].rows(file)
    wall, cpu = time.perf_counter() - began, _cpu() - before
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "wall": wall,
                "cpu": cpu,
                "megabytes": min(file.stat().st_size / 1e6, TTP_MEGABYTES if name == "ttp" else float("inf")),
                # Of the largest process; the kernel counts in KiB.
                "memory": max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1000,
                "rows": len(rows),
                "hash": _hash(rows),
            }
        )
    )


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _hash(rows: Iterable[Any]) -> str:
    total = hashlib.sha1(usedforsecurity=False)
    for row in rows:
        total.update(repr(row).encode())
    return total.hexdigest()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
