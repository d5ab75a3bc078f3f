# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error for templates and vocabularies that users write themselves."""

from __future__ import annotations


class UserFileError(ValueError):
    """A file of the user's cannot be used. The message names the file and the place, and says what was expected."""
