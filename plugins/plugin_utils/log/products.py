# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other Fortinet products in a log, and those of ours whose firmware is too old: what they print about mail is read like any
dialogue, but has other remedies.

Of their debug output little is public, and nothing of their configuration is known here: a verdict says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ..regex.digits import may_contain, may_find
from ..smtp.verdict import Verdict
from ..yaml_file import read_beside

OTHER_PRODUCT = "other_product"
_OURS = frozenset({"FortiAnalyzer", "FortiManager"})
_ADVICE = (
    "These lines are of a {product}: the cause is what the mail server or the network says, and holds for it too. "
    "How a {product} is configured is not known here; its CLI reference says so."
)


def product_in(texts: Sequence[str]) -> str:
    """Return the name of the other product that some lines are of, "" if they show none."""
    text = "\n".join(texts)
    return next(
        (product for mark, line, product in _marks() if mark in text and (line is None or line.search(text))), ""
    )


def product_of(status: Mapping[str, Any]) -> str:
    """Return the name of the other product that prints a record of `get system status`, "" for one of ours.

    FortiOS and FortiMail print `Version: FortiGate-60F v7.4.3,build2573`. Releases before 5 of ours have no table of mail
    servers. Evidence: verbatim for a FortiGate, assumed for the others.
    """
    version = str(status.get("version", ""))
    named = re.match(r"(Forti[A-Za-z]+)-", version)
    if named is not None and named[1] not in _OURS:
        return named[1]
    release = re.search(r"\bv([1-4]\.\d)", version)
    family = named[1] if named else str(status.get("platform_full_name", "")).partition("-")[0] or "device"
    return f"{family} of release {release[1]}" if release else ""


def without_remedy(verdict: Verdict, product: str) -> Verdict:
    """Return a verdict on what another product sent, without the commands of a FortiAnalyzer."""
    return {
        **verdict,
        "remedy": other_remedy(product),
        "warnings": [*verdict["warnings"], OTHER_PRODUCT],
    }


def other_remedy(product: str) -> list[dict[str, str]]:
    """Return what takes the place of the commands of a FortiAnalyzer where another product shows something."""
    return [{"cli": "", "task": "", "advice": _ADVICE.format(product=product)}]


def may_show(folded: str) -> bool:
    """Return whether a line that folds to this one (`fold_words`) may be one of another product."""
    return any(may_contain(mark, folded) and (line is None or may_find(line, folded)) for mark, line, __ in _marks())


@cache
def _marks() -> list[tuple[str, re.Pattern[str] | None, str]]:
    """The text that has to be there, the beginning of its line where that counts, and the product."""
    return [
        (row["mark"], re.compile(f"^{row['line']}", re.MULTILINE) if "line" in row else None, row["product"])
        for row in read_beside(__file__, "products.yml")
    ]
