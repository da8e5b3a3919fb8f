# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret leaves a run, even if services return their own secrets or ours in any field and any encoding."""

from __future__ import annotations

import base64
import functools
import html
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from support.playbooks import Played

from hostile.attack import Attack, Serve, connection
from hostile.server import Request, reply

pytestmark = pytest.mark.first_case_only

# Both execution modes of a task.
MODES: Mapping[str, Mapping[str, Any]] = {"worker": {}, "process": {"environment": {"A": "process"}}}
INFO = {
    "apono": ("apono_connector_info", "connectors"),
    "hdp": ("hdp_connector_info", "connectors"),
    "voss": ("voss_spark_customer_info", "customers"),
    "webex": ("webex_hybrid_connector_info", "connectors"),
}
NODE, PKID = "6c3f0a4b1d2e5f6071829304", "5b2f0a4b1d2e5f6071829303"


def played(attack: Attack, tasks: Mapping[str, Mapping[str, Any]], *arguments: str, **env: str) -> Played:
    """Run each task in both execution modes, and show its result."""
    steps: list[dict[str, Any]] = []
    for name, task in tasks.items():
        for mode, how in MODES.items():
            steps.append({"name": f"{name}, {mode}", "register": "it", "ignore_errors": True, **task, **how})
            steps.append({"name": f"show {name}, {mode}", "ansible.builtin.debug": {"var": "it"}})
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": steps}]
    return attack.playbook(yaml.safe_dump(play), "-vvvv", "--diff", *arguments, **env)


def listing(system: str, item: Mapping[str, Any], request: Request) -> bytes:
    """A list of one object in the format of each system."""
    if system == "apono":
        whole = {"id": "1", "name": "edge", "status": "CONNECTED", "version": "1.7", "last_connected": None, **item}
        return reply(200, {"items": [whole], "pagination": {"next_page_token": None}})
    if system == "hdp":
        return reply(200, {"connectors": [{"connectorID": "1", "label": "edge", "version": "4.6", **item}]})
    if system == "webex":
        whole = {"id": "1", "orgId": "o", "hostname": "edge", "status": "operational", "type": "calendar", **item}
        return reply(200, {"items": [whole]})
    customer = {
        "pkid": PKID,
        "meta": {"path": [NODE, PKID], "references": {"parent": [{"pkid": NODE}], "self": [{"pkid": PKID}]}},
        "data": {"name": "edge", "hierarchy_path": "sys.hcs", **item},
    }
    page = {"skip": 0, "limit": 2000, "total": 1, "maximum_limit": 2000}
    return reply(200, {"resources": [customer], "pagination": page, "meta": {}})


def options(system: str, url: str, **more: Any) -> dict[str, Any]:
    scope = {"hierarchy": NODE} if system == "voss" else {}
    return connection(system, url, **scope, **more)


# -- what services add -------------------------------------------------------------------------------------------------

ADDED = {
    "token": "canary-a",
    "refreshToken": "canary-b",
    "connectorPassword": "canary-c",
    "metadata": {"inner": [{"clientSecret": "canary-d", "encryption_key": "canary-e", "left": "untouched"}]},
    "httpProxy": "http://user:canary-f@proxy.example.com:3128",
    "proxies": ["http://user:x/canary-g@proxy.example.com:3128"],
    "view": "/api/tool/DataMove/?auth_token=canary-h&a=1",
    "credentials": {"username": "canary-i", "password": "canary-j"},
    "settings": [{"name": "api_token", "value": "canary-k"}],
    "raw": '{"password": "canary-l"}',
    "headers": "X-CSRFToken: canary-m",
    "apiKey": 4711004711,
    "isPasswordSet": True,
    "publicKey": "ssh-ed25519 AAAA",
    "accessTokenExpires": "2099-12-03T14:19:31Z",
    "accessTokenType": "Bearer",
}


def lists(serve: Serve, items: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A task for each system, which lists the only object of the system."""
    servers = {system: serve(functools.partial(listing, system, items[system])) for system in INFO}
    return {
        system: {f"hybrid.connectors.{INFO[system][0]}": options(system, server.url)}
        for system, server in servers.items()
    }


def listed(done: Played, system: str) -> dict[str, Any]:
    """Return the object that a task returned in both execution modes."""
    objects = [done[f"{system}, {mode}"].ok()[INFO[system][1]] for mode in MODES]
    assert objects[0] == objects[1]
    found: dict[str, Any] = objects[0][0]
    return found


def test_secrets_that_a_service_adds_are_not_returned(attack: Attack, serve: Serve) -> None:
    done = played(attack, lists(serve, dict.fromkeys(INFO, ADDED)))
    assert "canary-" not in done.output
    assert "4711004711" not in done.output
    assert "canary" not in json.dumps([result.values for _name, result in done.tasks])
    for system in INFO:
        text = json.dumps(listed(done, system))
        for kept in ("untouched", "ssh-ed25519 AAAA", "2099-12-03", "Bearer", "http://********@proxy.example.com:3128"):
            assert kept in text, system


def test_an_inventory_and_its_cache_contain_no_stored_secrets(attack: Attack, serve: Serve) -> None:
    servers = {system: serve(functools.partial(listing, system, ADDED)) for system in INFO}
    cache = attack.folder / "cache"
    content = {system: options(system, server.url) for system, server in servers.items()}
    more = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(cache)}
    for server_count in (1, 0):
        before = sum(len(server.requests) for server in servers.values())
        text = json.dumps(attack.inventory({**content, **more}))
        assert (sum(len(server.requests) for server in servers.values()) > before) == bool(server_count)
        assert "canary" not in text
        assert text.count("untouched") == 4
    files = list(cache.iterdir())
    assert files
    assert not [path for path in files if "canary" in path.read_text(encoding="utf-8")]


# -- our own secrets ---------------------------------------------------------------------------------------------------

SECRET = "p/s=w&o<r>d\"'%2F+-canary"
SPELLINGS = {
    "plain": SECRET,
    "percent": "".join(f"%{ord(one):02x}" for one in SECRET),
    "percent of a few": quote(SECRET),
    "percent twice": quote(quote(SECRET, safe=""), safe=""),
    "percent three times": quote(quote(quote(SECRET, safe=""), safe=""), safe=""),
    "JSON": json.dumps(SECRET)[1:-1].replace("/", "\\/"),
    "JSON, all characters": "".join(f"\\u{ord(one):04x}" for one in SECRET),
    "JSON, upper case": "".join(f"\\u{ord(one):04X}" for one in SECRET),
    "JSON twice": json.dumps(json.dumps(SECRET))[1:-1],
    "Python": "".join(f"\\x{ord(one):02x}" for one in SECRET),
    "entities": html.escape(SECRET).replace("/", "&#47;").replace("=", "&#x3D;"),
    "entities, all characters": "".join(f"&#{ord(one)};" for one in SECRET),
    "entities of entities": html.escape(html.escape(SECRET)),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 of more": base64.b64encode(f"x{SECRET}y".encode()).decode(),
    "percent of entities": quote(html.escape(SECRET), safe=""),
    "entities of JSON": html.escape(json.dumps(SECRET)[1:-1]),
}


def found_in(text: str) -> list[str]:
    """Return the encodings of a secret in an output, which is JSON, or JSON in a JSON string."""
    strings = [text, text.replace("\\\\", "\\"), text.replace("\\\\", "\\").replace('\\"', '"')]
    found = []
    for name, spelling in SPELLINGS.items():
        core = spelling[4:-4] if name == "base64 of more" else spelling
        encodings = {core, json.dumps(core)[1:-1], json.dumps(json.dumps(core))[3:-3]}
        found += [name for form in encodings for one in strings if form in one]
    return sorted(set(found))


def test_our_own_secret_is_masked_in_every_spelling(attack: Attack, serve: Serve) -> None:
    system = "voss"
    echo = {f"field {number}": f"it is {text}." for number, text in enumerate(SPELLINGS.values())}
    keys = {f"the {text} key": 1 for text in SPELLINGS.values()}

    def respond(request: Request) -> bytes:
        if "fail" in request.target:
            body = {"message": " | ".join(SPELLINGS.values()), "code": SPELLINGS["percent"]}
            return reply(422, body, f"X-Request-ID: {SPELLINGS['percent twice']}")
        return listing(system, {"echo": [echo], "keys": keys}, request)

    server = serve(respond)
    module = f"hybrid.connectors.{INFO[system][0]}"
    tasks = {
        "list": {module: options(system, server.url, password=SECRET)},
        "fail": {module: options(system, f"{server.url}/fail", password=SECRET)},
    }
    done = played(attack, tasks)
    assert done["list, worker"].ok()[INFO[system][1]] == done["list, process"].ok()[INFO[system][1]]
    for mode in MODES:
        assert done[f"fail, {mode}"].failure["reason"] == "refused"
        assert len(done[f"list, {mode}"][INFO[system][1]][0]["echo"][0]) == len(SPELLINGS)
    assert found_in(done.output) == []
    assert found_in(json.dumps([result.values for _name, result in done.tasks])) == []


# -- addresses and proxies ---------------------------------------------------------------------------------------------

# The unit tests contain more examples.
ADDRESSES = [
    "https://user:zanary/zanary@host.example",
    "https://user:p?a#zanary@[host.example",
    "https://host.example/?access_token=zanary",
    "user:zanary@host.example:8443",
]


def test_a_refused_address_is_redacted(attack: Attack) -> None:
    tasks = {
        f"address {number}": {"hybrid.connectors.hdp_connector_info": options("hdp", address)}
        for number, address in enumerate(ADDRESSES)
    }
    done = played(attack, tasks)
    for task in tasks:
        for mode in MODES:
            assert done[f"{task}, {mode}"].failure["reason"] == "invalid_option"
    assert "zanary" not in json.dumps([result.values for _name, result in done.tasks])
    assert "zanary" not in done.output


@pytest.mark.parametrize("password", ["zanary/zz#zz?zz[zz", "12/zanary@zanary"])
def test_the_password_of_a_proxy_is_redacted(attack: Attack, password: str) -> None:
    proxy = f"http://user:{password}@127.0.0.1:9"
    env = {"HTTP_PROXY": proxy, "http_proxy": proxy, "no_proxy": "", "NO_PROXY": ""}
    task = {"hybrid.connectors.apono_connector_info": options("apono", "http://apono.invalid")}
    done = played(attack, {"list": task}, **env)
    assert [done[f"list, {mode}"].failed for mode in MODES] == [True, True]
    assert "zanary" not in done.output
    assert "zanary" not in json.dumps([result.values for _name, result in done.tasks])


# -- documents ---------------------------------------------------------------------------------------------------------

HTML = """<html><a href="/x?auth_token=canary-1&a=1">a</a><a href="/x?a=1&amp;auth_token=canary-2">b</a>
<a href="/x?a&#38;auth_token=canary-3">c</a><a href="/login?next=%2Fx%3Fauth_token%3Dcanary-4%26b%3D1">d</a>
<a href="/login?next=%252Fx%253Fauth_token%253Dcanary-5">e</a><a href="/X?AUTH_TOKEN=canary-6">f</a>
<input type=hidden value='canary-7' name="auth_token"><INPUT NAME=CSRFMIDDLEWARETOKEN VALUE=canary-8>
<meta name="csrf-token" content="canary-9"><script>var csrftoken = "canary-10"; x = {"auth_token": "canary-11"};
request.setRequestHeader("X-CSRFToken", "canary-12"); document.cookie = "sessionid=canary-13; csrftoken=canary-14";
</script><pre>X-CSRFToken: canary-15</pre><p>What a customer is.</p></html>"""
FORM = {
    "meta": {"actions": [{"move": {"view": "/api/tool/DataMove/?auth_token=canary-16"}}], "auth_token": "canary-17"},
    "schema": {
        "properties": {
            "token": {"type": "string", "title": "Token", "is_password": True, "default": "canary-18"},
            "name": {"type": "string", "title": "Name"},
        },
        "target": "/api/x/?schema=&auth_token=canary-19",
    },
    "text": json.dumps({"X-CSRFToken": "canary-20", "nested": json.dumps({"sessionid": "canary-21"})}),
    "fields": [{"name": "csrftoken", "value": "canary-22"}],
}


def test_documents_of_the_model_contain_no_session_tokens(attack: Attack, serve: Serve) -> None:
    def respond(request: Request) -> bytes:
        if "/help" in request.path:
            return reply(200, HTML)
        if request.path.rstrip("/").endswith(("add", "configuration_template", "field_display_policy")):
            return reply(200, FORM)
        return listing("voss", {}, request)

    gather = ["help", "add_form", "configuration_templates", "field_display_policies"]
    task = {"hybrid.connectors.voss_spark_customer_info": options("voss", serve(respond).url, gather=gather)}
    done = played(attack, {"read": task})
    assert "canary-" not in done.output
    for mode in MODES:
        result = done[f"read, {mode}"].ok()
        assert "<p>What a customer is.</p>" in result["help"]
        for name in gather[1:]:
            assert result[name]["schema"]["properties"] == {
                "token": {"type": "string", "title": "Token", "is_password": True},
                "name": {"type": "string", "title": "Name"},
            }
            assert "canary" not in json.dumps(result[name])


# -- terminals ---------------------------------------------------------------------------------------------------------

STEERING = "\x9b31m\u202egnirts\u2066\x07\u200b\u2028\ufeff\U000e0041\x1b[2J\x85"
SHOWN = "[U+009B]31m[U+202E]gnirts[U+2066][U+0007][U+200B][U+2028][U+FEFF][U+E0041][U+001B][2J[U+0085]"


def test_a_result_has_no_terminal_control_characters(attack: Attack, serve: Serve) -> None:
    nested = {f"key{STEERING}": [f"value{STEERING}\ttab\nline"]}
    names = {system: {"hdp": "label", "webex": "hostname"}.get(system, "name") for system in INFO}
    items = {
        system: {name: f"edge{STEERING}", "nested": [nested], "plain": "ü☃\U0001f642"} for system, name in names.items()
    }
    done = played(attack, lists(serve, items))
    assert not set(STEERING) - set("31mgnirts[2JA") & set(done.output)
    for system, name in names.items():
        shown = listed(done, system)
        assert shown[name] == f"edge{SHOWN}"
        assert list(shown["nested"][0].values()) == [[f"value{SHOWN}\ttab\nline"]]
        assert shown["plain"] == "ü☃\U0001f642"


def test_a_message_is_one_line_of_bounded_length(attack: Attack, serve: Serve) -> None:
    name = f"edge\nFORGED\r\n{STEERING}" + "x" * 20_000
    items = [{"id": number, "name": name, "status": "CONNECTED", "last_connected": None} for number in "12"]
    server = serve(lambda request: reply(200, {"items": items, "pagination": {"next_page_token": None}}))
    task = {"hybrid.connectors.apono_connector": options("apono", server.url, name=name, new_name="other")}
    done = played(attack, {"rename": task})
    for mode in MODES:
        result = done[f"rename, {mode}"]
        assert result.failed
        assert "\n" not in result.msg
        assert len(result.msg) <= 5000
    assert not set(STEERING) - set("31mgnirts[2J") & set(done.output)
    assert "\nFORGED" not in done.output


# -- secrets that are words --------------------------------------------------------------------------------------------


def test_a_common_word_as_password_changes_no_name(attack: Attack, serve: Serve) -> None:
    item = {"name": "AAAGlobal", "hierarchy_path": "sys.hcs.Global.AAAGlobal", "notes": "Global"}
    server = serve(lambda request: listing("voss", item, request))
    given = options("voss", server.url, password="Global")
    done = played(attack, {"list": {"hybrid.connectors.voss_spark_customer_info": given}})
    for mode in MODES:
        customer = done[f"list, {mode}"].ok()["customers"][0]
        assert (customer["name"], customer["hierarchy_path"]) == ("AAAGlobal", "sys.hcs.Global.AAAGlobal")
        assert customer["notes"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    hosts = attack.inventory({"voss": given})["_meta"]["hostvars"]
    assert ["AAAGlobal" in host for host in hosts] == [True]
    assert json.dumps(hosts).count('"AAAGlobal"') == 2


# -- the time that it takes --------------------------------------------------------------------------------------------


def test_hostile_strings_do_not_stop_a_task(attack: Attack, serve: Serve) -> None:
    item = {"A" * 20_000: 1, "aA" * 20_000: {"token" * 20_000: "://" * 20_000}, "notes": "tokentoken" * 40_000}

    def respond(request: Request) -> bytes:
        if "fail" in request.target:
            return reply(400, "tokentoken" * 40_000)
        return listing("hdp", item, request)

    server = serve(respond)
    tasks = {
        "list": {"hybrid.connectors.hdp_connector_info": options("hdp", server.url)},
        "fail": {"hybrid.connectors.hdp_connector_info": options("hdp", f"{server.url}/fail")},
    }
    play = [{"name": name, "ignore_errors": True, "no_log": False, **task} for name, task in tasks.items()]
    text = yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": play}])
    done = attack.playbook(text)  # The run is stopped after minutes. A quadratic pattern takes hours.
    assert not done["list"].failed
    assert done["fail"].failure["reason"] == "refused"
