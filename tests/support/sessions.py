# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the examples of a page in one session, from top to bottom like a user who reads the page. The session starts in
an empty folder, with the credentials of the four systems in the environment and in variables with the usual names. URLs
in examples refer to the simulator, and absolute paths refer to a folder of the session.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import promql_parser
import requests
import trustme
import yaml
from ansible_builder import ee_schema
from prometheus_client.parser import text_string_to_metric_families

from support.deadline import HANGS
from support.event_source import Process
from support.modules import MODULE_PYTHON, ROOT, assert_nothing_deprecated, environment
from support.pages import Block
from support.ports import reserve_port
from support.simulator import CREDENTIALS, Simulator, in_environment

PLACEHOLDERS = {
    "https://api.apono.io": "apono",
    "https://hdp.example.com:8443": "hdp",
    "https://voss.example.com": "voss",
    "https://webexapis.com/v1": "webex",
}
OWN_SIMULATOR = re.compile(r"(?<=127\.0\.0\.1:)8800\b")
FROM_ROOT = re.compile(r"(?<![\w./:~$}-])/(?:etc|home|srv|tmp|var)/[\w./-]*\w")
CERTIFICATES = "our-own-ca.pem"
TIMEOUT = HANGS
SOURCE = "hybrid.connectors.connector_health"
# Keys that identify a mapping as a part of a play, and the tasks that validate it.
PLAY_KEYWORDS = {"environment", "module_defaults", "vars"}
READING = {
    "apono": "{hybrid.connectors.apono_connector_info: {}}",
    "hdp": "{hybrid.connectors.hdp_connector_info: {}}",
    "voss": "{hybrid.connectors.voss_spark_customer_info: {hierarchy: sys.hcs.CS-P}}",
    "webex": "{hybrid.connectors.webex_hybrid_connector_info: {}}",
}
# File names of examples that a program reads from a fixed path.
FOUND_BY_NAME = ("ansible.cfg", "group_vars/", "host_vars/", "collections/requirements.yml", "changelogs/fragments/")


class RunPage(Protocol):
    """Try the examples of a page in an empty folder, or in a copy of the source tree."""

    def __call__(self, blocks: list[Block], *, source_tree: bool = False) -> None: ...


class _Loader(yaml.SafeLoader):
    """Load YAML, with the tags of Ansible as strings."""


_Loader.add_multi_constructor("!", lambda loader, _suffix, node: loader.construct_scalar(node))


class Session:
    """The session of one page. The collection is installed in the usual folder, unless C(galaxy) is the address of a
    server from which the page installs it. C(programs) is a folder with additional programs. The folder of the session
    is empty, or contains a copy of the source tree.
    """

    def __init__(
        self,
        folder: Path,
        simulator: Simulator,
        *,
        galaxy: str | None = None,
        programs: Path | None = None,
        source_tree: bool = False,
    ) -> None:
        self._galaxy, self._programs = galaxy, programs
        self._folder, self._home, self._root = folder / "page", folder / "home", folder / "root"
        for made in (self._home, self._root):
            made.mkdir(parents=True)
        if source_tree:
            shutil.copytree(ROOT, self._folder, ignore=shutil.ignore_patterns(".git", ".venv", ".cache", "__pycache__"))
            _link(self._folder / ".cache" / "collections", self._folder)
        else:
            self._folder.mkdir()
        if not galaxy:
            _link(self._home / ".ansible" / "collections", ROOT)
        # The path must be short, because Ansible creates sockets in this folder.
        self._scratch = tempfile.TemporaryDirectory(prefix="page")
        self._cwd = self._folder
        self._port = reserve_port()
        self._addresses = {example: simulator.system_url(name) for example, name in PLACEHOLDERS.items()}
        inventory = self._home / "inventory.json"
        inventory.write_text(json.dumps({"all": {"hosts": {"localhost": self._variables()}}}), encoding="utf-8")
        self._env = self._environment(inventory)
        self._reported = ""
        self._number = 0

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_exception: object) -> None:
        try:
            requests.post(f"http://127.0.0.1:{self._port}/_simulator/stop", timeout=10)
        except requests.ConnectionError:
            pass
        self._scratch.cleanup()

    def _variables(self) -> dict[str, Any]:
        """Return the variables that the examples assume."""
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": MODULE_PYTHON,
            "simulator_port": self._port,
            "apono_token": CREDENTIALS["apono"]["api_token"],
            "webex_token": CREDENTIALS["webex"]["access_token"],
            "hdp_username": CREDENTIALS["hdp"]["username"],
            "hdp_password": CREDENTIALS["hdp"]["password"],
            "hdp_owner": CREDENTIALS["hdp_owner"]["username"],
            "hdp_owner_password": CREDENTIALS["hdp_owner"]["password"],
            "warehouse_password": "an-example-password",
            "hdp_user": CREDENTIALS["hdp_user"]["username"],
            "hdp_user_password": CREDENTIALS["hdp_user"]["password"],
            "voss_username": CREDENTIALS["voss"]["username"],
            "voss_password": CREDENTIALS["voss"]["password"],
            "initech_token": "simulator-access-token",
            "initech_refresh_token": "simulator-refresh-token",
        }

    def _environment(self, inventory: Path) -> dict[str, str]:
        env = environment(self._home)
        connections = {
            system: {"api_url": self._addresses[example], **CREDENTIALS[system]}
            for example, system in PLACEHOLDERS.items()
        }
        folders = (self._programs, Path(sys.executable).parent, env["PATH"])
        return {
            **env,
            **({"ANSIBLE_GALAXY_SERVER": self._galaxy} if self._galaxy else {}),
            "PATH": ":".join(str(folder) for folder in folders if folder),
            "TMPDIR": self._scratch.name,
            "PIP_DRY_RUN": "1",  # a package must be available to be installed, and the environment stays unchanged
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "ANSIBLE_HOME": str(self._home / ".ansible"),
            "ANSIBLE_REMOTE_TMP": str(self._home / ".ansible" / "tmp"),
            "ANSIBLE_ASYNC_DIR": str(self._home / ".ansible" / "async"),
            "ANSIBLE_INVENTORY": str(inventory),
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "OUR_HDP_PASSWORD": CREDENTIALS["hdp"]["password"],
            "OUR_WEBEX_TOKEN": CREDENTIALS["webex"]["access_token"],
            **in_environment(connections),
        }

    def run(self, blocks: list[Block]) -> None:
        """Try all examples of a page. A failure shows the line of the example on the page."""
        for number, block in enumerate(blocks):
            others = "\n".join(other.text for other in blocks[:number] + blocks[number + 1 :])
            if not block.not_run:
                try:
                    self._try(replace(block, text=self._ours(block.text)), others, blocks[number + 1 : number + 2])
                except AssertionError as error:
                    raise AssertionError(f"The example in line {block.line}: {error}") from None

    def _ours(self, text: str) -> str:
        """Replace the URLs and paths of an example with those of this session."""
        for example, url in self._addresses.items():
            text = text.replace(example, url)
        return FROM_ROOT.sub(self._our_path, OWN_SIMULATOR.sub(str(self._port), text))

    def _our_path(self, found: re.Match[str]) -> str:
        path = self._root / found[0].lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name == CERTIFICATES and not path.exists():
            trustme.CA().cert_pem.write_to_path(str(path))
        return str(path)

    def _try(self, block: Block, others: str, following: list[Block]) -> None:
        if block.caption:
            name = Path(block.caption).name
            self._write(block.caption, block.text)
            if (ROOT / block.caption).exists():
                return self._compare_file(ROOT / block.caption, block.text)
            if name in others or any(part in block.caption for part in FOUND_BY_NAME):
                return
        elif block.language == "text":
            return self._compare(block.text.splitlines(), self._reported, whole_lines=False)
        elif block.language == "json":
            return self._compare_json(json.loads(block.text))
        elif block.language == "console":
            return self._console(block, following)
        tried = self._trial(block)
        status = tried(block.text)
        self._check(status, block.fails, "It")

    def _check(self, status: int, fails: bool, what: str) -> None:
        assert bool(status) == fails, f"{what} {'succeeded' if fails else 'failed'}:\n{self._reported[-6000:]}"
        for login in CREDENTIALS.values():
            for name in ("api_token", "access_token", "password"):
                assert login.get(name, "\0") not in self._reported, f"{what} shows a secret:\n{self._reported[-6000:]}"

    def _write(self, name: str, text: str) -> None:
        path = self._cwd / name
        assert path.resolve().is_relative_to(self._folder.resolve()), f"{name} is outside of the page's folder."
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _trial(self, block: Block) -> Callable[[str], int]:
        """Return the function that tests an example that is not a file for a command."""
        assert block.language in ("yaml", "yaml+jinja"), (
            f"A block of '{block.language}' that nothing uses: make it a console block, a yaml block or the output"
            " (text) of the one before, or give it a caption that a command names."
        )
        content = yaml.load(block.text, _Loader)
        if isinstance(content, list) and all(isinstance(item, Mapping) for item in content):
            if any("sources" in item for item in content):
                return self._rulebook
            if any("hosts" in item or "ansible.builtin.import_playbook" in item for item in content):
                return self._playbook
            if all([*item] == [SOURCE] for item in content):
                return self._sources
            if all({"name", "condition"} <= item.keys() for item in content):
                return self._rules
            return self._tasks
        if isinstance(content, Mapping):
            if content.get("plugin") == "hybrid.connectors.fleet":
                return self._inventory
            if content and set(content) <= PLAY_KEYWORDS:
                return self._play_keywords
            if [*content] == ["groups"]:
                return self._alerts
            if {"version", "images"} <= set(content):
                return self._execution_environment
            if _role_of(content):
                return self._role_variables
        raise AssertionError("It is neither plays nor tasks nor an inventory; give it a caption and use the file.")

    def _playbook(self, text: str) -> int:
        self._number += 1
        path = self._cwd / f".example-{self._number}.yml"
        path.write_text(text, encoding="utf-8")
        return self._bash(shlex.join(("ansible-playbook", path.name)))

    def _tasks(self, text: str) -> int:
        indented = "".join(f"    {line}" for line in text.splitlines(keepends=True))
        return self._playbook(f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{indented}")

    def _play_keywords(self, text: str) -> int:
        indented = "".join(f"  {line}" for line in text.splitlines(keepends=True))
        names = [name for name in READING if f"hybrid.connectors.{name}" in text or "hybrid.connectors.all" in text]
        tasks = "".join(f"    - {READING[name]}\n" for name in names or READING)
        return self._playbook(f"- hosts: localhost\n  gather_facts: false\n{indented}\n  tasks:\n{tasks}")

    def _inventory(self, text: str) -> int:
        self._number += 1
        path = self._cwd / f".example-{self._number}.fleet.yml"
        path.write_text(text, encoding="utf-8")
        return self._bash(shlex.join(("ansible-inventory", "-i", path.name, "--graph")))

    def _rules(self, text: str) -> int:
        indented = "".join(f"  {line}" for line in text.splitlines(keepends=True))
        source = "  sources:\n  - hybrid.connectors.connector_health: {}\n"
        return self._rulebook(f"- name: Example\n  hosts: localhost\n{source}  rules:\n{indented}")

    def _sources(self, text: str) -> int:
        """Check that ansible-rulebook reads the event sources, and run each of them for a short time."""
        indented = "".join(f"  {line}" for line in text.splitlines(keepends=True))
        rule = "  rules:\n  - name: Any\n    condition: event.connector_health is defined\n    action: {debug: {}}\n"
        status = self._rulebook(f"- name: Example\n  hosts: localhost\n  sources:\n{indented}{rule}")
        program = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "connector_health.py"
        for number, source in enumerate(yaml.safe_load(text)):
            self._write(f".source-{number}.json", json.dumps(source[SOURCE]))
            command = shlex.join(map(str, (sys.executable, program, f".source-{number}.json")))
            self._interrupt(command, Block("text", '{"connector_health": {', 0))
        return status

    def _rulebook(self, text: str) -> int:
        """Check that ansible-rulebook can parse a rulebook, without running it."""
        assert self._programs, "ansible-rulebook is not installed."
        self._write(".rulebook.yml", text)
        code = (
            "import sys, yaml; from ansible_rulebook import rules_parser, validators;"
            " content = yaml.safe_load(open(sys.argv[1])); validators.Validate.rulebook(content);"
            " rules_parser.parse_rule_sets(content)"
        )
        return self._bash(shlex.join(("python", "-c", code, ".rulebook.yml")))

    def _alerts(self, text: str) -> int:
        """Check the alert rules. An example has written the file with their metrics."""
        written = "".join(path.read_text(encoding="utf-8") for path in self._root.rglob("*.prom"))
        known = {family.name for family in text_string_to_metric_families(written)}
        for group in yaml.safe_load(text)["groups"]:
            for rule in group["rules"]:
                expression = promql_parser.parse(rule["expr"])
                names = set(re.findall(r"\bhybrid_connectors\w+", expression.prettify()))
                assert names, f"{rule['expr']} is about no metric."
                assert names <= known, f"{', '.join(sorted(names - known))}: not among the metrics that were written."
        return 0

    def _execution_environment(self, text: str) -> int:
        """Check a definition with ansible-builder, without the files that the definition refers to."""
        ee_schema.validate_schema(yaml.safe_load(text))
        return 0

    def _role_variables(self, text: str) -> int:
        """Validate some variables of a role in the same way as Ansible before it runs the role."""
        variables = yaml.load(text, _Loader)
        spec = {name: {**option, "required": False} for name, option in _options(_role_of(variables)).items()}
        module = {"argument_spec": spec, "provided_arguments": variables}
        return self._tasks(json.dumps([{"ansible.builtin.validate_argument_spec": module}]))

    def _console(self, block: Block, following: list[Block]) -> None:
        """Run the commands of a block, and compare the output of each command. If the block must fail, the last command
        must fail. If the block is interrupted, the last command is interrupted as soon as it has printed the expected
        output, which is in the same block or in the next block.
        """
        assert block.text.startswith("$ "), "A console block begins with a command: '$ ...'."
        steps = [step for step in re.split(r"^\$ ", block.text, flags=re.MULTILINE) if step]
        outputs = []
        for number, step in enumerate(steps, 1):
            lines = step.splitlines()
            end = next(index for index, line in enumerate(lines) if not line.endswith("\\")) + 1
            if block.interrupted and number == len(steps):
                shown = replace(block, language="text", text="\n".join(lines[end:])) if lines[end:] else following[0]
                return self._interrupt("\n".join(lines[:end]), replace(shown, text=self._ours(shown.text)))
            status = self._bash("\n".join(lines[:end]))
            outputs.append(self._reported)
            self._check(status, block.fails and number == len(steps), lines[0])
            self._compare([line for line in lines[end:] if line.strip()], self._reported, whole_lines=True)
        self._reported = "\n".join(outputs)

    def _interrupt(self, command: str, shown: Block) -> None:
        """Run a command that does not end until it has printed the expected output."""
        assert shown.language in ("json", "text"), "What it prints before it is interrupted is not shown."
        until = time.monotonic() + TIMEOUT
        with Process(["bash", "-c", f"exec {command}"], self._cwd, self._env) as process:
            while True:
                self._reported = process.output
                try:
                    self._try(shown, "", [])
                    break
                except AssertionError:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.1)
            status = process.interrupt()
        self._reported = process.output
        self._check(int(status not in (0, 130, -signal.SIGINT)), False, command)

    def _bash(self, command: str) -> int:
        """Run a command in the current folder and environment of the session, and store its output."""
        state = self._home / "state"
        state.unlink(missing_ok=True)
        leave = f'trap \'printf "%s\\0" "$PWD" > {shlex.quote(str(state))}; env -0 >> {shlex.quote(str(state))}\' EXIT'
        try:
            done = subprocess.run(
                ["bash", "-c", f"{leave}\n{command}"],
                cwd=self._cwd,
                env=self._env,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=TIMEOUT,
            )
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{command} did not end within {TIMEOUT} s:\n{error.output!r}") from None
        self._reported = done.stdout
        assert_nothing_deprecated(self._reported)
        cwd, *pairs = state.read_text(encoding="utf-8").rstrip("\0").split("\0")
        self._cwd = Path(cwd)
        self._env = {name: value for name, _equals, value in (pair.partition("=") for pair in pairs) if name != "_"}
        return done.returncode

    def _compare(self, expected: list[str], output: str, *, whole_lines: bool) -> None:
        """Check that an output contains lines in this order. A string can span several lines."""
        begin, end, gap = (r"^", r"$", r"[^\n]*?") if whole_lines else ("", "", r".*?")
        found = _plain(output, keep_lines=whole_lines)
        position = 0
        for line in expected:
            desired = _plain(line, keep_lines=False)
            if desired == "...":
                continue
            pattern = begin + re.escape(desired).replace(r"\.\.\.", gap) + end
            match = re.compile(pattern, re.MULTILINE).search(found, position)
            assert match, f"'{line.strip()}' is not printed, or not in this place:\n{output[-6000:]}"
            position = match.end()

    def _compare_file(self, path: Path, text: str) -> None:
        """Check that an example is a file of the collection, ignoring comments and empty lines."""
        shown, there = (
            [line.rstrip() for line in content.splitlines() if line.strip(" -") and not line.startswith("#")]
            for content in (text, path.read_text(encoding="utf-8"))
        )
        assert shown == there, f"{path.relative_to(ROOT)} differs."

    def _compare_json(self, expected: Any) -> None:
        """Check that a line of the output is this object, in which '...' matches any value."""
        printed = [json.loads(line) for line in self._reported.splitlines() if line.startswith(("{", "["))]
        assert any(_like(expected, value) for value in printed), f"No such object is printed:\n{self._reported[-6000:]}"


def _link(collections: Path, target: Path) -> None:
    """Add a source tree to a folder of collections."""
    link = collections / "ansible_collections" / "hybrid" / "connectors"
    link.parent.mkdir(parents=True)
    link.symlink_to(target, target_is_directory=True)


def _plain(text: str, *, keep_lines: bool) -> str:
    """Return a string without the parts that depend on the width of the terminal or on the quoting of Ansible."""
    text = re.sub(r"\*{3,}", "***", text.replace('\\"', '"').replace("\\n", "\n"))
    if keep_lines:
        return "\n".join(" ".join(line.split()) for line in text.splitlines())
    return " ".join(text.split())


def _like(expected: Any, value: Any) -> bool:
    if expected == "...":
        return True
    if isinstance(expected, Mapping) and isinstance(value, Mapping):
        return expected.keys() == value.keys() and all(_like(item, value[key]) for key, item in expected.items())
    if isinstance(expected, list) and isinstance(value, list):
        return len(expected) == len(value) and all(map(_like, expected, value))
    return bool(expected == value)


def _options(role: str) -> dict[str, Any]:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return {name: option for entry in specs["argument_specs"].values() for name, option in entry["options"].items()}


def _role_of(variables: Mapping[str, Any]) -> str:
    """Return the role that has all of these variables, or an empty string."""
    roles = (path.name for path in (ROOT / "roles").iterdir())
    return next((role for role in roles if variables and set(variables) <= set(_options(role))), "")
