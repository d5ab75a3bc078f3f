# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options for templates and a vocabulary of the user's own, which are asked before those of the collection."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ..user_file import UserFileError

# As templates/find.py and smtp/vocabulary.py call them: to import those takes longer than `--help` may.
_TEMPLATES, _VOCABULARY = "FAZMAIL_TEMPLATES", "FAZMAIL_VOCABULARY"


def add_templates(parser: argparse.ArgumentParser) -> None:
    """Add the option for templates to a command."""
    parser.add_argument(
        "--templates",
        metavar="DIR",
        help=f"directory of TextFSM templates with an index, asked first (default: {_TEMPLATES})",
    )


def add_vocabulary(parser: argparse.ArgumentParser) -> None:
    """Add the option for a vocabulary to a command."""
    parser.add_argument(
        "--vocabulary",
        metavar="FILE",
        help=f"YAML file of texts and their causes, asked first (default: {_VOCABULARY})",
    )


def use_templates(options: argparse.Namespace) -> None:
    """Ask the templates first that the option or the environment names. Raises UserFileError when there are none."""
    directory = options.templates or os.environ.get(_TEMPLATES)
    if not directory:
        return
    if not Path(directory, "index").is_file():
        given = "--templates" if options.templates else _TEMPLATES
        raise UserFileError(f"{given} {directory}: expected a directory with a file `index`")
    os.environ[_TEMPLATES] = directory


def use_vocabulary(options: argparse.Namespace) -> None:
    """Ask the vocabulary first that the option or the environment names. Raises UserFileError when it is no good."""
    file = options.vocabulary or os.environ.get(_VOCABULARY)
    if not file:
        return
    os.environ[_VOCABULARY] = file
    from ..smtp.vocabulary import vocabulary

    vocabulary()  # what is wrong with it is said before anything is read
