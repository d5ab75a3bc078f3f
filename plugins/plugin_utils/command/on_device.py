# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a job on a device for a command: in this process, or with `-i` as a task of Ansible.

With an inventory Ansible does it all: variables, vaults, jump hosts and limits are then what they are in playbooks.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..errors import FazmailError
from .input import InputError
from .login import add_login, target_of

if TYPE_CHECKING:
    from ..jobs.job import TaskResult
    from ..shell.session import Session

_STATE_DIR = "FORTIOPS_MAIL_STATE_DIR"
# As `ansible` with its callback `minimal` prints a result.
_RESULT = re.compile(r"^(?P<host>.+) \| (?P<state>SUCCESS|CHANGED|FAILED!|UNREACHABLE!) => (?=\{)", re.MULTILINE)
# Whatever the settings of the user are, the output has to be this form.
ANSIBLE_ENVIRONMENT = {
    "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal",
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
    "ANSIBLE_LOAD_CALLBACK_PLUGINS": "false",
    "ANSIBLE_DEBUG": "false",
    "ANSIBLE_FORCE_COLOR": "false",
    "ANSIBLE_NOCOLOR": "true",
    "ANSIBLE_VERBOSITY": "0",
    "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "false",
}


class TaskFailed(FazmailError):
    """A task that Ansible ran has failed; message, cause and details are those of its result."""


def add_device(parser: argparse.ArgumentParser, host: bool = True) -> None:
    """Add the options for the device to a command; host: and the argument HOST."""
    parser.add_argument(
        "-i",
        "--inventory",
        action="append",
        metavar="INVENTORY",
        help="Ansible inventory that has HOST and how to log in to it; may be given several times",
    )
    add_login(parser, "of a HOST without -i", host)


def inventory_words(inventories: Sequence[str]) -> list[str]:
    """Return the arguments by which Ansible reads some inventories. Raises InputError."""
    for each in inventories:
        # With a comma it is a list of hosts. Ansible only warns of a file that it does not find.
        if "," not in each and not Path(each).expanduser().exists():
            raise InputError(f"-i {each}: no such file or folder; expected an inventory with devices")
    return [word for each in inventories for word in ("-i", each)]


def add_test_mail(parser: argparse.ArgumentParser) -> None:
    """Add the options for a test mail to a command; `test_mail_of` reads them."""
    parser.add_argument(
        "--test-mail",
        metavar="ID",
        help="send a test mail through this entry of config system mail, too, with debug of the mail daemon on",
    )
    parser.add_argument("--mail-from", metavar="ADDRESS", help="sender of the test mail")
    parser.add_argument("--mail-to", metavar="ADDRESS", help="recipient of the test mail; needs --mail-from")


def test_mail_of(options: argparse.Namespace, wait: float, quiet: float) -> dict[str, Any] | None:
    """Return the options of the job mail_test, None where no test mail is asked for. Raises InputError.

    wait, quiet: seconds that the daemon has for the mail, and of silence after which it has said all.
    """
    if not options.test_mail:
        for name, given in (("--mail-from", options.mail_from), ("--mail-to", options.mail_to)):
            if given:
                raise InputError(f"{name} {given}: is for a test mail; expected --test-mail with it")
        return None
    mail = {"id": options.test_mail, "mail_from": options.mail_from, "mail_to": options.mail_to}
    return mail | {"debug": True, "debug_level": 255, "wait": wait, "quiet": quiet, "capture_dir": None}


def state_dir() -> Path:
    """Return the directory for what must survive a command, which is that of the connection plugin."""
    return Path(os.environ.get(_STATE_DIR) or "~/.ansible/fortiops.mail").expanduser()


def do(options: argparse.Namespace, module: str, job_options: Mapping[str, Any]) -> TaskResult:
    """Do the job of a module on the device of the options and return its result, `warnings` among it.

    Raises FazmailError.
    """
    if options.inventory:
        return _by_ansible(options, module, job_options)
    from ..device.journal import Journal
    from ..jobs.job import Context, run
    from ..redact.redactor import Redactor
    from ..shell.limits import Limits
    from ..shell.ssh.open import open_session

    target = target_of(options)
    directory = job_options.get("capture_dir")

    def opened() -> AbstractContextManager[Session]:
        return open_session(target, Limits(), Redactor(target.secrets))

    context = Context(
        name=options.host,
        state_dir=state_dir(),
        journal_of=partial(Journal, state_dir(), former=(target.host, target.port)),
        open_session=opened,
        capture_dir=Path(directory) if directory else None,
    )
    job = import_module(f"..jobs.{module}", __package__).work
    result = run(job, dict(job_options), context)
    return {**result, "warnings": context.warnings}


def _by_ansible(options: argparse.Namespace, module: str, job_options: Mapping[str, Any]) -> TaskResult:
    """Run the module on the host with `ansible`. Raises TaskFailed, and InputError where no task was run."""
    host = options.host
    inventories = inventory_words(options.inventory)
    given = {name: value for name, value in job_options.items() if value is not None}
    # HOST may be the name of a group, and the other hosts of it are not meant.
    wanted = "inventory_hostname == fazmail.host"
    arguments = {
        name: f"{{{{ fazmail.options['{name}'] if {wanted} else undef(hint='no host of that name') }}}}"
        for name in given
    }
    with TemporaryDirectory() as directory:
        # In a file, because everybody on this machine sees the arguments of a process; JSON is YAML.
        variables = Path(directory, "options.json")
        variables.touch(0o600)
        variables.write_text(json.dumps({"fazmail": {"host": host, "options": _unsafe(given)}}), encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "ansible", "adhoc", *inventories, "-e", f"@{variables}"),
                *("-m", f"fortiops.mail.{module}", *(("-a", json.dumps(arguments)) if arguments else ())),
                # With a comma a name may hold blanks and colons, and behind the dashes begin with one.
                *("--", f"{host},"),
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, **ANSIBLE_ENVIRONMENT},
        )
    for found in _RESULT.finditer(done.stdout):
        if found["host"] == host:
            result: dict[str, Any] = json.JSONDecoder().raw_decode(done.stdout, found.end())[0]
            if found["state"] in ("SUCCESS", "CHANGED"):
                return result
            details = {name: value for name, value in result.items() if name not in ("msg", "cause")}
            raise TaskFailed(str(result.get("msg", "the task failed")), str(result.get("cause", "")), **details)
    said = [line.strip() for line in done.stderr.splitlines() if re.search(r"\w", line)]
    inventory = f"-i {' -i '.join(options.inventory)}"
    if _RESULT.search(done.stdout) or any("match supplied host pattern" in line for line in said):
        raise InputError(f"{inventory}: no host is named {host}; expected one of this inventory")
    why = next((line for line in said if "ERROR" in line), said[-1] if said else "it printed nothing")
    raise InputError(f"{inventory}: ansible ran no task on {host}: {why}")


def _unsafe(value: Any) -> Any:
    """Return nested values of which Ansible takes no text for a template."""
    if isinstance(value, str):
        return {"__ansible_unsafe": value}
    if isinstance(value, Mapping):
        return {name: _unsafe(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_unsafe(each) for each in value]
    return value
