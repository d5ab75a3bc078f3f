# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts that measure how much of what servers and clients say is understood.

They were written without a look at the vocabulary and before the grammar of replies, or worded as servers do and judged before
the grammar was asked, so that they show how well the diagnosis reads what it was not made for. Nothing is added to the
vocabulary or the grammar because a text of the counted half is read wrong.

Each kind has a file in `texts`, and a second one in `texts/open` for what those write who improve the diagnosis. A row has
  text    one line as a server or a program prints it, or as a person words it
  cause   the causes that an expert could defend; `unknown` where the text tells neither success nor failure
  stage   where in the dialogue the text was said, if that is known
All names and addresses are those reserved for documentation (RFC 2606, RFC 5737, RFC 3849).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import yaml

Kind = Literal["server", "paraphrase", "denial", "quotation"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Row:
    text: str
    causes: tuple[str, ...]
    kind: Kind
    stage: str | None
    written_open: bool = False

    @property
    def half(self) -> Literal["open", "counted"]:
        """The open half may be read by those who improve the diagnosis; of the other only the sums are looked at.

        The half depends on the text alone: a row that is added moves no other row. What was `written_open` is open.
        """
        return "open" if self.written_open or zlib.crc32(self.text.encode()) % 2 else "counted"


def rows() -> list[Row]:
    """All texts, kind by kind, in the order of the files."""
    return [
        Row(text=row["text"], causes=tuple(row["cause"]), kind=kind, stage=row.get("stage"), written_open=is_open)
        for kind in KINDS
        for is_open, folder in ((False, TEXTS), (True, TEXTS / "open"))
        if (file := folder / f"{kind}.yml").exists()
        for row in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    ]
