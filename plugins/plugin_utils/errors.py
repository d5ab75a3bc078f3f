# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of all errors."""

from __future__ import annotations

from typing import Any

# The cause of what ended at a place that nobody had thought of: what was done on the device is not known.
BROKEN_OFF = "broken_off"


class FazmailError(Exception):
    """What was asked for cannot be done. The message says what was expected and what to do.

    `cause` is a stable word for playbooks and reports; `details` are further fields of a failed result. `unreachable`
    says that nothing answered at the address of the device, and nothing was done there. Whoever calls plugin_utils
    catches this class in one place: the base of the actions, and `main` of the command. The tree:

        FazmailError
            MissingLibraryError   a Python package that is not installed
            UserFileError         templates and vocabularies of the user
            WriteError            a file that is written
            DamagedFileError      a file of our own, damaged
            NoLockError           a file of our own, where there are no locks
            InputError            a file that is read (command)
            TaskFailed            a task that Ansible ran for a command (command)
            DamagedError          an archive (logfile)
            UnsafeValueError      a text that no command can hold (terminal)
            NoBlockError          `show` output without the block (terminal)
            SampleError           a sample of a template (templates)
            RecordingError        a recorded session (shell)
            RequestError          what is to be probed (probe)
            MailboxError          a mailbox that is read (probe)
            RuleError             rules of a policy (policy)
            WaiverError           waivers of a policy (policy)
            DocumentError         a result document (report)
            ThresholdError        a threshold of a check (report)
            JobError              options of a job (jobs)
            RolloutError          a device that is neither proved nor unchanged (jobs)
            PlanError             a desired state (device)
            ConditionError        a condition on what a command prints (device)
            PushError             a push that did not end as planned (device)
            DeviceError           an answer of the device (device)
                NoTableError      a table that the firmware does not have
            DebugError            debug switches (device)
            RestoreError          the entries as they were before a push (device)
            HostFileError         the file of variables of a host (device)
            FingerprintError      the file of password fingerprints (device)
            KnownHostsError       a known_hosts file (shell)
            SessionError          a session (shell)
                ConnectError      TCP, SSH or a proxy
                    GreetingError     the end of the connection is all that came
                    UnreachableError  nothing answers
                HostKeyError      the host key
                LoginError        the credentials, or no session to spare
                LimitError        a limit ran out
                ClosedError       the device ended the session
                EchoError         a line was not echoed as typed
                CommandFailed     the device refused a command
    """

    cause = "failed"
    unreachable = False

    def __init__(self, message: str, cause: str = "", **details: Any) -> None:
        super().__init__(message)
        self.cause = cause or self.cause
        self.details = details


class UserFileError(FazmailError):
    """A file of the user's cannot be used. The message names the file and the place, and says what was expected."""

    cause = "user_file"
