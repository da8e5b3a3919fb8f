# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests with every supported ansible-core version for which this machine has the Python version.

Each series of ansible-core is tested with the oldest and the newest Python that it supports. With the oldest and the
newest series, the tests of modules run in both execution modes. The first and the last cell run all tests. The cells
between them leave out the tests that do not depend on ansible-core, and those of web pages. The sanity tests run once
for each series, because they check the modules with every Python themselves.

Further cells run with the newest ansible-core:

- the modules with the oldest Python and requests that they support
- the simulator with the oldest Python and aiohttp that it supports
- the fuzzing and the search for secrets at their full length

Most cells leave out the tests of the development tools, which do not support every ansible-core: Molecule rejects 2.17.
The functional tests cover the same roles. The tests fail if a release announces the removal of a feature that they use.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from environment import CACHE, ROOT, create, install, link_collection
from interpreters import Version, interpreters

# Release series of ansible-core, with the oldest and the newest supported Python version.
SERIES: dict[str, tuple[Version, Version]] = {
    "2.16": ((3, 10), (3, 12)),
    "2.17": ((3, 10), (3, 12)),
    "2.18": ((3, 11), (3, 13)),
    "2.19": ((3, 11), (3, 13)),
    "2.20": ((3, 12), (3, 14)),
    "2.21": ((3, 12), (3, 14)),
}
# Oldest supported Python for modules, and the oldest supported requests with this Python version.
OLDEST_FOR_MODULES: Version = (3, 9)
OLDEST_REQUESTS = "2.27"
# Oldest supported Python for the simulator, and the oldest supported aiohttp with this Python version.
OLDEST_FOR_SIMULATOR: Version = (3, 10)
OLDEST_AIOHTTP = "3.10"
OF_MODULES = tuple(
    f"functional/test_{name}.py" for name in ("apono_*", "hdp_*", "requests", "voss_c*", "voss_[ilu]*", "webex_*")
)
# Fuzzing and the search for secrets hardly depend on the version of ansible-core, so they run in full only once.
AT_LENGTH = ("fuzz", "simulator/test_openapi.py", "functional/test_secrets_of_*.py")
MATRIX = CACHE / "matrix"
FURTHER = "further"
OF_TOOLS = ("tests/molecule", "tests/release")
AT_BOTH_ENDS = ("tests/browser", "tests/examples", "tests/openapi", "tests/simulator")


def dotted(version: Version) -> str:
    """Return a version as a dotted string."""
    return f"{version[0]}.{version[1]}"


def cells(chosen: list[str]) -> Iterator[tuple[str, Version, bool]]:
    """Yield the series, the Python version and whether to run the sanity tests. Print missing Python versions."""
    for series in chosen:
        oldest, newest = SERIES[series]
        usable = [version for version in interpreters() if oldest <= version <= newest]
        for desired in (oldest, newest):
            if desired not in usable:
                print(f"not available: Python {dotted(desired)} for ansible-core {series}")
        for version in dict.fromkeys((usable[0], usable[-1]) if usable else ()):
            yield series, version, version == usable[-1]


def environment(series: str, version: Version) -> Path:
    """Create an environment with an ansible-core version and the test dependencies, and return its Python."""
    folder = MATRIX / f"ansible-core-{series}-python-{dotted(version)}"
    python, installed = folder / "bin" / "python", folder / "installed.txt"
    desired = (ROOT / "requirements" / "test.txt").read_text(encoding="utf-8")
    if not installed.exists() or installed.read_text(encoding="utf-8") != desired:
        create(folder, interpreters()[version])
        install(python, f"ansible-core~={series}.0", "-r", str(ROOT / "requirements" / "test.txt"))
        installed.write_text(desired, encoding="utf-8")
    return python


def oldest_for_modules(controller: Path) -> dict[str, str]:
    """Return the environment variables for running modules with the oldest supported Python and requests.

    The result is empty if they are not available. Such a module can import only Ansible from the environment of the
    controller, as on a different host.
    """
    interpreter = interpreters().get(OLDEST_FOR_MODULES)
    if interpreter is None:
        print(f"not available: Python {dotted(OLDEST_FOR_MODULES)} for modules")
        return {}
    python = create(MATRIX / "oldest-for-modules", interpreter)
    install(python, f"requests=={OLDEST_REQUESTS}")
    (found,) = controller.parent.parent.glob("lib/python*/site-packages/ansible")
    only_ansible = MATRIX / "only-ansible"
    only_ansible.mkdir(exist_ok=True)
    (only_ansible / "ansible").unlink(missing_ok=True)
    (only_ansible / "ansible").symlink_to(found)
    return {"EXECUTION_MODE": "process", "MODULE_PYTHON": str(python), "MODULE_PATH": str(only_ansible)}


def oldest_for_simulator() -> dict[str, str]:
    """Return the environment variables for running the simulator with the oldest supported Python and aiohttp.

    The result is empty if they are not available.
    """
    interpreter = interpreters().get(OLDEST_FOR_SIMULATOR)
    if interpreter is None:
        print(f"not available: Python {dotted(OLDEST_FOR_SIMULATOR)} for the simulator")
        return {}
    python = create(MATRIX / "oldest-for-simulator", interpreter)
    install(python, f"aiohttp=={OLDEST_AIOHTTP}")
    return {"SIMULATOR_PYTHON": str(python)}


def further_cells(python: Path) -> Iterator[tuple[str, tuple[str, ...], dict[str, str]]]:
    """Yield the cells that run with only one ansible-core version: name, file patterns and environment variables."""
    if oldest := oldest_for_modules(python):
        yield f"modules with python {dotted(OLDEST_FOR_MODULES)} and requests {OLDEST_REQUESTS}", OF_MODULES, oldest
    if oldest := oldest_for_simulator():
        name = f"simulator with python {dotted(OLDEST_FOR_SIMULATOR)} and aiohttp {OLDEST_AIOHTTP}"
        yield name, ("simulator",), oldest
    yield "made up by chance and secrets at length", AT_LENGTH, {"HYPOTHESIS_PROFILE": "thorough", "SWEEP": "whole"}


def passes(name: str, python: Path, *command: str, **variables: str) -> bool:
    """Run one cell, print its result, and return whether it passed. If it failed, print the end of its log."""
    log = MATRIX / f"{name.replace(' ', '-')}.log"
    path = os.pathsep.join((str(python.parent), os.environ["PATH"]))
    start = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            (str(python), *command),
            check=False,
            cwd=ROOT,
            env={**os.environ, "PATH": path, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    seconds = time.monotonic() - start
    print(f"{'FAILED' if done.returncode else 'passed'}: {name} ({seconds:.0f} s)", flush=True)
    if done.returncode:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        print("\n".join([*lines[-60:], f"Complete log: {log.relative_to(ROOT)}"]), flush=True)
    return done.returncode == 0


def main(chosen: list[str]) -> int:
    """Run the whole matrix or some series, print the counts, and return the exit status."""
    chosen = chosen or [*SERIES, FURTHER]
    unknown = set(chosen) - {*SERIES, FURTHER}
    if unknown:
        print(f"unknown series: {' '.join(unknown)}; valid names: {' '.join(SERIES)} {FURTHER}", file=sys.stderr)
        return 2
    link_collection()
    results = []
    found = list(cells([series for series in chosen if series != FURTHER]))
    for series, version, with_sanity in found:
        python = environment(series, version)
        name = f"ansible-core {series} python {dotted(version)}"
        if with_sanity:
            results.append(passes(f"{name} sanity", python, "tools/sanity.py"))
        modes = {"EXECUTION_MODE": "both"} if series in (min(SERIES), max(SERIES)) else {}
        left_out = OF_TOOLS if (series, version, with_sanity) in (found[0], found[-1]) else OF_TOOLS + AT_BOTH_ENDS
        ignored = [f"--ignore={folder}" for folder in left_out]
        results.append(passes(f"{name} tests", python, "-m", "pytest", "-n", "auto", *ignored, **modes))
    if FURTHER in chosen:
        *_others, (series, version, _with_sanity) = cells([max(SERIES)])
        python = environment(series, version)
        for name, patterns, variables in further_cells(python):
            files = [str(path) for pattern in patterns for path in ROOT.glob(f"tests/{pattern}")]
            results.append(passes(name, python, "-m", "pytest", "-n", "auto", *files, **variables))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 1 if False in results or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
