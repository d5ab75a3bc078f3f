# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other Fortinet products in a log: what they print about mail is read like any dialogue, but has other remedies.

Of their debug output little is public, and nothing of their configuration is known here: a verdict says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ..smtp.verdict import Verdict
from ..yaml_file import read_beside

OTHER_PRODUCT = "other_product"
_ADVICE = (
    "These lines are of a {product}: the cause is what the mail server or the network says, and holds for it too. "
    "How a {product} is configured is not known here; its CLI reference says so."
)


def product_in(texts: Sequence[str]) -> str:
    """Return the name of the other product that some lines are of, "" if they show none."""
    text = "\n".join(texts)
    return next((product for mark, product in _marks() if mark in text), "")


def without_remedy(verdict: Verdict, product: str) -> Verdict:
    """Return a verdict on what another product sent, without the commands of a FortiAnalyzer."""
    return {
        **verdict,
        "remedy": [{"cli": "", "task": "", "advice": _ADVICE.format(product=product)}],
        "warnings": [*verdict["warnings"], OTHER_PRODUCT],
    }


@cache
def _marks() -> list[tuple[str, str]]:
    return [(row["mark"], row["product"]) for row in read_beside(__file__, "products.yml")]
