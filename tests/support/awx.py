# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide a fake API of AWX 24.6.1, as far as the role awx_setup uses the API. The fake stores objects and rejects the
same requests as AWX. A comment at each rule contains the file of AWX with the original rule. ``awx_rules.py`` contains
the rules of single objects, and ``awx_lists.py`` the rules of lists. In one respect, the fake is stricter: it rejects
unknown fields and filters, but AWX ignores unknown fields. With ``engine=False``, the fake has no task engine, so it
never fetches projects and never deletes inventories.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from support import awx_lists, awx_rules
from support.awx_lists import Item
from support.awx_rules import Refused

ENCRYPTED = "$encrypted$"
TOKEN = "stand-in-oauth-token"
USER, PASSWORD = "admin", "stand-in-password"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

# Writable fields with the defaults of AWX (awx/main/models).
FIELDS: dict[str, Item] = yaml.safe_load(Path(__file__).with_name("awx_fields.yml").read_text(encoding="utf-8"))
# Fields that the modules send although AWX ignores them.
IGNORED = {"credential_types": {"managed"}, "workflow_job_template_nodes": {"type"}, "job_templates": {"organization"}}
REQUIRED = {
    "execution_environments": ("name", "image"),
    "credential_types": ("name", "kind"),
    "credentials": ("name", "credential_type"),
    "inventories": ("name", "organization"),
    "inventory_sources": ("name", "inventory"),
    "workflow_job_template_nodes": ("workflow_job_template",),
    "schedules": ("name", "unified_job_template", "rrule"),
    "labels": ("name", "organization"),
    "hosts": ("name", "inventory"),
    "groups": ("name", "inventory"),
}
# Fields that refer to another object.
REFERENCES = {
    "organization": "organizations",
    "credential_type": "credential_types",
    "credential": "credentials",
    "project": "projects",
    "source_project": "projects",
    "inventory": "inventories",
    "workflow_job_template": "workflow_job_templates",
    "execution_environment": "execution_environments",
    "default_environment": "execution_environments",
    "unified_job_template": "unified_job_templates",
}
# Fields whose combination must be unique (unique_together and SOFT_UNIQUE_TOGETHER in awx/main/models).
UNIQUE = {
    "organizations": ("name",),
    "execution_environments": ("name",),
    "credential_types": ("name", "kind"),
    "credentials": ("organization", "name", "credential_type"),
    "projects": ("name", "organization"),
    "inventories": ("name", "organization"),
    "inventory_sources": ("name", "inventory"),
    "job_templates": ("name", "organization"),
    "workflow_job_templates": ("name", "organization"),
    "workflow_job_template_nodes": ("identifier", "workflow_job_template"),
    "schedules": ("name", "unified_job_template"),
    "labels": ("name", "organization"),
    "hosts": ("name", "inventory"),
    "groups": ("name", "inventory"),
}
# Objects that AWX deletes together with an object. Any other reference becomes null (on_delete in awx/main/models).
CASCADE = {
    "organizations": [
        ("credentials", "organization"),
        ("execution_environments", "organization"),
        ("labels", "organization"),
        ("notification_templates", "organization"),
    ],
    "inventories": [("inventory_sources", "inventory"), ("hosts", "inventory"), ("groups", "inventory")],
    "projects": [("inventory_sources", "source_project"), ("schedules", "unified_job_template")],
    "inventory_sources": [("schedules", "unified_job_template")],
    "job_templates": [("schedules", "unified_job_template")],
    "workflow_job_templates": [
        ("schedules", "unified_job_template"),
        ("workflow_job_template_nodes", "workflow_job_template"),
    ],
}
PROMPTS = ("scm_branch", "job_type", "limit", "diff_mode", "verbosity", "forks", "job_slice_count", "timeout")
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates")
ASSOCIATIONS = {
    "credentials": "credentials",
    "labels": "labels",
    "instance_groups": "instance_groups",
    "galaxy_credentials": "credentials",
    "always_nodes": "workflow_job_template_nodes",
    "success_nodes": "workflow_job_template_nodes",
    "failure_nodes": "workflow_job_template_nodes",
    "notification_templates_started": "notification_templates",
    "notification_templates_success": "notification_templates",
    "notification_templates_error": "notification_templates",
    "notification_templates_approvals": "notification_templates",
}
LINKS = ("always_nodes", "success_nodes", "failure_nodes")
# To-many relations by kind. The relations of hosts and groups are read-only, because inventory updates write them.
RELATIONS: dict[str, tuple[str, ...]] = {
    "organizations": ("galaxy_credentials", "instance_groups"),
    "job_templates": ("credentials", "labels", "instance_groups"),
    "workflow_job_templates": ("labels",),
    "workflow_job_template_nodes": (*LINKS, "credentials", "labels"),
    "schedules": ("credentials", "labels", "instance_groups"),
    "inventories": ("instance_groups",),
    "hosts": ("inventory_sources", "groups"),
    "groups": ("inventory_sources", "children", "hosts"),
}
# Lists below the URL of an object, which contain the objects of another kind that refer to it.
SUBLISTS = {("inventory_sources", "hosts"): "inventory_sources", ("inventory_sources", "groups"): "inventory_sources"}
BULK_HOST_MAX_DELETE = 250  # awx/settings/defaults.py
# INV_ENV_VARIABLE_BLOCKED in awx/settings/defaults.py, STANDARD_INVENTORY_UPDATE_ENV in awx/main/constants.py
BLOCKED = ("HOME", "USER", "_", "TERM", "PATH")
STANDARD = {
    "ANSIBLE_INVENTORY_EXPORT": "True",
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_VERBOSE_TO_STDERR": "True",
}
COLLECTION_PATHS = ("~/.ansible/collections", "/usr/share/ansible/collections")
CONTAINER_ROOT = "/runner"


def singular(kind: str) -> str:
    """Return the type of an object in the spelling of AWX."""
    return "inventory" if kind == "inventories" else kind.removesuffix("s")


def relations(kind: str) -> list[str]:
    """Return the names of the to-many relations of a kind."""
    names = list(RELATIONS.get(kind, ()))
    if kind in (*UNIFIED, "organizations"):
        names += [name for name in ASSOCIATIONS if name.startswith("notification_")]
    return names


class Awx:
    """A running fake AWX at ``url``. Use it in a with statement. ``projects`` is the project directory, and
    ``repositories`` contains the content of Git repositories by URL.
    """

    def __init__(self, projects: Path, repositories: Mapping[str, Path] | None = None, engine: bool = True):
        self.projects = projects
        self.repositories = dict(repositories or {})
        self.engine = engine
        self.objects: dict[str, dict[int, Item]] = {kind: {} for kind in (*FIELDS, "project_updates", "jobs")}
        self.journal: list[tuple[str, str, Any]] = []
        self.refusals: list[str] = []
        self.answers: list[str] = []
        self._last_id = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Awx:
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_exception: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> str:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._respond)
        self._runner = web.AppRunner(application)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        return f"http://127.0.0.1:{port}"

    # For tests.

    def names(self, kind: str) -> list[str]:
        """Return the names of all objects of a kind."""
        return sorted(item.get("name") or item["identifier"] for item in self.objects[kind].values())

    def named(self, kind: str, name: str) -> Item:
        """Return the only object with a name."""
        (found,) = (item for item in self.objects[kind].values() if name in (item.get("name"), item.get("identifier")))
        return found

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return the requests that could have changed something."""
        return [entry for entry in self.journal if entry[0] != "GET"]

    def add(self, kind: str, /, **fields: Any) -> Item:
        """Create an object of another user, with its to-many relations."""
        item = self._create(kind, {name: value for name, value in fields.items() if name not in relations(kind)})
        item |= {name: value for name, value in fields.items() if name in relations(kind)}
        return item

    def remove(self, kind: str, name: str) -> None:
        """Delete an object like another user."""
        self._delete(kind, self.named(kind, name))

    def environment(self, credentials: list[int], folder: Path | None = None) -> dict[str, str]:
        """Return the environment that the credentials of a job result in, and write their files to ``folder``."""
        env: dict[str, str] = {}
        for number in credentials:
            credential = self.objects["credentials"][number]
            credential_type = self.objects["credential_types"][credential["credential_type"]]
            env |= awx_rules.injected(credential_type["injectors"], credential["inputs"], folder)
        return env

    def inventory_environment(self, source: Item, folder: Path) -> dict[str, str]:
        """Return the environment of an inventory update (RunInventoryUpdate.build_env in awx/main/tasks/jobs.py).

        ``folder`` replaces the private data directory, which AWX mounts into the container.
        """
        env = dict(STANDARD)
        given = awx_rules.variables(source["source_vars"], "source_vars")
        env |= {name: str(value) for name, value in given.items() if name not in (*env, *BLOCKED)}
        paths = (f"{CONTAINER_ROOT}/requirements_collections", *COLLECTION_PATHS)
        env["ANSIBLE_COLLECTIONS_PATHS"] = ":".join((*paths, "/usr/share/automation-controller/collections"))
        env = {name: value.replace(CONTAINER_ROOT, str(folder)) for name, value in env.items()}
        return env | self.environment([source["credential"]] if source["credential"] else [], folder)

    def job(self, template: str, folder: Path, **given: Any) -> tuple[Path, dict[str, Any], dict[str, str]]:
        """Return the playbook, the extra variables and the environment of a job that is launched with ``given``."""
        item = self.named("job_templates", template)
        values, _ignored = awx_rules.launched(item, given)
        project = self.objects["projects"][item["project"]]
        content = (
            self.repositories[project["scm_url"]] if project["scm_type"] else self.projects / project["local_path"]
        )
        return content / item["playbook"], values, self.environment(item["credentials"], folder)

    # Requests.

    async def _respond(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        headers = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
        self.journal.append((request.method, request.path, body))
        try:
            status, content = self._handle(request, body)
        except Refused as refused:
            self.refusals.append(f"{request.method} {request.path}: {refused.status} {refused.content}")
            status, content = refused.status, refused.content
        if content is None:
            return web.Response(status=status, headers=headers)
        text = json.dumps(content)
        self.answers.append(text)
        return web.Response(status=status, text=text, content_type="application/json", headers=headers)

    def _handle(self, request: web.Request, body: Any) -> tuple[int, Any]:
        parts = request.path.strip("/").split("/")
        if parts[:2] != ["api", "v2"] or not request.path.endswith("/"):
            raise Refused(404, {"detail": "The requested resource could not be found."})
        method, kind, rest = request.method, parts[2], parts[3:]
        if kind == "tokens":
            return self._token(request)
        if request.headers.get("Authorization") not in (f"Bearer {TOKEN}", BASIC):
            raise Refused(401, {"detail": "Authentication credentials were not provided."})
        query = dict(request.query)
        if kind == "bulk" and rest == ["host_delete"] and method == "POST":
            return self._delete_hosts(body["hosts"])
        if not rest:
            if method == "GET":
                return 200, self._list(kind, request.path, query)
            if method == "POST" and kind in FIELDS:
                return 201, self._shown(kind, self._create(kind, body))
        elif kind in self.objects and rest[0].isdigit():
            item = self.objects[kind].get(int(rest[0]))
            if item is None:
                raise Refused(404, {"detail": "Not found."})
            if len(rest) == 1:
                return self._detail(method, kind, item, body)
            if method == "GET" and (kind, rest[1]) in SUBLISTS:
                query[SUBLISTS[kind, rest[1]]] = rest[0]
                return 200, self._list(rest[1], request.path, query)
            action = getattr(self, f"_{method.lower()}_{kind}_{rest[1]}", None)
            if action:
                return action(item, body)  # type: ignore[no-any-return]
            return self._related(request, kind, item, rest[1], body)
        raise Refused(405 if rest else 404, {"detail": f"{method} {request.path} is not known here."})

    def _token(self, request: web.Request) -> tuple[int, Any]:
        if request.headers.get("Authorization") != BASIC:
            raise Refused(401, {"detail": "Authentication credentials were not provided."})
        return (204, None) if request.method == "DELETE" else (201, {"id": 1, "token": TOKEN})

    def _list(self, kind: str, path: str, query: dict[str, str]) -> Item:
        if kind == "unified_job_templates":
            kinds: tuple[str, ...] = UNIFIED
        elif kind in FIELDS:
            kinds = (kind,)
        else:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        fields = {"id", "type", "organization"}.union(
            *(FIELDS[one] for one in kinds), *(relations(one) for one in kinds)
        )
        items = [{**item, "type": singular(one)} for one in kinds for item in self.objects[one].values()]
        for group in items if kind == "groups" else []:
            group["hosts"] = [host["id"] for host in self.objects["hosts"].values() if group["id"] in host["groups"]]
        found = awx_lists.filtered(items, query, fields)
        by_type = {singular(one): one for one in kinds}
        return awx_lists.page([self._shown(by_type[item["type"]], item) for item in found], path, query)

    def _detail(self, method: str, kind: str, item: Item, body: Any) -> tuple[int, Any]:
        if method == "GET":
            self._proceed(kind, item)
            return 200, self._shown(kind, item)
        if method == "PATCH":
            self._change(kind, item, body)
            return 200, self._shown(kind, item)
        if method == "DELETE":
            return self._delete(kind, item)
        raise Refused(405, {"detail": f'Method "{method}" not allowed.'})

    def _related(self, request: web.Request, kind: str, item: Item, name: str, body: Any) -> tuple[int, Any]:
        method = request.method
        if name == "survey_spec" and kind in ("job_templates", "workflow_job_templates"):
            if method == "POST":
                awx_rules.check_survey(body, item["survey_spec"])
                item["survey_spec"] = body
            elif method == "DELETE":
                item["survey_spec"] = {}
            return 200, awx_rules.shown_survey(item["survey_spec"]) if method == "GET" else {}
        if name not in ASSOCIATIONS or name not in item:
            raise Refused(404, {"detail": "Not found."})
        target = ASSOCIATIONS[name]
        if method == "GET":
            results = [self._shown(target, self.objects[target][number]) for number in item[name]]
            return 200, awx_lists.page(results, request.path, request.query)
        number = body["id"]
        if number not in self.objects[target]:
            raise Refused(400, {"msg": f"{target} does not have {number}"})
        if not body.get("disassociate"):
            self._check_association(kind, item, name, number)
            item[name].append(number)
            return 204, None
        item[name].remove(number)
        # LabelSubListCreateAttachDetachView in awx/api/views/labels.py
        if target == "labels" and not self._has_label(number):
            self._forget("labels", number)
        return 204, None

    def _has_label(self, number: int) -> bool:
        return any(number in item.get("labels", []) for items in self.objects.values() for item in items.values())

    def _get_projects_playbooks(self, project: Item, _body: Any) -> tuple[int, Any]:
        """ProjectPlaybooksSerializer in awx/api/serializers.py."""
        return 200, self._playbooks(project)

    def _playbooks(self, project: Item) -> list[str]:
        if project["scm_type"]:
            return list(project["playbook_files"])
        return awx_rules.playbooks(self.projects / project["local_path"])

    def _post_projects_update(self, project: Item, _body: Any) -> tuple[int, Any]:
        """ProjectUpdateView in awx/api/views/__init__.py."""
        if not project["scm_type"]:
            raise Refused(405, {"detail": 'Method "POST" not allowed.'})
        update = self._fetch(project)
        return 202, {"project_update": update["id"], **self._shown("project_updates", update)}

    def _post_job_templates_launch(self, template: Item, body: Any) -> tuple[int, Any]:
        """JobTemplateLaunch in awx/api/views/__init__.py, JobLaunchSerializer in awx/api/serializers.py."""
        values, ignored = awx_rules.launched(template, (body or {}).get("extra_vars", {}))
        prompts = {name: value for name, value in (body or {}).items() if name in PROMPTS}
        unasked: Item = {name: value for name, value in prompts.items() if not template[f"ask_{name}_on_launch"]}
        if self._status(self.objects["projects"][template["project"]]) == "failed":
            raise Refused(400, {"playbook": ["Missing a revision to run due to failed project update."]})
        self._last_id += 1
        job: Item = {"id": self._last_id, "extra_vars": json.dumps(values), "status": "pending"}
        self.objects["jobs"][self._last_id] = job
        if ignored:
            unasked["extra_vars"] = ignored
        return 201, {**job, "job": job["id"], "ignored_fields": unasked}

    def _delete_hosts(self, numbers: list[int]) -> tuple[int, Any]:
        """BulkHostDeleteSerializer in awx/api/serializers.py."""
        if not numbers or len(numbers) > BULK_HOST_MAX_DELETE:
            raise Refused(400, {"ERROR": "Number of hosts exceeds system setting BULK_HOST_MAX_DELETE"})
        unknown = [number for number in numbers if number not in self.objects["hosts"]]
        if unknown:
            raise Refused(400, {"hosts": dict.fromkeys(unknown, "Hosts do not exist")})
        names = {number: f"The host {self.objects['hosts'][number]['name']} was deleted" for number in numbers}
        for number in numbers:
            self._forget("hosts", number)
        return 201, {"hosts": names}

    def _check_association(self, kind: str, item: Item, name: str, number: int) -> None:
        if name == "credentials":
            if kind != "job_templates":
                raise Refused(400, {"msg": "Related template is not configured to accept credentials on launch."})
            # JobTemplateCredentialsList in awx/api/views/__init__.py
            types = [self.objects["credentials"][other]["credential_type"] for other in item[name]]
            if self.objects["credentials"][number]["credential_type"] in types:
                raise Refused(400, {"error": "Cannot assign multiple credentials of one type."})
        elif name.endswith("_nodes"):
            # WorkflowJobTemplateNodeChildrenBaseList in awx/api/views/__init__.py
            nodes = self.objects["workflow_job_template_nodes"]
            if nodes[number]["workflow_job_template"] != item["workflow_job_template"]:
                raise Refused(400, {"Error": "The nodes are of different workflows."})
            if any(number in item[link] for link in LINKS if link != name):
                raise Refused(400, {"Error": "Relationship not allowed."})
            if item["id"] in {number, *self._after(number)}:
                raise Refused(400, {"Error": "Cycle detected."})

    def _after(self, number: int) -> Iterator[int]:
        node = self.objects["workflow_job_template_nodes"][number]
        for link in LINKS:
            for following in node[link]:
                yield following
                yield from self._after(following)

    # Objects.

    def _create(self, kind: str, body: Mapping[str, Any]) -> Item:
        for name in REQUIRED.get(kind, ("name",)):
            if body.get(name) in (None, ""):
                raise Refused(400, {name: ["This field is required."]})
        self._last_id += 1
        item: Item = {**json.loads(json.dumps(FIELDS[kind])), "id": self._last_id}
        if kind in ("job_templates", "workflow_job_templates"):
            item["survey_spec"] = {}
        item |= {name: [] for name in relations(kind)}
        self._change(kind, item, body, new=True)
        self.objects[kind][item["id"]] = item
        if kind == "projects":
            item["playbook_files"] = []
            if item["scm_type"]:
                self._fetch(item)
        return item

    def _change(self, kind: str, item: Item, body: Mapping[str, Any], new: bool = False) -> None:
        unknown = set(body) - set(FIELDS[kind]) - IGNORED.get(kind, set())
        if unknown:
            raise Refused(400, {"detail": f"{kind} has no field {', '.join(sorted(unknown))}."})
        given = {name: value for name, value in body.items() if name in FIELDS[kind]}
        # CharNullField, ChoiceNullField and BooleanNullField in awx/api/fields.py. A string field also accepts other
        # empty values, for example an empty dictionary.
        given |= {
            name: type(FIELDS[kind][name])()
            for name, value in given.items()
            if (value is None and isinstance(FIELDS[kind][name], bool))
            or (not value and isinstance(FIELDS[kind][name], str))
        }
        for name, value in given.items():
            if isinstance(FIELDS[kind][name], bool) and not isinstance(value, bool):
                raise Refused(400, {name: ["Must be a valid boolean."]})
            if isinstance(FIELDS[kind][name], str) and not isinstance(value, str):
                raise Refused(400, {name: ["Not a valid string."]})
            if name == "name" and len(value) > 512:
                raise Refused(400, {name: ["Ensure this field has no more than 512 characters."]})
            if name in REFERENCES and value is not None:
                self._referred(name, value)
        desired = {**item, **given}
        if kind == "job_templates" and desired["project"]:
            # JobTemplate.save in awx/main/models/jobs.py
            desired["organization"] = self.objects["projects"][desired["project"]]["organization"]
        if kind == "inventory_sources":
            desired["organization"] = self.objects["inventories"][desired["inventory"]]["organization"]
        check = getattr(self, f"_check_{kind}", None)
        if check:
            check(desired, item, given, new)
        key = UNIQUE.get(kind, ())
        for other in self.objects[kind].values():
            if other["id"] != item["id"] and key and all(other[name] == desired[name] for name in key):
                raise Refused(400, {"__all__": [f"{singular(kind)} with this {', '.join(key)} already exists."]})
        before = dict(item)
        item.update(desired)
        # FIELDS_TRIGGER_UPDATE in awx/main/models/projects.py
        triggers = ("scm_url", "scm_branch", "scm_type", "scm_refspec")
        if kind == "projects" and not new and item["scm_type"] and any(before[name] != item[name] for name in triggers):
            self._fetch(item)

    def _referred(self, name: str, number: int) -> tuple[str, Item]:
        kinds = UNIFIED if name == "unified_job_template" else (REFERENCES[name],)
        for kind in kinds:
            if number in self.objects[kind]:
                return kind, self.objects[kind][number]
        raise Refused(400, {name: [f'Invalid pk "{number}" - object does not exist.']})

    def _delete(self, kind: str, item: Item) -> tuple[int, Any]:
        if kind == "credential_types" and self._in_use(item):
            # CredentialTypeDetail in awx/api/views/__init__.py
            raise Refused(403, {"detail": "Credential types that are in use cannot be deleted"})
        if kind == "groups":
            self._delete_group(item)
            return 204, None
        if kind == "inventories":
            # InventoryDetail in awx/api/views/inventory.py, schedule_deletion in awx/main/models/inventory.py
            if item.get("pending_deletion"):
                raise Refused(400, {"error": "Inventory is already pending deletion."})
            item["pending_deletion"] = True
            for template in self.objects["job_templates"].values():
                if template["inventory"] == item["id"]:
                    template["inventory"] = None
            if self.engine:
                self._forget(kind, item["id"])
            return 202, None
        self._forget(kind, item["id"])
        return 204, None

    def _forget(self, kind: str, number: int) -> None:
        cascade = CASCADE.get(kind, [])
        for other, field in cascade:
            for item in [item for item in self.objects[other].values() if item[field] == number]:
                self._forget(other, item["id"])
        targets = {
            **ASSOCIATIONS,
            "inventory_sources": "inventory_sources",
            "groups": "groups",
            "children": "groups",
            "hosts": "hosts",
        }
        for other, items in self.objects.items():
            for item in items.values():
                for name in relations(other):
                    if targets[name] == kind and number in item[name]:
                        item[name].remove(number)
                for name in REFERENCES.keys() & item.keys():
                    referred = UNIFIED if name == "unified_job_template" else (REFERENCES[name],)
                    if kind in referred and item[name] == number:
                        item[name] = None
        del self.objects[kind][number]

    def _delete_group(self, group: Item) -> None:
        """Delete a group and the hosts that are in no other group (Group.delete_recursive in awx/main/models)."""
        for host in [host for host in self.objects["hosts"].values() if host["groups"] == [group["id"]]]:
            self._forget("hosts", host["id"])
        self._forget("groups", group["id"])

    def _shown(self, kind: str, item: Item) -> Item:
        """Return an object in the format of AWX, without its secrets."""
        url = f"/api/v2/{kind}/{item['id']}/"
        related = {"update": f"{url}update/"}
        shown = {**item, "type": singular(kind), "url": url, "related": related, "summary_fields": {}}
        shown.pop("survey_spec", None)
        if kind == "inventories":
            shown["pending_deletion"] = item.get("pending_deletion", False)
        if kind in ("credential_types", "credentials"):
            shown["managed"] = False
        if kind in ("job_templates", "workflow_job_templates"):
            shown["related"]["survey_spec"] = f"{url}survey_spec/"
        if kind == "credentials":
            secret = awx_rules.secret_fields(self.objects["credential_types"][item["credential_type"]]["inputs"])
            shown["inputs"] = {name: ENCRYPTED if name in secret else value for name, value in item["inputs"].items()}
        if kind == "projects":
            updates = [update for update in self.objects["project_updates"].values() if update["project"] == item["id"]]
            shown["status"] = self._status(item)
            shown["scm_revision"] = item.get("scm_revision", "")
            if updates:
                which = "current_update" if updates[-1]["status"] in ("pending", "running") else "last_update"
                shown["summary_fields"][which] = {"id": updates[-1]["id"], "status": updates[-1]["status"]}
        return json.loads(json.dumps(shown))  # type: ignore[no-any-return]

    def _status(self, project: Item) -> str:
        """Project._get_current_status in awx/main/models/projects.py."""
        if not project["scm_type"]:
            return "ok" if (self.projects / project["local_path"]).is_dir() else "missing"
        updates = [update for update in self.objects["project_updates"].values() if update["project"] == project["id"]]
        return updates[-1]["status"] if updates else "never updated"

    # Rules.

    def _in_use(self, credential_type: Item) -> bool:
        return any(other["credential_type"] == credential_type["id"] for other in self.objects["credentials"].values())

    def _check_credential_types(self, desired: Item, item: Item, given: Item, new: bool) -> None:
        # CredentialTypeSerializer in awx/api/serializers.py
        if not new and given.get("inputs", item["inputs"]) != item["inputs"] and self._in_use(item):
            raise Refused(403, {"detail": "Modifications to inputs are not allowed for types that are in use"})
        awx_rules.check_credential_type(desired)

    def _check_credentials(self, desired: Item, item: Item, given: Item, new: bool) -> None:
        if new and not desired["organization"]:
            raise Refused(400, {"detail": "Missing 'user', 'team', or 'organization'."})
        inputs = self.objects["credential_types"][desired["credential_type"]]["inputs"]
        for name, value in desired["inputs"].items():
            if value == ENCRYPTED and name in awx_rules.secret_fields(inputs):
                if new:
                    raise Refused(400, {"inputs": [f"$encrypted$ cannot be used for {name}."]})
                desired["inputs"][name] = item["inputs"][name]
        awx_rules.check_credential(desired["inputs"], inputs)

    def _check_projects(self, desired: Item, item: Item, given: Item, new: bool) -> None:
        # ProjectOptionsSerializer and ProjectSerializer in awx/api/serializers.py, ProjectOptions in awx/main/models
        if desired["scm_type"]:
            awx_rules.check_git_address(desired["scm_url"])
            if "local_path" in given and not new and given["local_path"] != item["local_path"]:
                raise Refused(400, {"local_path": ["Cannot change local_path for git-based projects"]})
            desired["local_path"] = f"_{item['id']}__project"
            return
        # If the request does not contain the type of a manual project, AWX treats the type as null and skips this
        # check.
        for name in ("scm_update_on_launch", "scm_delete_on_update", "scm_track_submodules", "scm_clean"):
            if given.get("scm_type") == "" and desired[name]:
                raise Refused(400, {name: ["Update options must be set to false for manual projects."]})
        if "local_path" in given:
            used = [other["local_path"] for other in self.objects["projects"].values() if other is not item]
            usable = [path.name for path in self.projects.iterdir() if path.is_dir() and path.name[0] not in "._"]
            if given["local_path"] not in usable or given["local_path"] in used:
                raise Refused(400, {"local_path": ["This path is already being used by another manual project."]})

    def _check_execution_environments(self, desired: Item, item: Item, given: Item, new: bool) -> None:
        awx_rules.check_image(desired["image"])

    def _fetch(self, project: Item) -> Item:
        """Start a project update."""
        self._last_id += 1
        update = {"id": self._last_id, "project": project["id"], "status": "pending", "finished": None, "failed": False}
        self.objects["project_updates"][update["id"]] = update
        return update

    def _proceed(self, kind: str, item: Item) -> None:
        """Advance the last update of a project by one step each time it is read."""
        if kind not in ("projects", "project_updates") or not self.engine:
            return
        project = item if kind == "projects" else self.objects["projects"][item["project"]]
        for update in self.objects["project_updates"].values():
            if update["project"] == project["id"]:
                self._proceed_with(update, project)

    def _proceed_with(self, update: Item, project: Item) -> None:
        if update["status"] == "pending":
            update["status"] = "running"
        elif update["status"] == "running":
            content = self.repositories.get(project["scm_url"])
            update |= {"status": "successful" if content else "failed", "failed": not content, "finished": "now"}
            if content:
                project |= {"playbook_files": awx_rules.playbooks(content), "scm_revision": f"r{update['id']}"}

    def _check_inventory_sources(self, desired: Item, item: Item, given: Item, new: bool) -> None:
        # InventorySourceSerializer in awx/api/serializers.py
        if not new and "inventory" in given and given["inventory"] != item["inventory"]:
            raise Refused(400, {"inventory": ["This field is read-only."]})
        if desired["source"] != "scm":
            raise Refused(400, {"source": [f'"{desired["source"]}" is not a source of this replacement.']})
        if not desired["source_project"]:
            raise Refused(400, {"source_project": ["Project required for scm type sources."]})
        if not self.objects["projects"][desired["source_project"]]["scm_type"]:
            raise Refused(400, {"source_project": ["Cannot use manual project for SCM-based inventory."]})
        if self.objects["inventories"][desired["inventory"]]["kind"]:
            raise Refused(400, {"inventory": ["Cannot create Inventory Source for Smart or Constructed Inventories"]})
        awx_rules.variables(desired["source_vars"], "source_vars")

    def _check_job_templates(self, desired: Item, item: Item, given: Item, new: bool) -> None:
        # JobOptionsSerializer and JobTemplateSerializer in awx/api/serializers.py
        if not desired["project"]:
            raise Refused(400, {"project": ["This field is required."]})
        if not desired["inventory"] and not desired["ask_inventory_on_launch"]:
            raise Refused(400, {"inventory": ["You must either set a default value or ask to prompt on launch."]})
        project = self.objects["projects"][desired["project"]]
        if not desired["playbook"]:
            raise Refused(400, {"playbook": ["Must select playbook for project."]})
        if desired["playbook"] not in self._playbooks(project) and not (
            project["scm_type"] and project["allow_override"]
        ):
            raise Refused(400, {"playbook": ["Playbook not found for project."]})
        if (desired["scm_branch"] or desired["ask_scm_branch_on_launch"]) and not project["allow_override"]:
            raise Refused(400, {"scm_branch": ["Project does not allow overriding branch."]})
        if not isinstance(desired["job_slice_count"], int) or desired["job_slice_count"] < 0:
            raise Refused(400, {"job_slice_count": ["Ensure this value is greater than or equal to 0."]})
        awx_rules.variables(desired["extra_vars"], "extra_vars")

    def _check_workflow_job_template_nodes(self, desired: Item, item: Item, given: Item, new: bool) -> None:
        if (
            not new
            and given.get("workflow_job_template", desired["workflow_job_template"]) != item["workflow_job_template"]
        ):
            raise Refused(400, {"workflow_job_template": ["This field is read-only."]})
        if not isinstance(desired["identifier"], str) or not 0 < len(desired["identifier"]) <= 512:
            raise Refused(400, {"identifier": ["This field may not be blank."]})
        self._check_launch(desired, with_required=False)

    def _check_schedules(self, desired: Item, item: Item, given: Item, new: bool) -> None:
        # ScheduleSerializer in awx/api/serializers.py
        kind, target = self._referred("unified_job_template", desired["unified_job_template"])
        if kind == "projects" and not target["scm_type"]:
            raise Refused(400, {"unified_job_template": ["Manual Project cannot have a schedule set."]})
        awx_rules.check_rrule(desired["rrule"])
        self._check_launch(desired, with_required=True)

    def _check_launch(self, desired: Item, with_required: bool) -> None:
        """Refuse fields without a prompt (LaunchConfigurationBaseSerializer in awx/api/serializers.py)."""
        if not desired["unified_job_template"]:
            return
        _kind, target = self._referred("unified_job_template", desired["unified_job_template"])
        # NEW_JOB_TYPE_CHOICES in awx/main/models/base.py
        if desired["job_type"] not in (None, "", "run", "check"):
            raise Refused(400, {"job_type": [f'"{desired["job_type"]}" is not a valid choice.']})
        for name in PROMPTS:
            if desired[name] is not None and not target.get(f"ask_{name}_on_launch"):
                raise Refused(400, {name: ["Field is not configured to prompt on launch."]})
        if "survey_spec" in target:
            awx_rules.accepted(target, desired["extra_data"], with_required)
        elif desired["extra_data"]:
            raise Refused(400, {"extra_data": ["Variables are not allowed on launch."]})
