# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark must reach, judged on the runs of one invocation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from runs import Run
from variants import VARIANTS


@dataclass(frozen=True)
class Target:
    """One line of the verdict. `reached` is None when the runs it needs were not made."""

    what: str
    reached: bool | None
    found: str

    def __str__(self) -> str:
        word = {True: "PASS", False: "FAIL", None: "not measured"}[self.reached]
        return f"- {word}: {self.what}: {self.found}"


def judge(runs: Sequence[Run]) -> list[Target]:
    """Return the targets of a fleet without broken devices and without login delay."""
    found: list[Target] = []
    for peer in ("a", "a-2"):
        found += _against_network_cli(runs, peer)
    found.append(_logins(runs))
    for size in (100, 300):
        for ours, floor in (("ours", "d"), ("ours-2", "d-2")):
            found.append(
                _ratio(
                    f"{size} devices: CPU of {ours} at most 1.5 times that of {floor}",
                    _median(runs, ours, size, _cpu),
                    _median(runs, floor, size, _cpu),
                    lambda ratio: ratio <= 1.5,
                )
            )
    found.append(_growth(runs))
    failed = {
        f"{run.variant} {run.size}": len(run.failed) for run in runs if run.variant.startswith("ours") and run.failed
    }
    found.append(Target("no failure", not failed if runs else None, str(failed or 0)))
    return found


def judge_broken(runs: Sequence[Run], patience: float) -> list[Target]:
    """Return the targets of fleets with broken devices; `patience`: seconds that one login may take."""
    found = []
    for run in runs:
        if run.variant != "ours":
            continue
        wrong = run.unexpected
        found.append(
            Target(
                f"{run.size} devices with {len(run.broken)} broken: each broken one fails, no other one does",
                not wrong,
                str(wrong or "so it is"),
            )
        )
        without_cause = [name for name in run.broken if run.failed.get(name, "-").startswith("-")]
        found.append(
            Target("each broken one fails with its cause", not without_cause, str(without_cause or "so it is"))
        )
    return found


def quick(what: str, value: float, most: float, unit: str) -> Target:
    """Return a target that is an upper limit."""
    return Target(f"{what} under {most:g} {unit}", value < most, f"{value:.1f} {unit}")


def _cpu(run: Run) -> float:
    return run.usage.cpu


def _pss(run: Run) -> float:
    return run.usage.pss


def _median(runs: Sequence[Run], name: str, size: int, value: Callable[[Run], float]) -> float | None:
    values = [value(run) for run in runs if (run.variant, run.size) == (name, size)]
    return median(values) if values else None


def _ratio(what: str, one: float | None, other: float | None, good: Callable[[float], bool]) -> Target:
    if not one or not other:
        return Target(what, None, "-")
    return Target(what, good(one / other), f"{one:.1f} to {other:.1f}, {one / other:.2f} times")


def _against_network_cli(runs: Sequence[Run], peer: str) -> list[Target]:
    def wall(run: Run) -> float:
        return run.usage.wall

    return [
        _ratio(
            f"20 devices: {peer} takes at least 25 times as long as ours",
            _median(runs, peer, 20, wall),
            _median(runs, "ours", 20, wall),
            lambda ratio: ratio >= 25,
        ),
        _ratio(
            f"20 devices: {peer} takes at least 10 times the memory of ours",
            _median(runs, peer, 20, _pss),
            _median(runs, "ours", 20, _pss),
            lambda ratio: ratio >= 10,
        ),
    ]


def _logins(runs: Sequence[Run]) -> Target:
    ours = [run for run in runs if run.variant.startswith("ours")]
    wrong = [
        f"{run.size} devices: {run.heard.logins}"
        for run in ours
        if run.heard.logins != VARIANTS[run.variant].logins * run.size
    ]
    return Target(
        "one login per task", not wrong if ours else None, ", ".join(wrong) or "2 tasks on the device, 2 logins"
    )


def _growth(runs: Sequence[Run]) -> Target:
    few, many = _median(runs, "ours", 20, _pss), _median(runs, "ours", 300, _pss)
    what = "memory growth of ours from 20 to 300 devices under 100 MB"
    if few is None or many is None:
        return Target(what, None, "-")
    return Target(what, many - few < 100, f"{many - few:.0f} MB ({few:.0f} to {many:.0f})")
