# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface under ``/_simulator``: journal, faults, quirks, settings, state, reset. It needs no login."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from connector_simulator import NAME, VERSION, seeds
from connector_simulator.exchange import Reply, json_reply
from connector_simulator.faults import parse_rule
from connector_simulator.quirks import QUIRKS, Quirks
from connector_simulator.world import PREFIXES, World

PREFIX = "/_simulator"


class Control:
    """Routes control requests. ``world`` is the present one; a reset puts a new one in its place."""

    def __init__(self, world: World, seed: Mapping[str, Any], stop: Callable[[], None]):
        self.world = world
        self._seed = self._present = seed
        self._stop = stop
        self._routes: dict[tuple[str, str], Callable[[Any, str, str], Reply]] = {
            ("GET", "/"): self._index,
            ("GET", "/journal"): self._journal,
            ("DELETE", "/journal"): self._clear_journal,
            ("POST", "/reset"): self._reset,
            ("GET", "/faults"): self._faults,
            ("POST", "/faults"): self._add_faults,
            ("DELETE", "/faults"): self._clear_faults,
            ("GET", "/settings"): self._settings,
            ("PATCH", "/settings"): self._change_settings,
            ("GET", "/quirks"): self._quirks,
            ("PATCH", "/quirks"): self._change_quirks,
            ("DELETE", "/quirks"): self._clear_quirks,
            ("GET", "/state"): self._state,
            ("POST", "/stop"): self._shut_down,
        }

    def answer(self, method: str, path: str, query: str, body: bytes, origin: str) -> Reply:
        """Answer a control request; ``path`` is without the prefix. Mistakes come back as ``error``, a sentence."""
        try:
            content = json.loads(body) if body else None
            if method == "PATCH" and path.startswith("/state/"):
                return self._change_object(path.removeprefix("/state/"), content)
            route = self._routes.get((method, path or "/"))
            if route is None:
                return self._unknown()
            return route(content, query, origin)
        except ValueError as error:
            return json_reply({"error": str(error)}, 400)

    def _unknown(self) -> Reply:
        known = ", ".join(f"{verb} {PREFIX}{name}" for verb, name in self._routes)
        return json_reply({"error": f"The control interface has {known}, PATCH {PREFIX}/state/SYSTEM/ID."}, 404)

    def _index(self, _content: Any, _query: str, origin: str) -> Reply:
        systems = {name: origin + prefix for name, prefix in PREFIXES.items()}
        facts = {"name": NAME, "version": VERSION, "port": urlsplit(origin).port, "pid": os.getpid()}
        return json_reply({**facts, "seed": seeds.digest(self._present), "systems": systems})

    def _journal(self, _content: Any, query: str, _origin: str) -> Reply:
        system = parse_qs(query).get("system", [None])[0]
        if system is not None and system not in PREFIXES:
            raise ValueError(f"system is one of {', '.join(PREFIXES)}.")
        return json_reply({"requests": [vars(entry) for entry in self.world.journal.entries(system)]})

    def _clear_journal(self, _content: Any, _query: str, _origin: str) -> Reply:
        self.world.journal.clear()
        return Reply(204)

    def _reset(self, content: Any, _query: str, _origin: str) -> Reply:
        given = {} if content is None else content
        if not isinstance(given, dict) or not set(given) <= {"seed"} or not isinstance(given.get("seed", {}), dict):
            raise ValueError('A reset takes {"seed": {...}} or nothing.')
        seed = given.get("seed", self._seed)
        self.world = World(seed)
        self._present = seed
        return Reply(204)

    def _faults(self, _content: Any, _query: str, _origin: str) -> Reply:
        return json_reply({"faults": [rule.as_dict() for rule in self.world.faults.rules]})

    def _add_faults(self, content: Any, _query: str, _origin: str) -> Reply:
        given = content if isinstance(content, list) else [content]
        self.world.faults.rules.extend([parse_rule(rule) for rule in given])
        return Reply(204)

    def _clear_faults(self, _content: Any, _query: str, _origin: str) -> Reply:
        self.world.faults.rules.clear()
        return Reply(204)

    def _settings(self, _content: Any, _query: str, _origin: str) -> Reply:
        return json_reply(self.world.settings.as_dict())

    def _change_settings(self, content: Any, query: str, origin: str) -> Reply:
        self.world.settings.merge(content)
        return self._settings(None, query, origin)

    def _quirks(self, _content: Any, _query: str, _origin: str) -> Reply:
        on = self.world.quirks.as_dict()
        known = {
            name: {"summary": quirk.summary, "systems": quirk.systems, "words": quirk.words}
            for name, quirk in QUIRKS.items()
        }
        return json_reply({"on": on, "known": known})

    def _change_quirks(self, content: Any, query: str, origin: str) -> Reply:
        self.world.quirks.merge(content)
        return self._quirks(None, query, origin)

    def _clear_quirks(self, _content: Any, _query: str, _origin: str) -> Reply:
        self.world.quirks = Quirks()
        return Reply(204)

    def _change_object(self, place: str, content: Any) -> Reply:
        """Set fields of one object; ``place`` is ``SYSTEM/ID`` with the id percent-encoded."""
        system, _slash, object_id = place.partition("/")
        if system not in PREFIXES:
            raise ValueError(f"system is one of {', '.join(PREFIXES)}.")
        if not isinstance(content, dict) or not content:
            raise ValueError("A change of an object is an object of its fields with their new values.")
        changed = self.world.systems[system].change(unquote(object_id), content)
        if changed is None:
            return json_reply({"error": f"{system} has no object with the id {unquote(object_id)!r} to change."}, 404)
        return json_reply(changed)

    def _state(self, _content: Any, _query: str, _origin: str) -> Reply:
        return json_reply(self.world.dump())

    def _shut_down(self, _content: Any, _query: str, _origin: str) -> Reply:
        self._stop()
        return Reply(204)
