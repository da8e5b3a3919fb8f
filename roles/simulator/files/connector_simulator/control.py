# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide the control interface under ``/_simulator``. It does not require authentication."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from connector_simulator import NAME, VERSION, seeds
from connector_simulator.exchange import Response, json_response
from connector_simulator.faults import parse_rule
from connector_simulator.quirks import QUIRKS, Quirks
from connector_simulator.state import PREFIXES, State

PREFIX = "/_simulator"


class Control:
    """The routes of the control interface.

    :param state: current state. A reset replaces it.
    :param seed: seed of the state. A reset without a seed uses it again.
    :param stop: function that stops the simulator.
    """

    def __init__(self, state: State, seed: Mapping[str, Any], stop: Callable[[], None]):
        self.state = state
        self._seed = self._current_seed = seed
        self._stop = stop
        self._routes: dict[tuple[str, str], Callable[[Any, str, str], Response]] = {
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

    def respond(self, method: str, path: str, query: str, body: bytes, origin: str) -> Response:
        """Return the response to a control request.

        :param path: path without the prefix of the control interface.
        """
        try:
            content = json.loads(body) if body else None
            if method == "PATCH" and path.startswith("/state/"):
                return self._change_object(path.removeprefix("/state/"), content)
            route = self._routes.get((method, path or "/"))
            if route is None:
                return self._unknown_route()
            return route(content, query, origin)
        except ValueError as error:
            return json_response({"error": str(error)}, 400)

    def _unknown_route(self) -> Response:
        known = ", ".join(f"{method} {PREFIX}{path}" for method, path in self._routes)
        message = f"Unknown control request. Valid requests: {known}, PATCH {PREFIX}/state/SYSTEM/ID."
        return json_response({"error": message}, 404)

    def _index(self, _content: Any, _query: str, origin: str) -> Response:
        systems = {name: origin + prefix for name, prefix in PREFIXES.items()}
        facts = {"name": NAME, "version": VERSION, "port": urlsplit(origin).port, "pid": os.getpid()}
        return json_response({**facts, "seed": seeds.digest(self._current_seed), "systems": systems})

    def _journal(self, _content: Any, query: str, _origin: str) -> Response:
        system = parse_qs(query).get("system", [None])[0]
        if system is not None:
            _check_system(system)
        return json_response({"requests": list(map(vars, self.state.journal.entries(system)))})

    def _clear_journal(self, _content: Any, _query: str, _origin: str) -> Response:
        self.state.journal.clear()
        return Response(204)

    def _reset(self, content: Any, _query: str, _origin: str) -> Response:
        given = {} if content is None else content
        if not isinstance(given, dict) or not set(given) <= {"seed"} or not isinstance(given.get("seed", {}), dict):
            raise ValueError('The body of a reset must be {"seed": {...}} or empty.')
        seed = given.get("seed", self._seed)
        self.state = State(seed)
        self._current_seed = seed
        return Response(204)

    def _faults(self, _content: Any, _query: str, _origin: str) -> Response:
        return json_response({"faults": [rule.as_dict() for rule in self.state.faults.rules]})

    def _add_faults(self, content: Any, _query: str, _origin: str) -> Response:
        given = content if isinstance(content, list) else [content]
        self.state.faults.rules.extend(list(map(parse_rule, given)))
        return Response(204)

    def _clear_faults(self, _content: Any, _query: str, _origin: str) -> Response:
        self.state.faults.rules.clear()
        return Response(204)

    def _settings(self, _content: Any, _query: str, _origin: str) -> Response:
        return json_response(self.state.settings.as_dict())

    def _change_settings(self, content: Any, query: str, origin: str) -> Response:
        self.state.settings.merge(content)
        return self._settings(None, query, origin)

    def _quirks(self, _content: Any, _query: str, _origin: str) -> Response:
        known = {
            name: {"summary": quirk.summary, "systems": quirk.systems, "words": quirk.values}
            for name, quirk in QUIRKS.items()
        }
        return json_response({"on": self.state.quirks.as_dict(), "known": known})

    def _change_quirks(self, content: Any, query: str, origin: str) -> Response:
        self.state.quirks.merge(content)
        return self._quirks(None, query, origin)

    def _clear_quirks(self, _content: Any, _query: str, _origin: str) -> Response:
        self.state.quirks = Quirks()
        return Response(204)

    def _change_object(self, place: str, content: Any) -> Response:
        """Set fields of an object in a simulated system.

        :param place: ``SYSTEM/ID`` with a percent-encoded ID.
        """
        system, _slash, object_id = place.partition("/")
        _check_system(system)
        if not isinstance(content, dict) or not content:
            raise ValueError("The body must be an object with at least one field and its new value.")
        changed = self.state.systems[system].change(unquote(object_id), content)
        if changed is None:
            return json_response({"error": f"{system} has no object with the ID {unquote(object_id)!r}."}, 404)
        return json_response(changed)

    def _state(self, _content: Any, _query: str, _origin: str) -> Response:
        return json_response(self.state.dump())

    def _shut_down(self, _content: Any, _query: str, _origin: str) -> Response:
        self._stop()
        return Response(204)


def _check_system(name: str) -> None:
    if name not in PREFIXES:
        raise ValueError(f"Unknown system {name!r}. Valid systems: {', '.join(PREFIXES)}.")
