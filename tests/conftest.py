# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings for all tests."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# The first example of a test may load the vocabulary, so that a time limit for each example would be chance.
settings.register_profile("developer", deadline=None)
# In CI the examples are the same at each run: what new ones find is for the developer whose run makes them.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell has started the tests in the background, where Ctrl-C is ignored; what the tests start is not to inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How wide the terminal is in which the tests run is not to change what commands print in them.
os.environ.pop("COLUMNS", None)
