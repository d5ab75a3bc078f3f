# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Galaxy, Automation Hub and PyPI ask of a release, for the files of this checkout: `make sanity`.

`ansible-test sanity` runs every test that it has. Two of them have nothing to look at: there is no PowerShell (pslint) and no shell
script (shellcheck). Its environments, which take minutes to make, stay in .cache/sanity.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from ansible_collections.fortiops.mail.docs.published import copied

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "sanity"
BIN = Path(sys.executable).parent
_SUM = re.compile(r"^ERROR: Found \d+ .* issue|^FATAL: The \d+ sanity test")
_NO_SERVICE = re.compile(
    r"could not be audited|Failed to resolve|Max retries exceeded|NameResolutionError|ConnectionError|Temporary failure in name"
)


def run(*command: str | Path, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment and return it with what it printed."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", **variables}
    return subprocess.run(
        [str(each) for each in command], cwd=cwd, env=environment, text=True, check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def only_in_the_checkout(copy: Path) -> str:
    """Return what ansible-test is to ignore beside what it ignores in the artifact: files that the artifact does not have."""
    lines = [
        "dev/ansible_collections/fortiops/mail/ symlinks # makes the checkout a collection, for an editable install\n",
    ]
    # Samples keep the bytes that a terminal program saved: how lines end is part of what is tested, so git must not change it either.
    for file in sorted((copy / "tests" / "samples").rglob("*.log")):
        if b"\r" in (content := file.read_bytes()) and b"\0" not in content[:1024]:
            lines.append(f"{file.relative_to(copy).as_posix()} line-endings # as it was printed\n")
    return "".join(lines)


def ansible_test(copy: Path, *arguments: str) -> str:
    """Run the sanity tests; return what is wrong, "" when nothing is."""
    version = ".".join(metadata.version("ansible-core").split(".")[:2])
    with (copy / "tests" / "sanity" / f"ignore-{version}.txt").open("a", encoding="utf-8") as ignored:
        ignored.write(only_in_the_checkout(copy))
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = ("ansible-test", "sanity", "--requirements", "--python", python, "--color", "no", *arguments)
    for attempt in ("offline", "online"):
        done = run(*command, cwd=copy, HOME=str(CACHE))
        place = re.search(r"can be manually downloaded and saved to: (.+)", done.stdout)
        if place is None or attempt == "online":
            break
        # It would fetch a script that installs pip. Python brings a pip along.
        Path(place[1]).write_text("import ensurepip\n\nensurepip.bootstrap()\n", encoding="utf-8")
    if done.returncode == 0:
        return ""
    told = [line for line in done.stdout.splitlines() if line.startswith(("ERROR", "FATAL"))]
    return "\n".join(line for line in told if not _SUM.search(line)) or done.stdout


def galaxy_importer(copy: Path) -> str:
    """Import the artifact as Galaxy does; return what is wrong. `make lint` runs the linter that it would run again."""
    built = run("ansible-galaxy", "collection", "build", "--output-path", copy.parent, copy)
    if built.returncode:
        return built.stdout
    (artifact,) = copy.parent.glob("*.tar.gz")
    settings = copy.parent / "galaxy-importer.cfg"
    settings.write_text(
        "[galaxy-importer]\nCHECK_REQUIRED_TAGS = True\nREQUIRE_V1_OR_GREATER = True\nRUN_ANSIBLE_LINT = False\n",
        encoding="utf-8",
    )
    done = run(
        sys.executable, "-m", "galaxy_importer.main", artifact, cwd=copy.parent, GALAXY_IMPORTER_CONFIG=str(settings)
    )
    told = [line for line in done.stdout.splitlines() if line.startswith(("ERROR", "WARNING"))]
    # What is ignored has its reasons beside it.
    wrong = [line for line in told if not line.startswith("WARNING: Ignore files skip ansible-test sanity tests")]
    return "\n".join(wrong) or (done.stdout if done.returncode else "")


def bandit(copy: Path) -> str:
    """Return what bandit finds of medium and high severity; of low severity, it finds names that have `password` in them.

    Left out are B104, as 0.0.0.0 is what devices show, and B704, as the browser's tests put markup into every field of a page.
    """
    options = "--quiet --severity-level medium --confidence-level medium --skip B104,B704 --recursive"
    done = run("bandit", *options.split(), "plugins", "simulator", cwd=copy)
    return done.stdout if done.returncode else ""


def execution_environment(copy: Path) -> str:
    """Make the context of the image that examples/ has, and read what the collection needs in it; return what is wrong."""
    context = copy.parent / "context"
    made = run(
        "ansible-builder", "create", "--file", copy / "examples" / "execution-environment.yml", "--context", context
    )
    read = run("ansible-builder", "introspect", copy.parents[2])
    needed = (copy / "requirements.txt").read_text(encoding="utf-8").split()
    # It leaves out what comes with ansible-core.
    missing = [each for each in needed if not each.startswith("pyyaml") and each not in read.stdout]
    if made.returncode or read.returncode or missing:
        return f"{made.stdout}{read.stdout}not read: {missing}"
    return ""


def pip_audit(copy: Path) -> str | None:
    """Return the known vulnerabilities of what the collection requires, None when the service that knows them is out of reach."""
    done = run("pip-audit", "--requirement", copy / "requirements.txt", "--progress-spinner", "off")
    if _NO_SERVICE.search(done.stdout):
        return None
    return done.stdout if done.returncode else ""


CHECKS = (bandit, execution_environment, galaxy_importer, pip_audit, ansible_test)


def main() -> int:
    """Run all checks, or those that are named; print what is wrong."""
    wanted = sys.argv[1:] or [check.__name__ for check in CHECKS]
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "ansible_collections", "fortiops", "mail")  # where ansible-test looks for a collection
        copied(copy)
        run("git", "init", "--quiet", cwd=copy)
        run("git", "add", "--all", cwd=copy)
        for check in (check for check in CHECKS if check.__name__ in wanted):
            found = check(copy)
            told = (
                "failed"
                if found
                else "passed"
                if found == ""
                else "not checked, its service cannot be reached from here"
            )
            print(f"{check.__name__}: {told}", flush=True)
            if found:
                wrong.append(check.__name__)
                print(found, flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
