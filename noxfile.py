# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests with every supported ansible-core version. `make test-all` runs all sessions.

Each series of ansible-core is tested with the oldest and the newest installed Python that it supports. With the oldest
and the newest series, the tests of modules run in both execution modes. The sessions between the first and the last one
leave out the tests that do not depend on ansible-core, and those of web pages. The sanity tests run once for each
series, because they check the modules with every Python themselves. The unit and integration tests of ansible-test run
with the oldest and the newest series.

All sessions leave out the tests of the development tools, which do not support every ansible-core. For example,
Molecule does not support 2.17. The functional tests cover the same roles. The tests fail if a release announces the
removal of a feature that they use.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.envdir = ".cache/nox"
nox.options.reuse_venv = "yes"

# Release series of ansible-core, with the oldest and the newest supported Python version.
SERIES = {
    "2.16": ("3.10", "3.12"),
    "2.17": ("3.10", "3.12"),
    "2.18": ("3.11", "3.13"),
    "2.19": ("3.11", "3.13"),
    "2.20": ("3.12", "3.14"),
    "2.21": ("3.12", "3.14"),
}
# Oldest supported Python for modules, and the oldest supported requests with this Python version.
OLDEST_FOR_MODULES = "3.9"
OLDEST_REQUESTS = "2.27"
# Oldest supported Python for the simulator, and the oldest supported aiohttp with this Python version.
OLDEST_FOR_SIMULATOR = "3.10"
OLDEST_AIOHTTP = "3.10"

OF_MODULES = ("apono_*", "hdp_*", "requests", "voss_c*", "voss_[ilu]*", "webex_*")
OF_TOOLS = ("tests/molecule", "tests/release")
AT_BOTH_ENDS = ("tests/browser", "tests/examples", "tests/openapi", "tests/simulator")


def pythons(series: str) -> list[str]:
    """Return the oldest and the newest installed Python version that a series supports."""
    oldest, newest = (int(version.partition(".")[2]) for version in SERIES[series])
    found = [f"3.{minor}" for minor in range(oldest, newest + 1) if shutil.which(f"python3.{minor}")]
    return sorted({*found[:1], *found[-1:]}, key=found.index)


MATRIX = [nox.param(python, series, tags=[series]) for series in SERIES for python in pythons(series)]
NEWEST = [nox.param(python, series, tags=[series]) for series in SERIES for python in pythons(series)[-1:]]
AT_ENDS = [param for param in NEWEST if param.args[1] in (min(SERIES), max(SERIES))]
FURTHER = [nox.param(python, max(SERIES), tags=["further"]) for python in pythons(max(SERIES))[-1:]]


def install(session: nox.Session, series: str) -> None:
    """Install a series of ansible-core and the packages that the tests import."""
    for python in SERIES[series]:
        if not shutil.which(f"python{python}"):
            session.warn(f"Python {python} is not installed, so it is not tested with ansible-core {series}.")
    session.install(f"ansible-core~={series}.0", "-r", "requirements/test.txt")


def pytest(session: nox.Session, *arguments: str, **variables: str) -> None:
    """Run some tests in parallel."""
    session.run("pytest", "-n", "auto", *arguments, env=variables)


@nox.session
@nox.parametrize("python, series", NEWEST)
def sanity(session: nox.Session, series: str) -> None:
    """Run the sanity tests with ansible-test."""
    install(session, series)
    session.run("sh", "tools/ansible_test.sh", "sanity", external=True)


@nox.session
@nox.parametrize("python, series", MATRIX)
def tests(session: nox.Session, series: str) -> None:
    """Run the tests that depend on ansible-core."""
    install(session, series)
    is_first = series == min(SERIES) and session.python == pythons(series)[0]
    is_last = series == max(SERIES) and session.python == pythons(series)[-1]
    left_out = OF_TOOLS if is_first or is_last else (*OF_TOOLS, *AT_BOTH_ENDS)
    modes = {"EXECUTION_MODE": "both"} if series in (min(SERIES), max(SERIES)) else {}
    pytest(session, *(f"--ignore={folder}" for folder in left_out), **modes)


@nox.session
@nox.parametrize("python, series", AT_ENDS)
def ansible_test(session: nox.Session, series: str) -> None:
    """Run the unit and integration tests with ansible-test, and only with the packages that they require."""
    lists = [f"tests/{kind}/requirements.txt" for kind in ("unit", "integration")]
    session.install(f"ansible-core~={series}.0", "pytest", "pytest-xdist", "-r", lists[0], "-r", lists[1])
    for command in ("units", "integration"):
        session.run("sh", "tools/ansible_test.sh", command, f"--python={session.python}", external=True)


def other_environment(session: nox.Session, python: str, package: str) -> Path:
    """Create an environment with an old Python and an old package, and return its Python."""
    folder = Path(".cache", "nox", f"python-{python}-{package}").resolve()
    session.run("uv", "venv", "--quiet", "--clear", "--python", python, str(folder), external=True)
    session.run("uv", "pip", "install", "--quiet", "--python", str(folder), package, external=True)
    return folder / "bin" / "python"


@nox.session
@nox.parametrize("python, series", FURTHER)
def modules(session: nox.Session, series: str) -> None:
    """Run the modules with the oldest Python and requests that they support.

    A module can import only Ansible from the environment of the controller, as on a different host.
    """
    install(session, series)
    python = other_environment(session, OLDEST_FOR_MODULES, f"requests=={OLDEST_REQUESTS}")
    (found,) = Path(session.virtualenv.location).resolve().glob("lib/python*/site-packages/ansible")
    only_ansible = python.parents[1] / "only-ansible"
    only_ansible.mkdir()
    (only_ansible / "ansible").symlink_to(found)
    files = [str(path) for name in OF_MODULES for path in Path("tests", "functional").glob(f"test_{name}.py")]
    variables = {"EXECUTION_MODE": "process", "MODULE_PYTHON": str(python), "MODULE_PATH": str(only_ansible)}
    pytest(session, *files, **variables)


@nox.session
@nox.parametrize("python, series", FURTHER)
def simulator(session: nox.Session, series: str) -> None:
    """Run the simulator with the oldest Python and aiohttp that it supports."""
    install(session, series)
    python = other_environment(session, OLDEST_FOR_SIMULATOR, f"aiohttp=={OLDEST_AIOHTTP}")
    pytest(session, "tests/simulator", SIMULATOR_PYTHON=str(python))


@nox.session
@nox.parametrize("python, series", FURTHER)
def thorough(session: nox.Session, series: str) -> None:
    """Run the fuzzing and the search for secrets at their full length, which hardly depends on ansible-core."""
    install(session, series)
    files = ["tests/fuzz", "tests/simulator/test_openapi.py"]
    files += map(str, Path("tests", "functional").glob("test_secrets_of_*.py"))
    pytest(session, *files, HYPOTHESIS_PROFILE="thorough", SWEEP="whole")
