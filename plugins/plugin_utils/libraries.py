# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries that `ansible-galaxy` does not install. One that is missing is an error where it is used, not where it is imported.

Ansible calls an import that fails a bug of its own, and ends the run for all hosts. Libraries that come with ansible-core can be missing only
for `fazmail`, in a Python without it.
"""

from __future__ import annotations

import importlib
import shlex
import socket
import sys
from typing import TYPE_CHECKING, Any

from .errors import FazmailError

__all__ = ["MissingLibraryError", "auth_handler", "clitable", "missing_library", "need", "paramiko", "textfsm"]

# As in pyproject.toml.
REQUIREMENTS = {
    "cryptography": "cryptography>=42",
    "jinja2": "jinja2>=3.1",
    "paramiko": "paramiko>=3.5,<6",
    "pyyaml": "pyyaml>=6",
    "textfsm": "textfsm>=1.1.3",
}
_PACKAGE_OF = {"yaml": "pyyaml", "markupsafe": "jinja2"}
_LIBRARIES = {
    "paramiko": "paramiko",
    "auth_handler": "paramiko.auth_handler",
    "textfsm": "textfsm",
    "clitable": "textfsm.clitable",
}


class MissingLibraryError(FazmailError):
    """A Python package is not installed where it is needed."""

    cause = "missing_library"

    def __init__(self, package: str) -> None:
        command = shlex.join([sys.executable, "-m", "pip", "install", REQUIREMENTS[package]])
        super().__init__(f"fortiops.mail needs the Python package {package} on {socket.gethostname()}; run: {command}")


class _Missing:
    """Stands for a library that is not installed: its classes can be named and inherited from, but not used."""

    def __init__(self, package: str) -> None:
        self._package = package

    def __getattr__(self, name: str) -> type[Exception]:
        package = self._package

        class Missing(Exception):
            def __init__(self, *__: object) -> None:
                raise MissingLibraryError(package)

        return Missing


if TYPE_CHECKING:
    import paramiko
    import textfsm
    from paramiko import auth_handler
    from textfsm import clitable
else:

    def __getattr__(name: str) -> Any:
        """Import a library when somebody asks for it: `from ..libraries import textfsm`."""
        if name not in _LIBRARIES:
            raise AttributeError(name)
        package = _LIBRARIES[name].partition(".")[0]
        try:
            return importlib.import_module(_LIBRARIES[name])
        except ModuleNotFoundError as error:
            if error.name != package:
                raise
            return _Missing(package)


def need(package: str) -> None:
    """Make sure of a package before anything is done that would be in vain without it. Raises MissingLibraryError."""
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingLibraryError(package) from None


def missing_library(error: ModuleNotFoundError) -> MissingLibraryError | None:
    """Return what an import that failed means for the user, None where the module belongs to no package that we require."""
    module = (error.name or "").partition(".")[0]
    package = _PACKAGE_OF.get(module, module)
    return MissingLibraryError(package) if package in REQUIREMENTS else None
