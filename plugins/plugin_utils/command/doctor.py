# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail doctor`: whether the installation and the devices are ready, and what to do where they are not."""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import FazmailError
from ..libraries import MissingLibraryError
from .input import InputError
from .on_device import ANSIBLE_ENVIRONMENT, add_device, do, inventory_words, state_dir
from .parser import Commands, show

OK, WARNING, FAILED = "ok", "warning", "failed"
_EPILOG = """\
exit status of `doctor`:
  0  nothing is wrong, or there are only warnings
  1  something is wrong; the line below it says what to do
  2  the command was wrong
"""
_AT_A_TIME = 5
# Packages that only some commands need, and which.
_OPTIONAL = {
    "asyncssh": "`fazmail simulate`",
    "aiosmtpd": "`fazmail simulate`",
    "argcomplete": "`fazmail completion`",
}
# The steps of a login in their order, as `stopped_at` of a result names them; what they are called here, and what to do.
_STEPS = {
    "connection": (
        "reachable",
        "Check name, address, port and firewall; on the device SSH must be allowed on the interface and for this address (trusted hosts).",
    ),
    "host_key": (
        "host key",
        "Compare the fingerprint with that of the device's console (`get system status` names the device, not the key); then pin it "
        "with --fingerprint or ansible_fortiops_mail_host_key_fingerprint, or add it to known_hosts.",
    ),
    "login": (
        "login",
        "Check user, password or key, and that the account may log in over SSH from here without a second factor.",
    ),
}
# What to do where it was a jump host that did not lead to the device.
_JUMP_HOST = {
    "connection": "Check name, address and port of the jump host, and the firewall before it.",
    "host_key": "Compare the fingerprint with that of the jump host; then add it to known_hosts, or with -i pin it with "
    "ansible_fortiops_mail_proxy_jump_host_key_fingerprint.",
    "login": "Check user, password or key for the jump host.",
    "forwarding": "Check address and port of the device as the jump host sees it, and that the jump host may open connections for others "
    "(AllowTcpForwarding).",
}
_READ_ONLY = (
    "Give the administrator a profile that may read the whole system; without it these facts are reported as not read."
)
_DEBUG = "Nobody has switched it off: `diagnose debug disable` and `diagnose debug reset` do, unless somebody is working on the device."


class Check(NamedTuple):
    """One thing that was looked at: of what, its name, how it is, what was found, and what to do ("" if nothing)."""

    of: str
    name: str
    state: str
    found: str
    advice: str = ""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "doctor",
        help="check that the installation and devices are ready",
        description="Check the installation. With HOST, or the hosts of an inventory, log in to each device and check that it is reachable, "
        "its host key known, the login accepted, everything readable, and no debug left on. Nothing is changed.",
        epilog=_EPILOG,
    )
    add_device(parser, host=False)
    parser.add_argument(
        "hosts", nargs="*", metavar="HOST", help="device to check (default: none, and with -i all of the inventory)"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check, print what was found and return the exit status."""
    hosts = options.hosts or (_hosts_of(options.inventory) if options.inventory else [])
    checks = [*installation(), *_devices(hosts, options)]
    if options.format == "json":
        show(json.dumps([check._asdict() for check in checks], indent=2))
    else:
        show(shown(checks))
    return 1 if any(check.state == FAILED for check in checks) else 0


def shown(checks: Sequence[Check]) -> str:
    """Return the checks for a person: one line each below what they are of, and what to do below what is not in order."""
    from ..report.table import wrapped

    width = min(shutil.get_terminal_size().columns, 100)
    lines: list[str] = []
    names = max(len(check.name) for check in checks)
    for place, check in enumerate(checks):
        if not place or checks[place - 1].of != check.of:
            lines += ["", check.of] if place else [check.of]
        before = f"  {check.state:7}  {check.name:{names}}  "
        lines += wrapped(check.found, width, before, " " * len(before))
        if check.advice:
            lines += wrapped(check.advice, width, " " * 11 + "-> ", " " * 14)
    return "\n".join(lines)


# -- the installation --------------------------------------------------------------------------------------------------


def installation() -> Iterator[Check]:
    """Check Python, the packages, Ansible and our own files."""
    of = "installation"
    release = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Check(of, "Python", OK if supported else WARNING, release, "" if supported else "Tested are 3.11 to 3.13.")
    yield from (_package(of, requirement) for requirement in _required())
    for name, needed_for in _OPTIONAL.items():
        version = _version(name)
        yield Check(of, name, OK if version else WARNING, version or f"not installed; only {needed_for} needs it")
    yield _ansible(of)
    yield _templates(of)
    yield _own_files(of)


def _required() -> list[str]:
    """Return what has to be installed, such as `paramiko<6,>=3.5`."""
    from importlib.metadata import PackageNotFoundError, requires

    from .. import yaml_file

    try:
        found = requires("fortiops-mail") or []
    except PackageNotFoundError:  # installed by ansible-galaxy
        root = Path(__file__).parents[3]
        ansible = yaml_file.read(root / "meta" / "runtime.yml")["requires_ansible"]
        return [f"ansible-core{ansible}", *(root / "requirements.txt").read_text(encoding="utf-8").split()]
    return [requirement for requirement in found if "extra ==" not in requirement]


def _package(of: str, requirement: str) -> Check:
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    version = _version(wanted.name)
    install = f"Run: {sys.executable} -m pip install '{wanted}'"
    if not version:
        return Check(of, wanted.name, FAILED, "not installed", install)
    if not wanted.specifier.contains(version, prereleases=True):
        return Check(of, wanted.name, FAILED, f"{version}; expected {wanted.specifier}", install)
    return Check(of, wanted.name, OK, version)


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _ansible(of: str) -> Check:
    """Whether `ansible-playbook` of the PATH is of this Python: another one does not find the collection, nor what it needs."""
    found = shutil.which("ansible-playbook")
    ours = Path(sys.executable).parent
    if found is None:
        return Check(of, "ansible-playbook", WARNING, "not in PATH", f"Playbooks need it: add {ours} to PATH.")
    if Path(found).resolve().parent != ours.resolve() and Path(found).parent != ours:
        return Check(
            of,
            "ansible-playbook",
            WARNING,
            f"{found} is of another Python than fazmail",
            f"Playbooks may not find this collection: use {ours / 'ansible-playbook'}, or install the collection there, too.",
        )
    return Check(of, "ansible-playbook", OK, found)


def _templates(of: str) -> Check:
    from ..smtp.vocabulary import vocabulary
    from ..templates.find import directories
    from ..templates.lint import lint

    try:
        faults = [fault for directory in directories() for fault in lint(directory, None)]
        texts = len(vocabulary().rows)
    except FazmailError as error:
        # Whoever lacks a package is told so, and how to install it.
        correct = "" if isinstance(error, MissingLibraryError) else "Correct the file that the message names."
        return Check(of, "templates and texts", FAILED, str(error), correct)
    if faults:
        return Check(of, "templates and texts", FAILED, str(faults[0]), "`fazmail templates lint` shows all faults.")
    return Check(of, "templates and texts", OK, f"{texts} texts of mail servers and libraries")


def _own_files(of: str) -> Check:
    directory = state_dir()
    there = next(each for each in (directory, *directory.parents) if each.exists())
    if os.access(there, os.W_OK | os.X_OK):
        return Check(of, "own files", OK, str(directory))
    return Check(
        of,
        "own files",
        FAILED,
        f"{directory} cannot be written",
        "Debug that is interrupted could not be switched off later: correct the permissions, or set FORTIOPS_MAIL_STATE_DIR.",
    )


# -- devices -----------------------------------------------------------------------------------------------------------


def _hosts_of(inventories: Sequence[str]) -> list[str]:
    """Return the hosts of some inventories. Raises InputError."""
    words = inventory_words(inventories)
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "inventory", *words, "--list"],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **ANSIBLE_ENVIRONMENT},
    )
    try:
        groups = json.loads(done.stdout)
        hosts = {host for group in groups.values() for host in group.get("hosts", [])}
    except (ValueError, AttributeError, TypeError) as error:
        said = done.stderr.strip().splitlines() or ["it printed nothing"]
        raise InputError(f"-i {' -i '.join(inventories)}: ansible cannot read it: {said[-1]}") from error
    if not hosts:
        raise InputError(f"-i {' -i '.join(inventories)}: has no host; expected an inventory with devices")
    return sorted(hosts)


def _devices(hosts: Sequence[str], options: argparse.Namespace) -> Iterator[Check]:
    def looked_at(host: str) -> list[Check]:
        mine = copy.copy(options)
        mine.host = host
        try:
            result = do(mine, "faz_facts", {})
        except FazmailError as error:
            return list(of_error(host, error))
        return list(of_device(host, result))

    # A password is asked for one after the other.
    several = options.inventory or options.key_file or "FAZMAIL_PASSWORD" in os.environ
    with ThreadPoolExecutor(_AT_A_TIME if several else 1) as pool:
        for checks in pool.map(looked_at, hosts):
            yield from checks


def of_error(host: str, error: FazmailError) -> Iterator[Check]:
    """The checks of a device to which nobody could log in: the steps before that succeeded, and the one that did not."""
    stopped = error.details.get("stopped_at")
    if stopped is None:
        yield Check(host, "session", FAILED, str(error))
    elif stopped["role"] != "device":
        # A jump host's host key or login says nothing of the device behind it.
        yield Check(host, _STEPS["connection"][0], FAILED, str(error), _JUMP_HOST[stopped["step"]])
    else:
        name, advice = _STEPS[stopped["step"]]
        for step in takewhile(lambda step: step != stopped["step"], _STEPS):
            yield Check(host, _STEPS[step][0], OK, "yes")
        yield Check(host, name, FAILED, str(error), advice)


def of_device(host: str, result: Mapping[str, Any]) -> Iterator[Check]:
    """The checks of a device whose facts were read."""
    from ..device.device import reasons

    facts = result["ansible_facts"]["faz"]
    for name, __ in _STEPS.values():
        yield Check(host, name, OK, "yes")
    firmware = facts["firmware"]
    if firmware:
        yield Check(host, "firmware", OK, f"{firmware['family']} {firmware['version']}")
    else:
        yield Check(host, "firmware", FAILED, f"not read: {facts['unread'].get('firmware', '')}", _READ_ONLY)
    unread = {name: why for name, why in facts["unread"].items() if name != "firmware"}
    if unread:
        yield Check(host, "privilege", FAILED, f"not everything can be read: {reasons(unread)}", _READ_ONLY)
    else:
        yield Check(host, "privilege", OK, "everything can be read")
    yield _debug(host, facts["debug"])
    for warning in result.get("warnings", ()):
        if not warning.startswith("not everything was read"):
            yield Check(host, "remark", WARNING, warning)


def _debug(host: str, debug: Mapping[str, Any]) -> Check:
    if debug["on"] is None and debug["level"] is None:
        return Check(host, "debug", WARNING, "not known")
    if debug["on"]:
        return Check(host, "debug", WARNING, f"output is on, level of fazmaild {debug['level']}", _DEBUG)
    if debug["level"]:
        return Check(host, "debug", WARNING, f"output is off, but the level of fazmaild is {debug['level']}", _DEBUG)
    return Check(host, "debug", OK, "off")
