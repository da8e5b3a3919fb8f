# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Query the OSV database for known vulnerabilities of the production packages and of the tools in the Makefile.

The database is on the internet, so ``make test`` does not include this audit. Exit status 0: no known vulnerability.
1: some vulnerabilities are known, and are listed. 2: a query failed, so the audit is incomplete. The environment
variable ``OSV_URL`` selects a different database.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from environment import ROOT, separate
from production import production

NONE, SOME, UNKNOWN = 0, 1, 2


class AuditUnavailable(Exception):
    """The vulnerability database could not be queried."""


def _query(*options: str | Path) -> list[dict[str, Any]]:
    """Return the response of the vulnerability database for each package."""
    where = ["--osv-url", os.environ["OSV_URL"]] if os.environ.get("OSV_URL") else []
    command: list[str | Path] = [separate("supply_chain") / "pip-audit", "--vulnerability-service", "osv", *where]
    done = subprocess.run(
        [*command, "--format", "json", "--progress-spinner", "off", "--cache-dir", ROOT / ".cache" / "audit", *options],
        check=False,
        capture_output=True,
        text=True,
    )
    try:
        response: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError as error:
        raise AuditUnavailable((done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]) from error
    if not response:
        raise AuditUnavailable("there was no package to ask for")
    return response


def _complaints(packages: list[dict[str, Any]]) -> Iterator[str]:
    for package in packages:
        for weakness in package.get("vulns", []):
            fixed = " or ".join(weakness["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {weakness['id']}, fixed in {fixed}"


def audit(title: str, *options: str | Path) -> int:
    """Query the database for packages, and print the known vulnerabilities."""
    packages = _query(*options)
    left_out = [package["skip_reason"] for package in packages if "skip_reason" in package]
    complaints = list(_complaints(packages))
    print("\n".join([*complaints, *left_out]), end="\n" if complaints or left_out else "")
    known = f"{len(complaints)} weaknesses known" if complaints else "no weakness known"
    print(f"{title}: {known}, {len(packages) - len(left_out)} packages checked, {len(left_out)} NOT CHECKED")
    return SOME if complaints else UNKNOWN if left_out else NONE


def main() -> int:
    """Audit the packages of an execution environment, then each list of pinned tools."""
    lists = sorted((ROOT / "requirements").glob("*.txt"))
    try:
        with tempfile.TemporaryDirectory() as folder:
            python = production(Path(folder) / "production")
            (packages,) = python.parent.parent.glob("lib/python*/site-packages")
            results = {audit("production", "--path", packages)}
        results |= {audit(f"requirements/{file.name}", "--no-deps", "--disable-pip", "-r", file) for file in lists}
    except AuditUnavailable as error:
        print(f"NOT CHECKED: the database could not be queried: {error}", file=sys.stderr)
        return UNKNOWN
    return SOME if SOME in results else max(results)


if __name__ == "__main__":
    sys.exit(main())
