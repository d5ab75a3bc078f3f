# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of runs as one HTML page that needs no network and no script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .page import source, style, template
from .rollout import STATES
from .run import RunDocument, all_good, change_text, head


def run_page(documents: Sequence[RunDocument]) -> str:
    """Return the text of the page, the last run first."""
    ordered = sorted(documents, key=lambda document: document["created"], reverse=True)
    look = style("compliance.css")
    return template("run.html.j2").render(
        documents=[
            (head(document), document, Counter(device["state"] for device in document["devices"]))
            for document in ordered
        ],
        good=all_good(documents),
        states=STATES,
        change_text=change_text,
        style=look,
        style_hash=source(look),
    )
