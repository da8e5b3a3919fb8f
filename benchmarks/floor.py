# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the lower bound: the run time for a list of customers without Ansible, with the fewest requests.

The script reads one list, sends a GET and a PUT for each customer that differs, and polls all transactions together
until they have ended.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter

MODEL = "/api/relation/SparkCustomer/"
UNWRITTEN = {"pkid", "hierarchy_path", "hierarchy_friendly_name", "token", "refresh_token", "https_proxy"}


class Script:
    """Return a session with the URL and the credentials in the variables of the playbooks."""

    def __init__(self, given: dict[str, Any]):
        self.given = given
        self.run = uuid.uuid4().hex
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.auth = (given["username"], given["password"])
        self.session.mount("http://", HTTPAdapter(pool_maxsize=given["parallel"]))

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        response = self.session.request(
            method, self.given["api_url"] + path, params={**query, "format": "json"}, json=body, timeout=60
        )
        response.raise_for_status()
        return response.json()

    def listed(self) -> dict[str, Any]:
        """Return the customers by name, without their large ``meta``."""
        found: dict[str, Any] = {}
        while True:
            page = self.call("GET", MODEL, hierarchy=self.given["scope"], skip=len(found), limit=2000)
            found.update({item["data"]["name"]: (item["pkid"], item["data"]) for item in page["resources"]})
            if not page["resources"] or len(found) >= page["pagination"]["total"]:
                return found

    def visit(self, desired: dict[str, Any]) -> None:
        """Find a customer by its name and read it, like a module for a single customer."""
        place = {"hierarchy": desired["hierarchy"]}
        named = {"filter_field": "name", "filter_condition": "contains", "filter_text": desired["name"]}
        [found] = self.call("GET", MODEL, **place, **named, skip=0, limit=2000)["resources"]
        self.call("GET", f"{MODEL}{found['pkid']}/", **place)

    def write(self, pkid: str, desired: dict[str, Any]) -> None:
        data = self.call("GET", f"{MODEL}{pkid}/")["data"]
        body = {name: value for name, value in data.items() if name not in UNWRITTEN}
        body.update({name: value for name, value in desired.items() if name != "hierarchy"})
        body["request_meta"] = {"external_id": f"{self.run}-{pkid}"}
        self.call("PUT", f"{MODEL}{pkid}/", body, hierarchy=desired["hierarchy"], nowait="true")

    def wait(self, count: int) -> None:
        """Poll the transactions of this run until all have ended."""
        pause = 0.1
        while True:
            time.sleep(pause)
            words: list[str] = []
            while len(words) < count:
                page = self.call(
                    "GET",
                    "/api/tool/Transaction/",
                    hierarchy=self.given["scope"],
                    filter_field="external.id",
                    filter_condition="contains",
                    filter_text=self.run,
                    skip=len(words),
                    limit=2000,
                )["resources"]
                words += [item["data"]["status"] for item in page]
            if "Fail" in words:
                sys.exit("A transaction failed.")
            if all(word == "Success" for word in words):
                return
            pause = min(2 * pause, 2.0)


def main(variables: str, way: str = "list") -> None:
    """Change the customers to the state in the file ``variables``. With ``each``, only read each customer."""
    with open(variables, encoding="utf-8") as file:
        given = json.load(file)
    with open(given["desired_file"], encoding="utf-8") as file:
        desired = json.load(file)
    script = Script(given)
    if way == "each":
        for customer in desired:
            script.visit(customer)
        return
    there = script.listed()
    todo = []
    for customer in desired:
        pkid, data = there[customer["name"]]
        if any(data.get(name) != value for name, value in customer.items() if name != "hierarchy"):
            todo.append((pkid, customer))
    if todo:
        with ThreadPoolExecutor(given["parallel"]) as pool:
            for done in [pool.submit(script.write, *one) for one in todo]:
                done.result()
        script.wait(len(todo))


if __name__ == "__main__":
    main(*sys.argv[1:])
