# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules like Ansible, in separate processes with parameters as input and JSON as output."""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from support.deadline import HANGS
from support.forked import Forker

if TYPE_CHECKING:
    from ansible_collections.hybrid.connectors.plugins.module_utils._spec import Spec

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache" / "collections"
AWX_COLLECTION = COLLECTIONS / "ansible_collections" / "awx" / "awx" / "MANIFEST.json"
PACKAGE = "ansible_collections.hybrid.connectors.plugins.modules"
NULL = object()
SECRETS = ("api_token", "access_token", "password")

# The interpreter for modules, if it differs from the interpreter of the tests.
MODULE_PYTHON = os.environ.get("MODULE_PYTHON", sys.executable)
MODULE_PATH = os.environ.get("MODULE_PATH", "")


@dataclass(frozen=True)
class Result:
    """The result of a module. ``output`` is everything that its process wrote."""

    values: Mapping[str, Any]
    output: str = field(repr=False)

    @property
    def changed(self) -> bool:
        return bool(self.values.get("changed", False))

    @property
    def failed(self) -> bool:
        return bool(self.values.get("failed", False))

    @property
    def msg(self) -> str:
        return str(self.values.get("msg", ""))

    @property
    def failure(self) -> Mapping[str, Any]:
        """Return the structured part of a failure."""
        failure = self.values["failure"]
        assert isinstance(failure, dict)
        assert set(failure) == {"system", "method", "url", "status", "code", "message", "request_id", "reason"}
        return failure

    @property
    def warnings(self) -> str:
        """Return all warnings as one string, because releases of Ansible wrap them differently."""
        return json.dumps(self.values.get("warnings", []))

    def ok(self) -> Result:
        """Return this result after checking that the module did not fail."""
        assert not self.failed, self.msg
        return self

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __contains__(self, name: str) -> bool:
        return name in self.values


def spec_of(name: str) -> Spec:
    """Return the specification of a module: its options and the rules between them."""
    spec: Spec = importlib.import_module(f"{PACKAGE}.{name}").SPEC
    return spec


class RunModule(Protocol):
    """Run a module with options. An option that is None is omitted, and an option that is NULL is null. ``check`` is a
    boolean, and ``env`` is a mapping. Their type annotations permit options in a dictionary.
    """

    def __call__(self, module_name: str, /, check: Any = False, env: Any = None, **options: Any) -> Result: ...


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment without the developer's own settings. ``folder`` is the home folder."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "SSL_CERT_FILE") if name in os.environ}
    return {
        **kept,
        "HOME": str(folder),
        "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "PYTHONPYCACHEPREFIX": str(ROOT / ".cache" / "pycache"),
        "CONNECTOR_SIMULATOR_PARENT": str(os.getpid()),  # No simulator remains after the tests.
        **more,
    }


def assert_nothing_deprecated(output: str) -> None:
    """Check that the output contains no deprecation warning about a feature that this collection uses. Two warnings of
    ansible-core concern its own code: 2.19 uses a deprecated feature when a task times out, and 2.16 and 2.17 announce
    a stricter handling of lone surrogates.
    """
    for own in (r"[^`\n]*`timedout\.frame` task result key", r"Non UTF-8 encoded data replaced with"):
        output = re.sub(rf"\[DEPRECATION WARNING\]: {own}", "", output)
    for announced in ("[DEPRECATION WARNING]", "DeprecationWarning", '"deprecations": [{'):
        assert announced not in output, output


def assert_sanitized(name: str, options: Mapping[str, Any], output: str) -> None:
    """Check that the output contains no traceback, no given secret and no deprecation warning."""
    assert "Traceback" not in output, output
    assert_nothing_deprecated(output)
    for secret in SECRETS:
        assert str(options.get(secret) or "a secret that is not given") not in output, f"{name} shows {secret}"


@functools.cache
def _forker() -> Forker:
    """Return the process from which module processes are forked."""
    forker = Forker(MODULE_PYTHON, os.pathsep.join(filter(None, (str(COLLECTIONS), MODULE_PATH))))
    atexit.register(forker.stop)
    return forker


def run_process(name: str, options: Mapping[str, Any], check: bool, env: Mapping[str, str]) -> Result:
    """Run a module in a process, and check that its output contains none of the given secrets."""
    arguments = {
        **options,
        "_ansible_check_mode": check,
        "_ansible_diff": True,
        "_ansible_module_name": f"hybrid.connectors.{name}",
        "_ansible_syslog_facility": "LOG_USER",
        "_ansible_verbosity": 4,
    }
    given = json.dumps({"ANSIBLE_MODULE_ARGS": arguments})
    status, stdout, stderr = _forker().run(name, given, dict(env), timeout=HANGS)
    output = stdout + stderr
    try:
        values = json.loads(stdout)
    except ValueError:
        raise AssertionError(f"{name} did not return JSON (status {status}):\n{output}") from None
    assert bool(status) == bool(values.get("failed", False)), output
    assert_sanitized(name, options, output)
    return Result(values, output)
