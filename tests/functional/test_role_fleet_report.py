# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role fleet_report in its playbook, with credentials in the environment as in a job template."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import jsonschema
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from support import sshd
from support.deadline import wait_until
from support.messages import MessageTable
from support.modules import ROOT
from support.pages import read
from support.playbooks import NULL_IS_NO_STRING, Played, RunPlaybook
from support.receiver import receiving
from support.simulator import CREDENTIALS, SYSTEMS, Simulator, in_environment

pytestmark = [pytest.mark.first_case_only, pytest.mark.usefixtures("only_documented")]

ROLE = Path(__file__).resolve().parents[2] / "roles" / "fleet_report"
PLAYBOOK = "- import_playbook: hybrid.connectors.fleet_report"
MODES = {"fleet.html": 0o640, "fleet.json": 0o640, "fleet.prom": 0o644}
VOSS = {"hierarchy": "sys.hcs.CS-P"}


class Report(Protocol):
    """Run the playbook with variables of the role that lack their common prefix."""

    def __call__(self, *arguments: str, **variables: Any) -> Played: ...


@pytest.fixture
def report(playbook: RunPlaybook, connection: Mapping[str, Mapping[str, str]], tmp_path: Path) -> Iterator[Report]:
    """Run the playbook, and check afterwards that it left no background job of Ansible and no secret."""
    # The path must be short, because Ansible creates sockets in this folder.
    place = Path(tempfile.mkdtemp(prefix="report"))

    def run(*arguments: str, **variables: Any) -> Played:
        given = tmp_path / "given.json"
        given.write_text(json.dumps({f"fleet_report_{name}": value for name, value in variables.items()}), "utf-8")
        env = {**in_environment(connection), "TMPDIR": str(place)}
        played = playbook(PLAYBOOK, "-e", f"@{given}", "-vvv", *arguments, env=env)
        given.unlink()
        home = max(tmp_path.parent.glob("playbook*"), key=lambda folder: folder.stat().st_mtime_ns) / ".ansible"
        # The wrapper process of an async job removes its files some seconds after the job has ended.
        folders = (place, home / "tmp", home / "async")
        wait_until(lambda: not any(map(remains, folders)), lambda: [remains(folder) for folder in folders])
        secrets = [value for login in CREDENTIALS.values() for option, value in login.items() if option != "username"]
        for text in (played.output, *(file.read_text("utf-8") for file in tmp_path.glob("out/*"))):
            assert [secret for secret in (*secrets, "canary", "simulator-access-token") if secret in text] == []
        return played

    yield run
    shutil.rmtree(place)


def remains(folder: Path) -> list[Path]:
    """Return the contents of a folder, except empty folders of Ansible."""
    found = []
    for inside, folders, names in os.walk(folder):  # os.walk ignores files that are deleted in the meantime
        found += [Path(inside, name) for name in names]
        found += [Path(inside, name) for name in folders if name.startswith("fleet_report.")]
    return found


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def files(out: Path) -> dict[str, str]:
    """Return the variables that select the output files."""
    return {name.partition(".")[2]: str(out / name) for name in MODES}


def document(out: Path) -> Any:
    """Return the report after its validation against the schema."""
    found = json.loads((out / "fleet.json").read_text("utf-8"))
    schema = json.loads((ROLE / "files" / "fleet_report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(found)
    return found


def series(out: Path) -> dict[tuple[str, ...], float]:
    """Return the metrics by name, system and connector ID."""
    families = text_string_to_metric_families((out / "fleet.prom").read_text("utf-8"))
    return {
        (one.name, *(one.labels[name] for name in ("system", "id", "health") if name in one.labels)): one.value
        for family in families
        for one in family.samples
    }


def reported(played: Played) -> list[str]:
    """Return the lines of the summary."""
    lines: list[str] = next(values["msg"] for name, values in played.tasks if name.endswith("Show the summary"))
    return lines


def changed(played: Played) -> bool:
    return any(result.changed for _name, result in played.tasks)


def failure(played: Played) -> str:
    """Return the message of the failed task."""
    assert played.status == 2, played.output
    return next(result.msg for _name, result in reversed(played.tasks) if result.failed)


def test_a_report_covers_failing_connectors_and_refusing_systems(
    report: Report, simulator: Simulator, out: Path, messages: MessageTable
) -> None:
    everything: dict[str, Any] = {"systems": [*SYSTEMS], "voss": VOSS, **files(out)}

    predicted = report("--check", "--diff", **everything)
    assert predicted.status == 0, predicted.output
    assert changed(predicted)
    assert list(out.iterdir()) == []
    assert {entry["system"] for entry in simulator.journal()} == {*SYSTEMS}
    assert simulator.writes() == []
    assert f"Would write {out / 'fleet.json'}" in reported(predicted)

    simulator.fault(system="webex", path="connectors", times=None, status=403, body={"message": "Missing scope."})
    refused = report(fail_on=["unread"], **everything)
    cause = messages.expected("request.status", status=403, method="GET", url="")
    line = messages.expected("report.unread", cause=cause)
    assert failure(refused).startswith(f"unread: webex: {line}")
    assert "\n" not in failure(refused)
    assert any(words.startswith(f"Webex: {line}") for words in reported(refused))
    assert changed(refused)
    assert {file.name: file.stat().st_mode & 0o777 for file in out.iterdir()} == MODES
    first = document(out)
    assert [(system["system"], system["read"]) for system in first["systems"]] == [
        ("apono", True),
        ("hdp", True),
        ("voss", True),
        ("webex", False),
    ]
    assert first["summary"]["total"] == len(first["records"]) == 9
    assert first["changes"] is None
    assert line in re.sub(r"<[^>]*>", "", (out / "fleet.html").read_text("utf-8"))
    metrics = series(out)
    assert metrics["hybrid_connectors_system_read", "webex"] == 0
    assert [name for name, *rest in metrics if rest[:1] == ["webex"]] == ["hybrid_connectors_system_read"]

    simulator.clear_faults()
    state = simulator.state()
    state["apono"]["connectors"][0]["status"] = "DISCONNECTED"
    state["apono"]["connectors"][0]["name"] = "{{ 6 * 7 }} <b>\n\"'"
    failing = state["apono"]["connectors"][0]["id"]
    simulator.reset({"apono": state["apono"]})
    failed = report(fail_on="down,expired,outdated", **everything)
    lines = failure(failed).splitlines()
    assert [one.partition(":")[0] for one in lines] == ["down"] * 4 + ["outdated"] * 2 + ["expired"] * 4
    problem = messages.expected("apono.disconnected", time="2026-10-01T08:15:30.123456Z")
    assert f"down: apono {{{{ 6 * 7 }}}} <b> \"' ({failing}): {problem}" in lines
    second = document(out)
    assert second["changes"]["health"] == [
        {
            "system": "apono",
            "id": failing,
            "name": "{{ 6 * 7 }} <b>\n\"'",
            "before": "healthy",
            "after": "down",
        }
    ]
    assert second["changes"]["since"] == first["generated_at"]
    assert second["changes"]["appeared"] == second["changes"]["disappeared"] == []
    assert second["systems"][-1]["count"] == 5
    assert len(second["alarms"]) == 4
    assert len(second["expiries"]) == 4
    metrics = series(out)
    assert metrics["hybrid_connectors_health", "apono", failing, "down"] == 1
    assert metrics["hybrid_connectors_connectors", "webex", "maintenance"] == 1

    again = report(**everything)
    assert again.status == 0, again.output
    assert not changed(again)
    assert document(out)["generated_at"] > second["generated_at"], "It is written, though nothing is new."
    assert not any(document(out)["changes"][kind] for kind in ("appeared", "disappeared", "health", "version"))
    assert simulator.writes() == []


def notification_in_the_guide() -> Any:
    """Return the example of a notification with the format ``json``."""
    blocks = read(ROOT / "docs" / "docsite" / "rst" / "fleet_notifications.rst")
    [example] = [json.loads(block.text) for block in blocks if block.language == "json"]
    return example


def test_changes_are_kept_in_a_history_and_sent_once(
    report: Report, simulator: Simulator, out: Path, messages: MessageTable
) -> None:
    def run(*arguments: str, **more: Any) -> Played:
        targets = [
            {"url": f"{receiver.url}/canary-slack", "format": "slack"},
            {"url": f"{receiver.url}/canary-json", "on": ["unread", "recovered"]},
        ]
        history, html = str(out / "history.jsonl"), str(out / "fleet.html")
        return report(*arguments, systems=["apono", "webex"], history=history, html=html, notify=targets, **more)

    def changes() -> Any:
        page = (out / "fleet.html").read_text("utf-8")
        data = re.search('<script type="application/json" id="data">(.*?)</script>', page)
        assert data
        return json.loads(data[1])

    def connectors(status: str) -> None:
        state = simulator.state()["apono"]
        for connector in state["connectors"][:2]:
            connector["status"] = status
        simulator.reset({"apono": state})

    with receiving() as receiver:
        connectors("CONNECTED")
        first = run(fail_on=["new", "worse"])
        assert first.status == 0, first.output
        assert receiver.received == [], "Without an earlier report, nothing is new."
        assert changed(first)

        connectors("DISCONNECTED")
        ids = [connector["id"] for connector in simulator.state()["apono"]["connectors"]]
        mute = [{"system": "apono", "id": ids[1], "until": "2099-01-01", "reason": "replaced"}]
        assert run("--check", mute=mute).status == 0
        assert receiver.received == []
        second = run(fail_on=["new", "worse"], mute=mute)
        lines = failure(second).splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("new: apono ")
        counts = messages.expected("report.changes", new=1, worse=0, recovered=0)
        assert any(line.endswith(f" {counts}") for line in reported(second))
        assert ids[0] in lines[0]
        [(path, message)] = receiver.received
        assert path == "/canary-slack"
        assert message["blocks"][1]["elements"][0]["elements"][0]["text"].endswith("(1)")
        assert [item["id"] for item in changes()["changes"]["new"]] == [ids[0]]
        assert changes()["mutes"][0]["reason"] == "replaced"

        assert run(mute=mute).status == 0
        assert len(receiver.received) == 1, "Nothing is new."

        connectors("CONNECTED")
        simulator.fault(system="webex", path="connectors", times=None, status=403, body={"message": "No."})
        receiver.responses["/canary-json"] = (500, {}, b"canary-json is broken")
        last = run()
        [undelivered] = failure(last).splitlines()
        problem = messages.expected("notify.status", status=500)
        start = messages.expected("notify.not_delivered", number=2, format="json", problem=problem)
        assert undelivered.startswith(start.rstrip("."))
        assert [item["id"] for item in changes()["changes"]["recovered"]] == [ids[0]]
        [found] = receiver.bodies("/canary-json")
        assert [system["system"] for system in found["unread"]] == ["webex"]
        assert [item["duration_seconds"] > 0 for item in found["recovered"]] == [True]
        assert found["new"] == []
        example = notification_in_the_guide()
        assert found.keys() == example.keys()
        assert found["recovered"][0].keys() == example["new"][0].keys()
        assert found["unread"][0].keys() == example["unread"][0].keys()
        assert (found["format"], found["version"]) == (example["format"], example["version"])
    assert len((out / "history.jsonl").read_text("utf-8").splitlines()) == 4
    assert [run["by_system"]["apono"]["down"] for run in changes()["trend"]] == [2, 4, 4, 2]


@pytest.mark.parametrize("option", ["history", "previous"])
def test_without_a_json_file_each_run_is_a_change(report: Report, out: Path, option: str) -> None:
    earlier = str(out / "earlier")
    report(systems=["apono"], **{"json" if option == "previous" else option: earlier})
    for _run in range(2):
        assert changed(report(systems=["apono"], html=str(out / "fleet.html"), **{option: earlier}))


@pytest.mark.parametrize("option", [{"fail_on": "new"}, {"notify": [{"url": "http://127.0.0.1:9/"}]}], ids=str)
def test_new_problems_require_an_earlier_report(
    report: Report, simulator: Simulator, option: Mapping[str, Any]
) -> None:
    assert "fleet_report_history" in failure(report(systems=["apono"], **option))
    assert simulator.journal() == []


@pytest.mark.parametrize("earlier", [None, "history"])
def test_disappeared_connectors_require_an_earlier_report(
    report: Report, simulator: Simulator, out: Path, messages: MessageTable, earlier: str | None
) -> None:
    history = {earlier: str(out / "history.jsonl")} if earlier else {}
    messages.check("report.disappeared", failure(report(systems=["apono"], fail_on=["disappeared"], **history)))
    assert simulator.journal() == []
    assert list(out.iterdir()) == []


def test_a_connector_that_disappeared_fails_the_play(report: Report, simulator: Simulator, out: Path) -> None:
    earlier = str(out / "fleet.json")
    assert report(systems=["apono"], json=earlier).status == 0
    state = simulator.state()["apono"]
    gone = state["connectors"].pop(0)["id"]
    simulator.reset({"apono": state})
    failed = report(systems=["apono"], previous=earlier, fail_on="unread,disappeared")
    assert failure(failed).startswith("disappeared: apono ")
    assert gone in failure(failed)
    assert any(line.endswith("0 recovered, 1 disappeared") for line in reported(failed))


def test_an_invalid_history_is_refused_before_any_request(
    report: Report, simulator: Simulator, out: Path, messages: MessageTable
) -> None:
    history = out / "notes.txt"
    history.write_text("text\n", encoding="utf-8")
    for arguments in ((), ("--check",)):
        refused = failure(report(*arguments, systems=["apono"], history=str(history)))
        messages.check("report.not_a_history", refused, file=history)
    assert simulator.journal() == []
    assert history.read_text("utf-8") == "text\n"


def test_a_failing_or_slow_system_does_not_delay_others(report: Report, simulator: Simulator, out: Path) -> None:
    for timeout in (4, 20, 100):
        simulator.reset()
        for system in ("apono", "webex"):
            simulator.fault(system=system, times=None, delay=10 * timeout)
        played = report(
            "-i",
            "monitor,",
            "-e",
            "ansible_connection=local",
            hosts="monitor",
            hdp={"password": "canary-wrong"},
            webex={},
            systems="apono",
            timeout=timeout,
            json=str(out / "fleet.json"),
            title="Ours",
        )
        begins = {entry["system"]: entry["time"] for entry in reversed(simulator.journal())}
        if max(begins.values()) - min(begins.values()) < timeout:
            break
    assert played.status == 0, played.output
    found = document(out)
    assert found["title"] == "Ours"
    assert [system["read"] for system in found["systems"]] == [False, False, False]
    assert "401" in found["systems"][1]["error"]
    assert found["summary"]["total"] == 0
    assert [path.name for path in out.iterdir()] == ["fleet.json"]
    assert begins.keys() == {"apono", "hdp", "webex"}
    assert max(begins.values()) - min(begins.values()) < timeout, "One waited for the timeout of the other."


@pytest.fixture
def inventory(tmp_path: Path) -> Callable[[Mapping[str, Mapping[str, Any]]], str]:
    """Write an inventory of hosts with their variables, and return its path."""

    def write(hosts: Mapping[str, Mapping[str, Any]]) -> str:
        path = tmp_path / "inventory.yml"
        path.write_text(json.dumps({"all": {"hosts": hosts}}), "utf-8")
        return str(path)

    return write


@pytest.mark.skipif(sshd.program() is None, reason="sshd is not installed: apt-get install openssh-server")
def test_files_on_a_host_over_ssh(report: Report, inventory: Callable[..., str], out: Path) -> None:
    keys = Path(tempfile.mkdtemp(prefix="sshd"))
    relative = f".fleet-report-{keys.name}.json"
    home = Path(pwd.getpwuid(os.getuid()).pw_dir) / relative  # sshd ignores HOME
    try:
        with sshd.serving(keys) as variables:
            given = ("-i", inventory({"jump1": variables}))
            first = report(*given, hosts="jump1", systems=["apono"], **files(out))
            assert first.status == 0, first.output
            assert {file.name: file.stat().st_mode & 0o777 for file in out.iterdir()} == MODES
            assert changed(first)
            assert not changed(report(*given, hosts="jump1", systems=["apono"], **files(out)))
            assert document(out)["changes"]["since"]
            second = report(*given, hosts="jump1", systems=["apono"], json=relative)
            assert second.status == 0, second.output
            assert home.is_file(), "A relative path of another host begins in the home directory."
    finally:
        home.unlink(missing_ok=True)
        shutil.rmtree(keys)


@pytest.mark.parametrize(
    "connection_of_play", [("-c", "local"), ("-e", "ansible_connection=ansible.builtin.local")], ids=lambda how: how[0]
)
def test_relative_path_with_a_local_connection(
    report: Report, inventory: Callable[..., str], connection_of_play: tuple[str, ...]
) -> None:
    given = ("-i", inventory({"jump1": {}}), *connection_of_play)
    played = report(*given, hosts="jump1", systems=["apono"], json="fleet.json")
    assert played.status == 0, played.output
    path = Path(next(line for line in reported(played) if line.startswith("Wrote ")).removeprefix("Wrote "))
    assert path.is_file()
    assert (path.parent / "playbook.yml").is_file()


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_every_host_has_its_report(
    playbook: RunPlaybook, connection: Mapping[str, Mapping[str, str]], out: Path, strategy: str
) -> None:
    hosts = [f"host{number}" for number in range(4)]
    text = f"""
- hosts: all
  gather_facts: false
  connection: local
  strategy: {strategy}
  module_defaults:
    group/hybrid.connectors.apono: "{{{{ systems.apono }}}}"
  roles:
    - role: hybrid.connectors.fleet_report
      fleet_report_systems: [apono]
      fleet_report_webex: "{{{{ systems.webex }}}}"
      fleet_report_json: "{out}/{{{{ inventory_hostname }}}}.json"
"""
    played = playbook(text, "-i", ",".join(hosts) + ",")
    assert played.status == 0, played.output
    assert sorted(path.stem for path in out.glob("*.json")) == hosts
    for path in out.glob("*.json"):
        assert json.loads(path.read_text("utf-8"))["summary"]["total"] == 9


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"systems": "apono,voss"}, "Set one of these options in fleet_report_voss, for example 'hierarchy'."),
        ({"systems": ["apono"], "hdp": {"username": ""}}, "username"),
        ({"systems": ["apono"], "webex": {"colour": "blue"}}, "colour"),
        ({"systems": ["apono"], "webex": {"ca_path": "/nowhere", "api_url": "https://x.example"}}, "ca_path"),
        ({"systems": ["apono"], "stale_after_hours": -1}, "stale_after_hours"),
    ],
)
def test_wrong_configuration_fails_before_any_request(
    report: Report, simulator: Simulator, out: Path, variables: Mapping[str, Any], words: str
) -> None:
    played = report(**variables, **files(out))
    assert words in failure(played)
    assert simulator.journal() == []
    assert list(out.iterdir()) == []


def test_a_report_without_a_system_is_refused(
    report: Report, simulator: Simulator, out: Path, messages: MessageTable
) -> None:
    messages.check("report.no_system", failure(report(**files(out))))
    assert simulator.journal() == []


@pytest.mark.parametrize(
    ("variables", "filters"),
    [
        ({"webex": {"status": ["outage"]}}, "status from fleet_report_webex"),
        (
            {"webex": {"alarm_severity": "critical"}, "voss": {**VOSS, "expiring_within_days": 3}},
            "expiring_within_days from fleet_report_voss and alarm_severity from fleet_report_webex",
        ),
        ({"apono": {"status": ["DISCONNECTED"]}}, "status from fleet_report_apono"),
    ],
)
def test_filters_by_health_are_refused_before_any_request(
    report: Report, simulator: Simulator, out: Path, messages: MessageTable, variables: dict[str, Any], filters: str
) -> None:
    messages.check("report.health_filter", failure(report(**variables, **files(out))), filters=filters)
    assert simulator.journal() == []
    assert list(out.iterdir()) == []


def test_suboptions_without_a_value_have_their_defaults(report: Report, out: Path) -> None:
    with receiving() as receiver:
        played = report(
            apono={"status": None, "timeout": "{{ nothing | default(omit) }}"},
            webex={"alarm_severity": None, "status": "{{ nothing | default(omit) }}"},
            notify=[{"url": receiver.url, "format": None, "on": None}],
            json=str(out / "fleet.json"),
        )
    assert played.status == 0, played.output
    assert document(out)["summary"]["total"] == 9


@pytest.mark.skipif(NULL_IS_NO_STRING, reason="Before ansible-core 2.19, a string variable of a role must not be null.")
def test_strings_that_are_null_have_their_defaults(report: Report, out: Path) -> None:
    modes = {f"{kind}_mode": None for kind in ("html", "json", "prom")}
    played = report(systems=["apono"], **files(out), **modes, title=None)
    assert played.status == 0, played.output
    assert document(out)["title"] == "Connector fleet"
    assert {file.name: file.stat().st_mode & 0o777 for file in out.iterdir()} == MODES


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"systems": ["jira"]}, "jira"),
        ({"systems": ["apono"], "fail_on": ["broken"]}, "broken"),
        ({"systems": ["apono"], "jsn": "fleet.json"}, "fleet_report_jsn"),
        ({"webex": {"access_token": "{{ nothing }}"}}, "'nothing' is undefined"),
        ({"webex": "canary"}, "fleet_report_webex"),
        ({"systems": ["apono"], "mute": [{"system": "apono", "id": "a", "until": "soon"}]}, "'soon'"),
        ({"systems": ["apono"], "mute": [{"system": "apono"}]}, "id"),
        ({"systems": ["apono"], "json": "a", "notify": [{"url": "canary"}]}, "notify[1].url"),
        ({"systems": ["apono"], "json": "a", "notify": ["https://canary.example"]}, "notify"),
        ({"systems": ["apono"], "json": "a", "notify": [{"url": "http://x.example", "format": "irc"}]}, "irc"),
        ({"webex": "access_token=canary"}, "to dictionaries"),
    ],
)
def test_contradictory_options_are_refused_before_any_request(
    report: Report, simulator: Simulator, variables: Mapping[str, Any], words: str
) -> None:
    played = report(**variables)
    assert played.status == 2, played.output
    assert words in " ".join(played.output.split())
    assert simulator.journal() == []


def test_the_readme_has_every_argument() -> None:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text("utf-8"))["argument_specs"]
    readme = (ROLE / "README.md").read_text("utf-8")
    assert [name for name in specs["main"]["options"] if name not in readme] == []


def test_a_relative_path_begins_where_ansible_was_started(report: Report) -> None:
    written = [line for line in reported(report(systems=["apono"], json="fleet.json")) if line.startswith("Wrote ")]
    path = Path(written[0].removeprefix("Wrote "))
    assert path.is_file()
    assert (path.parent / "playbook.yml").is_file()
    assert not changed(report(systems=["apono"], json=str(path)))


def test_a_report_contains_the_organizations_that_were_read(
    report: Report, simulator: Simulator, out: Path, messages: MessageTable
) -> None:
    simulator.settings(webex={"forbidden_organizations": ["Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMg"]})
    played = report(webex={"org_ids": "all", "clusters": True}, fail_on=["unread"], **files(out))
    partly = messages.expected("report.partly_read", cause=messages.expected("webex.unread_organization", total=2))
    cause = messages.expected("request.status", status=403, method="GET", url="")
    line = f"{partly} 'Example Subsidiary': {cause}"
    assert failure(played).startswith(f"unread: webex: {line}")
    assert any(words.startswith(f"Webex: 5 connectors; {line}") for words in reported(played))
    found = document(out)
    assert [(system["read"], system["count"]) for system in found["systems"]] == [(False, 5)]
    assert len(found["systems"][0]["unread"]) == 1
    assert {record["org"] for record in found["records"]} == {"Example Corporation"}
    page = re.sub(r"<[^>]*>", "", (out / "fleet.html").read_text("utf-8"))
    assert partly in page
    assert "5 connectors" in page
    assert series(out)["hybrid_connectors_system_read", "webex"] == 0
