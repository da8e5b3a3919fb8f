# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Redaction: what leaves a run contains no secret, and nothing that steers a terminal.

A :class:`Redaction` knows the secrets of one run: the values of secret options at any depth, credentials in addresses,
and the passwords of the proxies in the environment. It has one method for each destination:

- :meth:`Redaction.text`: messages, warnings, log lines, words of a vendor. A secret is masked wherever it occurs, in
  whatever encoding, and so are values that follow a name such as ``token``.
- :meth:`Redaction.address`: an option that is an address. Credentials, query and fragment are masked.
- :meth:`Redaction.parameters`: the parameters of the task, as ``invocation`` shows them. Nothing is decided by them, so
  that a secret in them is masked wherever it occurs.
- :meth:`Redaction.data`: what a service returned, documents included, and all other values of a result:

  - Values under the name of a secret are removed with their key: ``token``, ``password``, ``secret``, ``*_key`` and the
    like, in any spelling, at any depth. Names that are about a secret, such as ``access_token_expires``, stay. So do
    booleans, and of the description of a form field all but its value.
  - Credentials in addresses, session tokens in links, and named secrets in strings are masked.
  - A secret of ours is masked wherever it occurs if it is *unmistakable*: 16 characters or more, or 8 or more of at
    least two kinds out of letters, digits and others. Any other secret is as good as a word. It is masked where it is
    the whole value, unless the value identifies an object or describes its state (``name``, ``id``, ``status`` and the
    like). A password ``Global`` therefore does not change the name ``AAAGlobal``, by which playbooks and inventories
    decide.
  - Sentences among the data (``error``, ``message``, ``problems`` and the like) are treated as :meth:`Redaction.text`.

  Characters that steer a terminal are replaced in all strings and keys; see ``_unicode``. No key begins with two
  underscores, because Ansible takes a dictionary with such keys for an object of its own.

Modules and inventories decide by the real values: redaction is the last thing that happens to a result.
"""

from __future__ import annotations

import functools
import json
import re
import typing as t
from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._decoding import View, layers, may_hold_escapes, views
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_case
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import NOT_SHOWN, WRITTEN
from ansible_collections.hybrid.connectors.plugins.module_utils._secret_names import (
    Span,
    credentials_in,
    has_credentials_anywhere,
    is_open_value,
    named_secrets,
    names_secret,
    session_parameters,
    signs_of_names,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._secret_values import (
    SHORTEST_ENCODED,
    encodings_of,
    end_of_scheme,
    is_unmistakable,
    of_basic,
    secrets_of_address,
    secrets_of_proxies,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import is_printable, one_line, printable

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
MASK = "********"

FEW = 100
# As long as no more strings are searched for, encodings that are less likely are searched for, too.
MANY = 1000
PIECE = 8
SHORT_TEXT = 4096
# Longer messages are cut before they are searched.
MAX_SCANNED = 256 * 1024
# At most so many characters encode one character.
MAX_ENCODED = 12

MARKERS = frozenset({HIDDEN, MASK, NOT_SHOWN, WRITTEN})
SENTENCES = frozenset(
    {
        "deprecations", "detail", "error", "exception", "message", "msg", "problem", "problems", "warning", "warnings",
        "why",
    }
)  # fmt: skip
LINES = frozenset({"msg", "error", "warning", "warnings", "problem", "problems"})
OF_A_FAILURE = frozenset({"message", "url", "code", "request_id"})
# Last words of keys whose values playbooks and inventories decide by.
DECISIVE = frozenset(
    {
        "action", "actions", "address", "category", "dest", "group", "health", "hierarchy", "host", "hostname", "id",
        "ids", "kind", "label", "name", "names", "owner", "path", "pkid", "pkids", "reason", "severity", "state",
        "status", "system", "type", "version",
    }
)  # fmt: skip
# Ansible's decoders make vault strings and other objects of dictionaries with keys such as ``__ansible_vault``.
ANSIBLES = "__"
FIELD_TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null", "password"})
OF_A_FIELD = (
    "title", "type", "description", "format", "required", "readonly", "readOnly", "displayable", "is_password",
    "store_encrypted", "minLength", "maxLength",
)  # fmt: skip
NAMING = ("name", "key", "field", "header", "attribute")
HOLDING = ("value", "content", "default", "val")

Options = t.Mapping[str, t.Mapping[str, t.Any]]
Params = t.Mapping[str, t.Any]

Search = t.Callable[[str, int], list[str]]

_IDENTIFIER = re.compile(r"[\w.-]{1,64}", re.ASCII)
_QUERY = re.compile("[?#;]")


def without_secret_values(value: t.Any) -> t.Any:
    """Return what a service returned without the secrets that it contains by name; see :meth:`Redaction.data`."""
    return Redaction().data(value)


class Redaction:
    """The secrets of one run, and what is shown without them.

    :param options: the argument spec of the task, of which ``no_log`` says which options are secret.
    :param arguments: the arguments of the task as they were given.
    """

    def __init__(self, options: Options | None = None, arguments: Params | None = None) -> None:
        self.values: set[str] = set()
        self._options = options or {}
        self._secret_names = set(_names_of(self._options, lambda option: bool(option.get("no_log"))))
        self._open_names = set(_names_of(self._options, lambda option: not option.get("no_log")))
        self._is_numeric = False
        self.learn(secrets_of_proxies())
        self.learn_parameters(arguments or {})

    def learn(self, secrets: t.Iterable[object]) -> None:
        """Know more secrets. Values that are empty or boolean are none."""
        values = {str(secret) for secret in secrets if secret and not isinstance(secret, bool)}
        for value in values:
            self.values.update(encodings_of(value, thorough=len(self.values) + len(values) < MANY))
            self._is_numeric = self._is_numeric or value.strip().lstrip("-").replace(".", "", 1).isdigit()

    def learn_parameters(self, params: Params, secrets: t.Iterable[object] = ()) -> None:
        """Know the secrets among the parameters of the task, and others."""
        self.learn([*secrets, *self._found(params)])

    def text(self, text: str) -> str:
        """Return a message, a warning or a line of a log without secrets."""
        return self._without_any(text, self._searched)

    def line(self, text: str) -> str:
        """Return a message or a warning without secrets, in one line of bounded length."""
        return one_line(self.text(text))

    def address(self, text: str) -> str:
        """Return the value of an option that is an address, without credentials, query and fragment."""
        start = end_of_scheme(text)
        last = text.rfind("@", start)
        shown = text[:start] + MASK + text[last:] if last >= start else text
        query = _QUERY.search(shown)
        return self.text(shown[: query.end()] + MASK if query else shown)

    def data(self, value: t.Any) -> t.Any:
        """Return what a service returned, or another value of a result, without secrets; see the module.

        Values without anything to redact are returned as they are, and not copied.
        """
        return self._cleaned(value, is_data=True)

    def parameters(self, params: Params) -> dict[str, t.Any]:
        """Return the parameters of the task without secrets, and without what could be one.

        That is what has no option of its name, or is not a dictionary where one is expected.
        """
        cleaned: dict[str, t.Any] = self._cleaned(self._parameters(self._options, params), is_data=False)
        return cleaned

    def result(self, result: Params, params: Params) -> dict[str, t.Any]:
        """Return the result of the task, with its parameters, as everybody may see it."""
        return {**self.data(dict(result)), "invocation": {"module_args": self.parameters(params)}}

    # What is secret

    def _found(self, value: t.Any, is_secret: bool = False, name: str = "") -> t.Iterator[str]:
        if isinstance(value, Mapping):
            if value.get("username") and value.get("password"):
                yield of_basic(str(value["username"]), str(value["password"]))
            for key, inner in value.items():
                yield from self._found(inner, is_secret or self._is_secret(str(key)), str(key))
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from self._found(inner, is_secret, name)
        elif is_secret:
            if value and not isinstance(value, bool):
                yield str(value)
        elif isinstance(value, str):
            if "@" in value and (_is_address(name) or has_credentials_anywhere(value)):
                yield from secrets_of_address(value)
            if value.lstrip()[:1] in ("{", "[", '"'):
                yield from self._found(_read(value))

    def _is_secret(self, name: str) -> bool:
        if name in self._secret_names:
            return True
        return name not in self._open_names and not name.startswith("_ansible_") and names_secret(name)

    def _parameters(self, options: Options, params: Params) -> dict[str, t.Any]:
        return {name: self._parameter(options.get(name), name, value) for name, value in params.items()}

    def _parameter(self, option: t.Mapping[str, t.Any] | None, name: str, value: t.Any) -> t.Any:
        if value is None or value == "" or value is False:
            return value
        if option is None or name in self._secret_names:
            return HIDDEN
        inside = option.get("options")
        if inside and isinstance(value, list):
            return [_named_item(inside, item) for item in value]
        if inside and isinstance(value, Mapping):
            return self._parameters(inside, value)
        if inside or (option.get("type") == "dict" and not isinstance(value, Mapping)):
            return HIDDEN
        if isinstance(value, str) and _is_address(name):
            return self.address(value)
        return self._without_named(value)

    def _without_named(self, value: t.Any) -> t.Any:
        """Return a value with everything hidden that has the name of a secret, at any depth."""
        if isinstance(value, Mapping):
            return {
                name: HIDDEN if inner and self._is_secret(str(name)) else self._without_named(inner)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._without_named(inner) for inner in value]
        return value

    # Where secrets are

    def _searched(self, text: str, shortest: int) -> list[str]:
        """Return those of the known secrets and encodings that a text contains.

        To search for each of them takes minutes where a list of thousands of items has one or two an item. So a long
        text is cut into pieces: of a secret that is as long as two of them, one whole piece is in the text if it is.
        """
        if len(text) < SHORT_TEXT or len(self.values) <= FEW:
            return _contained(self.values, text, shortest)
        pieces = {text[start : start + PIECE] for start in range(0, len(text), PIECE)}

        def may_be_there(secret: str) -> bool:
            return len(secret) < 2 * PIECE or any(secret[start : start + PIECE] in pieces for start in range(PIECE))

        return _contained(filter(may_be_there, self.values), text, shortest)

    def _without_any(self, text: str, searched: Search) -> str:
        """Return a text without the secrets that are searched for, without named ones, and of bounded length."""
        scanned = text[:MAX_SCANNED]
        spans = _spans(scanned, searched)
        if len(scanned) < len(text):
            # What was cut off can be the rest of a secret.
            longest = max(map(len, self.values), default=0)
            spans.append((max(0, MAX_SCANNED - MAX_ENCODED * longest - 1), MAX_SCANNED))
        return _masked(scanned, spans)

    def _cleaned(self, value: t.Any, is_data: bool) -> t.Any:
        """Return a value without secrets.

        A result can be a list of thousands. All of its strings are searched at once, so that only a value that has
        something in it is cleaned string by string.

        :param is_data: whether a service returned it; otherwise it is the user's own.
        """
        strings: list[str] = []
        keys: set[t.Any] = set()
        _collect([value], strings, keys, self._is_numeric)
        names = list(map(str, keys))
        # A key that is an identifier holds no value beside a name.
        strings += (name for name in names if not (name.isascii() and name.isidentifier()))
        text = "\n".join(strings)
        present = {*self._searched(text, 1), *self._searched("\n".join(names), 1)}
        signs = signs_of_names(text)
        for layer in layers("\n".join(filter(may_hold_escapes, strings))):
            present.update(self._searched(layer, SHORTEST_ENCODED))
            signs.update(signs_of_names(layer))
        has_names = is_data and any(names_secret(name) or name.startswith(ANSIBLES) for name in names)
        if "@" in text and any(map(_is_of_proxy, names)):
            signs.add("@")
        if not (present or signs or has_names) and SENTENCES.isdisjoint(keys) and is_printable(text):
            return value
        return _Cleaner(self, present, signs, is_data).cleaned(value, "")


class _Cleaner:
    """Makes the copy of a value that has no secrets.

    :param present: the known secrets that are anywhere in the value.
    :param signs: what its strings have in them that can be a part of a named secret.
    :param is_data: whether a service returned it. Nothing is decided by what a user gave, so that every secret in it is
        masked wherever it occurs, and keys are kept.
    """

    def __init__(self, redaction: Redaction, present: set[str], signs: set[str], is_data: bool) -> None:
        self._redaction = redaction
        self._present = present
        self._unmistakable = set(filter(is_unmistakable, present)) if is_data else present
        self._signs = signs
        self._names: dict[str, str] = {}
        self._is_data = is_data

    def cleaned(self, value: t.Any, key: str, is_of_failure: bool = False) -> t.Any:
        """Return a value without secrets.

        :param key: the key that it has, or that the list has that it is in.
        :param is_of_failure: whether it is a part of C(failure).
        """
        if isinstance(value, str):
            return self._string(value, key, is_of_failure)
        if value is None:
            return value
        if isinstance(value, (dict, Mapping)):
            return self._object(value, key == "failure")
        if isinstance(value, (list, tuple)):
            return [self.cleaned(inner, key) for inner in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._number(value, key)
        return value

    def _object(self, value: Mapping[t.Any, t.Any], is_failure: bool) -> dict[t.Any, t.Any]:
        result = {}
        hides_value = self._is_data and _is_about_secret(value)
        for name, inner in value.items():
            if not isinstance(name, str):
                result[name] = self.cleaned(inner, "")
                continue
            is_secret = (self._is_data and names_secret(name)) or (hides_value and name in HOLDING)
            if is_secret and not _is_open(inner) and not _is_entry(name, inner):
                inner = _field_description(inner)
                if inner is None:
                    continue
            shown = self._name(name)
            if shown == name or shown not in value:  # what is renamed does not replace another one
                result[shown] = self.cleaned(inner, name, is_failure)
        return result

    def _name(self, name: str) -> str:
        shown = self._names.get(name)
        if shown is None:
            shown = self._masked(name)
            if self._is_data and shown.startswith(ANSIBLES):
                shown = shown.lstrip("_")
            self._names[name] = shown
        return shown

    def _string(self, text: str, key: str, is_of_failure: bool) -> str:
        if text in MARKERS:
            return text
        if key in SENTENCES or (is_of_failure and key in OF_A_FAILURE):
            masked = self._redaction._without_any(text, lambda view, least: _contained(self._present, view, least))
            return one_line(masked) if key in LINES else str(printable(masked))
        if self._is_secret(text, key):
            return HIDDEN
        if "@" in text and _is_of_proxy(key):
            start = end_of_scheme(text)
            text = text[:start] + MASK + text[text.rfind("@") :]
        return self._masked(text)

    def _number(self, value: float, key: str) -> t.Any:
        return HIDDEN if self._present and self._is_secret(str(value), key) else value

    def _is_secret(self, text: str, key: str) -> bool:
        """Return whether a whole value is a secret; in a decisive place, one that is unmistakable."""
        secrets = self._unmistakable if self._present and _is_decisive(key) else self._present
        if not secrets or not may_hold_escapes(text):
            return text in secrets or text.strip() in secrets
        return any(layer in secrets or layer.strip() in secrets for layer in layers(text))

    def _masked(self, text: str) -> str:
        if self._unmistakable or (self._signs and self._may_hold_named(text)):
            spans = _spans(text, lambda view, least: _contained(self._unmistakable, view, least))
            removed = [view.span(*span) for view in views(text) for span in session_parameters(view.text)]
            text = _masked(text, spans, removed)
        return text if text.isascii() and text.isprintable() else str(printable(text))

    def _may_hold_named(self, text: str) -> bool:
        folded = text.lower()
        return any(sign in folded for sign in self._signs) or may_hold_escapes(text)


def _spans(text: str, searched: Search) -> list[Span]:
    """Return the spans of secrets in a text: of those that are searched for, and of those that are named."""
    spans: list[Span] = []
    for layer, view in enumerate(views(text)):
        secrets = searched(view.text, SHORTEST_ENCODED if layer else 1)
        found = [span for secret in secrets for span in _all(secret, view)]
        if signs_of_names(view.text):
            found += (*named_secrets(view.text), *credentials_in(view.text))
        spans += (view.span(*span) for span in found)
    return spans


def _all(secret: str, view: View) -> t.Iterator[Span]:
    place = view.text.find(secret)
    while place >= 0:
        yield place, place + len(secret)
        place = view.text.find(secret, place + len(secret))


def _contained(secrets: t.Iterable[str], text: str, shortest: int) -> list[str]:
    return [secret for secret in secrets if len(secret) >= shortest and secret in text]


def _masked(text: str, spans: t.Sequence[Span], removed: t.Sequence[Span] = ()) -> str:
    """Return a text with spans masked, and others removed. Spans that overlap are masked as one."""
    pieces: list[str] = []
    copied = 0
    unmasked = set(_merged(removed))
    for start, end in _merged([*spans, *unmasked]):
        mask = "" if (start, end) in unmasked else MASK
        pieces += (text[copied:start], mask)
        copied = end
    return "".join(pieces) + text[copied:] if pieces else text


def _merged(spans: t.Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _collect(values: t.Iterable[t.Any], strings: list[str], keys: set[t.Any], numbers: bool) -> None:
    """Add all strings of a value to ``strings``, all keys to ``keys``, and if wanted numbers as strings."""
    for value in values:
        kind = type(value)
        if kind is str:
            strings.append(value)
        elif kind is dict or isinstance(value, Mapping):
            keys.update(value)
            _collect(value.values(), strings, keys, numbers)
        elif kind is list or isinstance(value, (list, tuple)):
            _collect(value, strings, keys, numbers)
        elif isinstance(value, str):
            strings.append(value)
        elif numbers and value is not None:
            strings.append(str(value))


def _is_open(value: object) -> bool:
    """Return whether what stands under the name of a secret is certainly none."""
    if isinstance(value, str):
        return value in MARKERS or (value != "" and is_open_value(value))
    return isinstance(value, bool)


def _is_entry(key: str, value: t.Any) -> bool:
    """Return whether a key is the id or the path and name of the object under it, as in the diff of a list."""
    if not isinstance(value, Mapping):
        return False
    return not value or value.get("id") == key or key.endswith(f": {value.get('name')}")


@functools.lru_cache(maxsize=4096)
def _is_decisive(key: str) -> bool:
    return snake_case(key[-80:]).rpartition("_")[2] in DECISIVE


def _is_about_secret(value: Mapping[t.Any, t.Any]) -> bool:
    """Return whether an object is a name and a value, as forms and headers are written, and the name is of a secret."""
    names = (value.get(key) for key in NAMING)
    return any(isinstance(name, str) and _IDENTIFIER.fullmatch(name) and names_secret(name) for name in names)


def _field_description(value: t.Any) -> t.Any:
    """Return what a schema tells of a field that holds a secret, without its value; None if it is not a schema."""
    if not isinstance(value, Mapping) or value.get("type") not in FIELD_TYPES:
        return None
    return {name: value[name] for name in OF_A_FIELD if isinstance(value.get(name), (str, bool, int))}


def _names_of(options: Options, wanted: t.Callable[[t.Mapping[str, t.Any]], bool]) -> t.Iterator[str]:
    for name, option in options.items():
        if wanted(option):
            yield name
        yield from _names_of(option.get("options") or {}, wanted)


def _named_item(options: Options, item: t.Any) -> t.Any:
    """Return of an item of a list what every item has to have. A list of thousands is not to come back with the result,
    which Ansible visits value by value, several times.
    """
    if not isinstance(item, Mapping):
        return HIDDEN
    return {name: value for name, value in item.items() if options.get(name, {}).get("required")}


def _read(text: str) -> t.Any:
    """Return what a text means as JSON; None if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_address(name: str) -> bool:
    return name.endswith("url")


def _is_of_proxy(key: str) -> bool:
    return "proxy" in key.lower() or "proxies" in key.lower()
