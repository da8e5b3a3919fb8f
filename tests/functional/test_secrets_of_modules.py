# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every module with difficult secrets, with success and with every kind of failure, at the highest verbosity. The
tests search the output at C(-vvvv) with C(--diff) and C(ANSIBLE_DEBUG), the log, the results, all remaining files, and
the list of processes. C(SWEEP=whole) runs every situation with every kind of secret. It runs every module in every
execution mode with each situation and with each kind of secret, but not with each combination of both.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support import canaries
from support.canaries import (
    GRANT,
    KINDS,
    NAMES,
    WORLDLY,
    echo,
    echo_in_header,
    leaks,
    logins,
    secrets_of,
    seed,
)
from support.cases import CASES, MODULES, PLACE, TRANSACTION
from support.deadline import wait_until
from support.documented import connection_options, module_options, system_of
from support.modules import spec_of
from support.playbooks import run_playbook
from support.simulator import SYSTEMS, Simulator

pytestmark = [pytest.mark.extended, pytest.mark.undocumented]

WHOLE = os.environ.get("SWEEP") == "whole"
ANY = {"times": None}
STORED = ("token", "refresh_token", "http_proxy", "https_proxy")

Given = dict[str, Any]


@dataclass(frozen=True)
class Situation:
    """The behavior of the simulator, the options of all modules, and their environment."""

    faults: Callable[[str, str], Given] | None = None
    methods: tuple[str | None, ...] = (None,)
    options: Given = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    stored: bool = False
    malformed: bool = False
    quick: bool = False
    arguments: tuple[str, ...] = ()


def responses(status: int, body: Callable[[str, str], Any], quick: bool = False, writes: bool = False) -> Situation:
    """Return a situation in which every request or every write gets this response with secrets, also in headers."""

    def faults(system: str, kind: str) -> Given:
        text = echo(system, kind, STORED if writes and system == "voss" else ())
        header = echo_in_header(system, kind)
        # Exports do not contain the secrets of customers.
        where = {"path": "^(?!.*export)"} if writes else {}
        headers = {"X-Request-ID": header, "trackingId": header}
        return {"status": status, "body": body(text, system), "headers": headers, **where}

    return Situation(faults, ("PUT", "POST") if writes else (None,), quick=quick)


def documented(text: str, _system: str) -> Any:
    return {
        "message": text,
        "code": text,
        "error": {"code": text, "message": {"value": text}},
        "trackingId": text,
    }


def redirect(where: Callable[[str], str]) -> Situation:
    return Situation(lambda system, kind: {"status": 302, "headers": {"Location": where(echo_in_header(system, kind))}})


SITUATIONS: dict[str, Situation] = {
    "success": Situation(),
    "check mode": Situation(arguments=("--check",)),
    "the data hold them": Situation(stored=True, quick=True),
    "refused": responses(401, documented, quick=True),
    "not allowed": responses(403, lambda text, system: {"detail": text, "error_code": text}),
    "a conflict": responses(409, lambda text, system: {"errors": [{"errorCode": text, "description": text}]}),
    "not found": responses(404, lambda text, system: f"{text}\n{text}"),
    "writes refused": responses(400, documented, quick=True, writes=True),
    "writes broken": responses(500, lambda text, system: f"<html>{text}</html>", writes=True),
    "broken": responses(500, lambda text, system: 3 * f"{text}\n"),
    "down": responses(503, lambda text, system: f"<html>{text}</html>"),
    "too many": responses(429, documented),
    "HTML with 200": responses(200, lambda text, system: f"<html>{text}</html>"),
    "a list with 200": responses(200, lambda text, system: [text, {"token": text, "id": text, "name": text}]),
    "a string with 200": responses(200, lambda text, system: json.dumps(text)),
    "objects of strings": responses(
        200,
        lambda text, system: dict.fromkeys(
            ("connectors", "items", "resources", "data", "meta", "pagination", "id", "status", "transaction_id"),
            text,
        ),
    ),
    "lists of strings": responses(
        200, lambda text, system: {key: [text] for key in ("connectors", "connectorIds", "items", "resources")}
    ),
    "a redirect elsewhere": redirect(lambda text: f"http://user:{text}@127.0.0.1:9/?token={text}"),
    "a redirect with a token": redirect(lambda text: f"http://127.0.0.1:9/{text}/x?access_token={text}#{text}"),
    "a redirect that is none": redirect(lambda text: f"http://[{text}"),
    "cut before": Situation(lambda system, kind: {"cut": "before"}),
    "cut after": Situation(lambda system, kind: {"cut": "after"}),
    "cut in the body": Situation(lambda system, kind: {"cut": "body"}),
    "slow": Situation(lambda system, kind: {"delay": 1.5}, options={"timeout": 0.2}),
    "nobody there": Situation(options={"api_url": "http://127.0.0.1:9"}),
    "no TLS": Situation(options={"api_url": "https{url}"}),
    "no certificates": Situation(options={"api_url": "https{url}", "ca_path": "/no/such/file"}),
    "a proxy that is not there": Situation(
        env={"HTTP_PROXY": "http://user:{proxy}@127.0.0.1:9", "http_proxy": "http://user:{proxy}@127.0.0.1:9"},
    ),
    "a proxy that refuses": Situation(
        responses(407, documented).faults,
        env={"HTTP_PROXY": "http://user:{proxy}@{host}", "http_proxy": "http://user:{proxy}@{host}"},
        quick=True,
    ),
    "a defect": Situation(env={"BROKEN_LIBRARY": "1"}, quick=True),
    "wrong options": Situation(malformed=True, quick=True),
}
CHOSEN = [
    (situation, kind)
    for number, (situation, how) in enumerate(SITUATIONS.items())
    for place, kind in enumerate([*KINDS, *WORLDLY])
    if WHOLE or (how.quick and place == number % len([*KINDS, *WORLDLY]))
]
# Situations that always run for the Webex modules with a refresh grant.
GRANT_QUICK = {"success": "markup", "refused": "plain", "writes refused": "encoded", "wrong options": "pattern"}
CHOSEN += [
    (situation, kind + GRANT)
    for situation in SITUATIONS
    for kind in KINDS
    if WHOLE or GRANT_QUICK.get(situation) == kind
]
PROXY = "kanarienvogel-of-the-proxy"
PLACES = {name: place for place, name in enumerate([*SITUATIONS, *KINDS, *WORLDLY])}
# The modules of these groups can use the refresh grant.
GRANTED = ("webex", "fleet")


def modes_of(number: int, situation: str, kind: str, whole: bool = WHOLE) -> list[str]:
    """Return the execution modes of a module: always in the worker, and at times also as a process.

    In the whole sweep, each module runs as a process once in each situation, each time with the next kind of secret.
    """
    place = number + (PLACES[situation] + PLACES[kind.removesuffix(GRANT)] if whole else 0)
    every = 5
    if whole:
        every = len(KINDS) if kind.endswith(GRANT) else len([*KINDS, *WORLDLY])
    always = kind.endswith(GRANT) and not whole
    modes = ["worker", "process"] if always or place % every == 0 else ["worker"]
    if whole and place % 10 == 1 and "--check" not in SITUATIONS[situation].arguments:  # Ansible rejects it with async
        modes.append("async")
    return modes


def with_secrets(module: str, kind: str, given: Mapping[str, Any]) -> tuple[Given, list[str]]:
    """Return options with a secret for each secret option, including those in lists, and these secrets."""
    spec = spec_of(module)
    own = connection_options(spec.system)
    secrets: list[str] = []

    def filled(options: Mapping[str, Any], values: Mapping[str, Any]) -> Given:
        result = dict(values)
        for name, option in options.items():
            if option.get("no_log") and name not in own:
                value = canaries.secret(kind, name)
                result[name] = {"user": value} if option.get("type") == "dict" else value
                secrets.append(value)
            elif option.get("options") and isinstance(result.get(name), list):
                result[name] = [filled(option["options"], item) for item in result[name]]
        return result

    full = filled(spec.options, given)
    if "update_secrets" in spec.options:
        full["update_secrets"] = "always"
    return full, secrets


def malformed(module: str, login: Mapping[str, str], given: Given, number: int) -> Given:
    """Return options in which secrets have a wrong type or an unknown name."""
    wrong = dict(given)
    for name, value in login.items():
        if name not in NAMES:
            wrong[name] = [[value], {"a": value}, {"password": value}][number % 3]
            wrong[f"{name}s"] = value
    for name, value in given.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            wrong[name] = [*value, [value[0]], json.dumps(value[0])]
    return wrong


def stored(simulator: Simulator, kind: str) -> Given:
    """Return the samples with the secrets in the strings that users can edit."""
    state = simulator.state()
    places = {
        "apono": ("connectors", ("cloud_provider_type", "version")),
        "hdp": ("connectors", ("label", "owner", "osName", "tenantName")),
        "webex": ("connectors", ("hostname", "version")),
        "voss": ("customers", ("email_domain", "account_number", "token", "refresh_token", "https_proxy")),
    }
    found: dict[str, dict[str, Any]] = {}
    for system, (objects, names) in places.items():
        items = [{**item, **dict.fromkeys(names, echo(system, kind))} for item in state[system][objects]]
        found[system] = {objects: items}
    found["hdp"]["user_connectors"] = state["hdp"]["user_connectors"]
    return found


def with_stored_secrets(simulator: Simulator) -> Given:
    """Return the integrations with secrets that Apono stores. Otherwise, Apono does not accept new secrets for them."""
    store = {"apono": {"parameters": {"user": "x"}}}
    return {
        "integrations": [{**item, "secret_store_config": store} for item in simulator.state()["apono"]["integrations"]]
    }


def test_the_whole_sweep_runs_each_mode_with_each_situation_and_kind() -> None:
    for kinds, modes in (([*KINDS, *WORLDLY], ("worker", "process", "async")), ([*KINDS], ("worker", "process"))):
        pairs = [(situation, kind) for situation in SITUATIONS for kind in kinds]
        suffix = GRANT if kinds == [*KINDS] else ""
        for number in range(len(MODULES)):
            runs = [(*pair, mode) for pair in pairs for mode in modes_of(number, pair[0], pair[1] + suffix, whole=True)]
            for mode in modes:
                assert {kind for _situation, kind, how in runs if how == mode} == {*kinds}
                situations = {situation for situation, _kind, how in runs if how == mode}
                assert {*SITUATIONS} - situations == ({"check mode"} if mode == "async" else set())


@pytest.mark.parametrize(("situation", "kind"), CHOSEN)
def test_no_module_leaks_a_secret(situation: str, kind: str, simulator: Simulator, tmp_path: Path) -> None:
    how = SITUATIONS[situation]
    login = logins(kind)
    secrets = [*secrets_of(kind), PROXY]
    tasks = []
    variables: dict[str, Any] = {}
    modules = [module for module in MODULES if not kind.endswith(GRANT) or module.partition("_")[0] in GRANTED]
    for number, module in enumerate(modules):
        case: Mapping[str, Any] = next(iter(CASES[module].values())).given
        if kind.endswith(GRANT) and module == "fleet_info":
            case = {"webex": {}}
        given, more = with_secrets(module, kind, case)
        secrets += more
        several = system_of(module) is None
        system = next(iter(given)) if several else module.partition("_")[0]
        given = json.loads(json.dumps(given).replace(PLACE, str(tmp_path / "export")).replace(TRANSACTION, "x"))
        url = simulator.system_url(system)
        shared = {"retry_budget": 0, "api_url": url, **login[system]}
        shared.update(
            {
                name: value.replace("{url}", url.removeprefix("http")) if isinstance(value, str) else value
                for name, value in how.options.items()
            }
        )
        known = {*module_options(module), *connection_options(system_of(module))}
        if "requests_per_second" in known:
            shared["requests_per_second"] = 0
        shared.update({name: 0.05 for name in ("poll_interval", "wait_timeout") if name in known})
        given = {**(given[system] if several else given), **shared}
        if how.malformed:
            given = malformed(module, login[system], given, number)
        given = {system: given} if several else given
        variables[module] = given
        for mode in modes_of(number, situation, kind):
            task = {
                "name": f"{module} {mode}",
                f"hybrid.connectors.{module}": "{{ lookup('ansible.builtin.file', given) | from_json }}",
                "vars": {"given": str(tmp_path / "given" / f"{module}.json")},
                "register": f"{module}_{mode}",
                "ignore_errors": True,
            }
            if mode == "process":
                task["environment"] = {"A": "process"}
            elif mode == "async":
                task.update({"async": 60, "poll": 1})
            tasks.append(task)
    (tmp_path / "given").mkdir()
    for module, given in variables.items():
        (tmp_path / "given" / f"{module}.json").write_text(json.dumps(given), encoding="utf-8")
    tasks.append(
        {"name": "registered", "ansible.builtin.debug": {"msg": [f"{{{{ {t['register']} }}}}" for t in tasks]}}
    )

    data = stored(simulator, kind) if how.stored else {}
    data["apono"] = {**data.get("apono", {}), **with_stored_secrets(simulator)}
    simulator.reset({**seed(kind), **data})
    simulator.settings(voss={"throttle": 0, "polls": 0}, hdp={"lockout": 0})
    for system in SYSTEMS:
        if how.faults:
            for method in how.methods:
                simulator.fault(system=system, method=method, **ANY, **how.faults(system, kind))
    host = simulator.url.removeprefix("http://")
    env = {name: value.replace("{proxy}", PROXY).replace("{host}", host) for name, value in how.env.items()}
    folder = tmp_path / "run"
    env = {**canaries.environment(folder), **env}
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    with canaries.process_list() as processes:
        played = run_playbook(folder, json.dumps(play), ("-vvvv", "--diff", *how.arguments), {}, env)
    # Ansible polls an asynchronous task every five seconds and then removes its files.
    wait_until(lambda: not list(folder.rglob("AnsiballZ_*")), "Ansible did not remove its files.")
    assert [name for name, _result in played.tasks] == [task["name"] for task in tasks], played.output[-3000:]
    failed = {name for name, result in played.tasks if result.failed}
    if situation in ("success", "check mode", "the data hold them"):
        assert {name.partition(" ")[0] for name in failed} <= {"voss_transaction_info"}, played["registered"].values
    else:
        assert len(failed) > (0 if "writes" in situation or kind.endswith(GRANT) else 3), "Nothing failed."
    contents = {
        "output": played.output,
        "results": canaries.results(played),
        "processes": "\n".join(processes),
        **canaries.places(folder),
    }
    # Only a separate process writes to the system log, and only if its options are valid.
    logs = {"log", "system log"} if any("environment" in task for task in tasks) and not how.malformed else {"log"}
    assert logs <= set(contents), "A place that should be searched does not exist."
    found = leaks(contents, secrets)
    assert not found, "\n\n".join(f"{place}: {text}" for place, there in found.items() for text in there[:6])
