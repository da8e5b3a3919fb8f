# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""What of a task's options is secret, and how a result is shown without it.

Ansible looks for secrets where the specification has them, and stops looking at the first value of a wrong type: one
bad item of a list, and neither the tokens of the others nor the password beside them are known to be secret. Here a
secret is known by its name, wherever it stands and whatever its type, before anything is checked.
"""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._forms import basic_forms_of, forms_of, of_proxies

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PIECE = 8
CREDENTIALS_IN_ADDRESS = re.compile(r"(?<=://)[^\s/?#]+(?=@)")

Options = t.Mapping[str, t.Mapping[str, t.Any]]
Params = t.Mapping[str, t.Any]


class Secrets:
    """The secrets of one task: the values below the names of secret options, and what else it is told of."""

    def __init__(self, options: Options, arguments: Params) -> None:
        self._options = options
        self._names = _names_of(options)
        self.values: set[str] = set(of_proxies())
        self.learn(arguments)

    def learn(self, params: Params, values: t.Iterable[str] = ()) -> None:
        """Know the secrets in parameters that are checked, defaults included, and other values that are secret."""
        for value in (*values, *self._found(params)):
            self.values.update(forms_of(value))
        if params.get("username") and params.get("password"):
            self.values.update(basic_forms_of(str(params["username"]), str(params["password"])))

    def shown(self, result: Params, params: Params) -> dict[str, t.Any]:
        """The result of the task with its parameters, as everybody may see it."""
        complete = {**result, "invocation": {"module_args": self._parameters(self._options, params)}}
        cleaned: dict[str, t.Any] = self.removed_from(complete)
        return cleaned

    def removed_from(self, value: t.Any) -> t.Any:
        """A value of plain types without any secret."""
        there = _there(self.values, json.dumps(value, default=str))
        return _without(sorted(there, key=len, reverse=True), value) if there else value

    def _found(self, value: t.Any, is_secret: bool = False) -> t.Iterator[str]:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                yield from self._found(inner, is_secret or name in self._names)
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from self._found(inner, is_secret)
        elif is_secret:
            if value and not isinstance(value, bool):
                yield str(value)
        elif isinstance(value, str):
            if "://" in value:
                yield from CREDENTIALS_IN_ADDRESS.findall(value)
            if value.lstrip()[:1] in ("{", "[", '"'):
                yield from self._found(_read(value))

    def _parameters(self, options: Options, params: Params) -> dict[str, t.Any]:
        """The parameters without secrets, and without what could be one: what has no option of its name or is no
        dictionary where there should be one.
        """
        return {name: self._parameter(options.get(name), name, value) for name, value in params.items()}

    def _parameter(self, option: t.Mapping[str, t.Any] | None, name: str, value: t.Any) -> t.Any:
        if value is None or value == "" or value is False:
            return value
        if option is None or name in self._names:
            return HIDDEN
        inside = option.get("options")
        if inside and isinstance(value, list):
            return [_named_item(inside, item) for item in value]
        if inside and isinstance(value, Mapping):
            return self._parameters(inside, value)
        if inside or (option.get("type") == "dict" and not isinstance(value, Mapping)):
            return HIDDEN
        return self._named(value)

    def _named(self, value: t.Any) -> t.Any:
        """A value without what has the name of a secret, however deep."""
        if isinstance(value, Mapping):
            return {
                name: HIDDEN if inner and name in self._names else self._named(inner) for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._named(inner) for inner in value]
        return value


def _named_item(options: Options, item: t.Any) -> t.Any:
    """An item of a list by what every item has to have. A list of thousands is not to come back with the result, which
    Ansible visits value by value, several times.
    """
    if not isinstance(item, Mapping):
        return HIDDEN
    return {name: value for name, value in item.items() if options.get(name, {}).get("required")}


def _names_of(options: Options) -> set[str]:
    names = {name for name, option in options.items() if option.get("no_log")}
    return names.union(*(_names_of(option.get("options") or {}) for option in options.values()))


def _read(text: str) -> t.Any:
    """What a text means as JSON; nothing if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _there(secrets: t.Collection[str], text: str) -> list[str]:
    """Which secrets are in a text of JSON.

    To look for each of them takes minutes where a list of thousands carries one or two an item. So the text is cut into
    pieces, and of a secret that is as long as two of them one is to be found in it at least, if it is there.
    """
    pieces = {text[start : start + PIECE] for start in range(0, len(text), PIECE)}

    def is_there(secret: str) -> bool:
        written = json.dumps(secret)[1:-1]
        may_be = len(written) < 2 * PIECE or any(written[start : start + PIECE] in pieces for start in range(PIECE))
        return may_be and written in text

    return [secret for secret in secrets if is_there(secret)]


def _without(secrets: t.Sequence[str], value: t.Any) -> t.Any:
    """The value without these secrets, of which none comes before one that it is a part of."""
    if isinstance(value, str):
        if value in secrets:
            return HIDDEN
        for secret in secrets:
            value = value.replace(secret, "********")
    elif isinstance(value, Mapping):
        return {name: _without(secrets, inner) for name, inner in value.items()}
    elif isinstance(value, (list, tuple)):
        return [_without(secrets, inner) for inner in value]
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        text = str(value)
        return HIDDEN if any(secret in text for secret in secrets) else value
    return value
