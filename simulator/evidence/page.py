# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of `fazmail evidence`: both wordings side by side, in Markdown, which an issue of a project shows as it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .compare import CONFIRMED, DIFFERENT, NOT_SEEN, Comparison

_HEAD = """\
# What this device prints

{device}. {count} texts are assumed: {confirmed} confirmed, {different} different, {unseen} not seen.
Secrets are masked; names and addresses are not: read this page and the captures before you give them away."""
_SECTIONS = {
    DIFFERENT: "Read these first: what the device prints is not what is assumed.",
    CONFIRMED: "The device prints them as assumed.",
    NOT_SEEN: "Nothing that was typed shows them.",
}
_CORRECTED = """\
## Corrections

{words}"""
_USE = """\
The folder `corrections` has what fits this device. To use it:

```
{exports}
```"""
_VARIABLES = {"templates": "FAZMAIL_TEMPLATES", "simulator.yml": "FAZMAIL_SIMULATOR_TEXTS"}
_NOTHING = "None could be made: everything is as assumed, or what differs cannot be read without knowing what it means."


def page(comparisons: Sequence[Comparison], device: str, folder: str, corrections: Collection[str]) -> str:
    """Return the page for a device, such as `FAZ-HQ, FortiAnalyzer 7.4.2`, whose files are in a folder."""
    by_status = {status: [each for each in comparisons if each.status == status] for status in _SECTIONS}
    parts = [
        _HEAD.format(
            device=device,
            count=len(comparisons),
            confirmed=len(by_status[CONFIRMED]),
            different=len(by_status[DIFFERENT]),
            unseen=len(by_status[NOT_SEEN]),
        )
    ]
    for status, words in _SECTIONS.items():
        if found := by_status[status]:
            rows = [_row(each) for each in found]
            head = "| text | assumed | the device prints | command |\n| --- | --- | --- | --- |"
            parts += [f"## {status.capitalize()}", words, "\n".join([head, *rows])]
    exports = [
        f"export {variable}=$PWD/{folder}/corrections/{name}"
        for name, variable in _VARIABLES.items()
        if any(each.partition("/")[0] == name for each in corrections)
    ]
    parts.append(_CORRECTED.format(words=_USE.format(exports="\n".join(exports)) if exports else _NOTHING))
    return "\n\n".join(parts) + "\n"


def _row(each: Comparison) -> str:
    assumed, seen = _code(each.assumption.wording.splitlines()), _code(each.seen)
    return (
        f"| {each.assumption.kind} {each.assumption.name} | {assumed} | {seen} | {_code([each.assumption.command])} |"
    )


def _code(lines: Sequence[str]) -> str:
    shown = [line.replace("|", "\\|").replace("`", "'") for line in lines if line.strip()]
    return "<br>".join(f"`{line}`" for line in shown)
