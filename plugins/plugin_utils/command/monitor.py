# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail monitor`: one device for Nagios, Icinga, Checkmk, Zabbix and Prometheus."""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import FazmailError
from ..own_files import DamagedFileError, LockedFile, file_name, loaded
from ..whole_file import ReaderLeft, WriteError, write_errors
from .on_device import add_device, add_test_mail, do, state_dir, test_mail_of
from .output import output
from .parser import Commands

if TYPE_CHECKING:
    from ..report.monitoring import DeviceCheck

_EPILOG = """\
exit status of `monitor`:
  0  OK
  1  warning
  2  critical: a limit is exceeded, the daemon is paused, or the test mail
     failed
  3  unknown: the device cannot be reached, something was not read, the
     result could not be written, or the command was wrong
"""
# Monitoring systems take 2 for critical. A result that nobody could be shown is unknown.
ERROR_STATUS = 3
_FORMATS = ("plugin", "json", "prometheus")
_LIMITS = {"queue": "10%,50%", "failed": "1,", "discarded": ",1", "age": ","}


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "monitor",
        help="monitor a device: Nagios, Icinga, Checkmk, Zabbix, Prometheus",
        description="Log in to a device and hold queue, counters and state of its mail daemon against limits, of which either may be "
        "left out: `1,` only warns, `,1` is critical at once. Prints one line "
        "with performance data, as monitoring plugins do.",
        epilog=_EPILOG,
    )
    parser.error_status = ERROR_STATUS
    add_device(parser)
    for name, text in (
        ("queue", "mails in the queue, or percent of what it holds"),
        ("failed", "mails that failed since the last check"),
        ("discarded", "mails that were discarded since the last check"),
        ("age", "seconds since the last mail was sent"),
    ):
        default = _LIMITS[name] if _LIMITS[name] != "," else "no limit"
        parser.add_argument(
            f"--{name}",
            default=_LIMITS[name],
            metavar="WARNING,CRITICAL",
            help=f"{text} (default: {default})".replace("%", "%%"),
        )
    add_test_mail(parser)
    parser.add_argument("--format", choices=_FORMATS, default="plugin", help="default: plugin, the line of a plugin")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write to a file, atomically, such as one for the textfile collector; - is standard output",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check the device, print one result and return the state as exit status."""
    from ..report.monitoring import UNKNOWN, DeviceCheck, as_json, as_metrics, as_plugin

    try:
        found = _checked(options)
    except FazmailError as error:
        found = DeviceCheck(options.host, [(UNKNOWN, str(error))])
    made = {"plugin": as_plugin, "json": as_json, "prometheus": as_metrics}[options.format](found)
    # The state is known, also where nobody reads the line.
    with suppress(ReaderLeft), output(options.output) as out:
        out.write(made + "\n")
    return found.state


def _checked(options: argparse.Namespace) -> DeviceCheck:
    """Log in and check. Raises FazmailError."""
    from ..report.monitoring import COUNTERS, UNKNOWN, add_test, check, limits

    bounds = {name: limits(f"--{name}", getattr(options, name), percent=name == "queue") for name in _LIMITS}
    test = test_mail_of(options, wait=30.0, quiet=5.0)
    result = do(options, "fazmaild", {"state": None})
    trouble = ""
    try:
        before = _counters(result["identity"], {name: (result["statistics"] or {}).get(name) for name in COUNTERS})
    except WriteError as error:
        before, trouble = {}, str(error)
    found = check(options.host, result, bounds, before)
    if trouble:
        found.remarks.append((UNKNOWN, f"the counters cannot be remembered: {trouble}"))
    if test:
        add_test(found, do(options, "mail_test", test)["verdict"])
    return found


def _counters(device: str, now: dict[str, Any]) -> dict[str, int]:
    """Return the counters of the check before, none where that is not known, and remember those of now.

    device: its identity. Behind one address may be another unit of a cluster now, which counts for itself.
    """
    file = LockedFile(state_dir() / f"monitor-{file_name(device)}.json", device)
    with write_errors(file.path), file.locked() as ours:
        if not ours:
            return {}  # another check of this device runs at the same time
        try:
            before = loaded(file.content())["counters"]
            known = {name: before[name] for name in now if isinstance(before.get(name), int)}
        except (AttributeError, DamagedFileError, KeyError, TypeError):
            known = {}
        # What was not read now is compared with the check before the next time, too.
        file.write(counters=known | {name: value for name, value in now.items() if value is not None})
        return known
