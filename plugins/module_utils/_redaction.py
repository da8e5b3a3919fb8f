# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Remove secrets, and characters that control a terminal, from everything that a run returns or displays.

A :class:`Redaction` knows the secrets of one run: the values of secret options at any depth, credentials in addresses,
and the passwords of the proxies in the environment. It has one method for each destination:

- :meth:`Redaction.text`: messages, warnings, log lines and vendor messages. A secret is masked wherever it occurs, in
  any encoding. Values that follow a name such as ``token`` are masked, too.
- :meth:`Redaction.address`: an option that is an address. Credentials, query and fragment are masked.
- :meth:`Redaction.parameters`: the parameters of the task, as ``invocation`` shows them. No playbook decides by them.
  Therefore, a secret is masked wherever it occurs in them.
- :meth:`Redaction.data`: data and documents that a service returned, and all other values of a result:

  - Values under the name of a secret are removed with their key: ``token``, ``password``, ``secret``, ``*_key`` and the
    like, in any spelling, at any depth. Names that only describe a secret, such as ``access_token_expires``, are kept.
    Booleans are kept, too. The description of a form field is kept without its value.
  - Credentials in addresses, session tokens in links, and named secrets in strings are masked.
  - A secret of the run is masked wherever it occurs if it is *unmistakable*: it has at least 16 characters, or at least
    8 of at least two kinds (letters, digits, others). Any other secret could be an ordinary word. It is masked where it
    is the whole value, unless the value identifies an object or describes its state (``name``, ``id``, ``status`` and
    the like). Therefore, a password ``Global`` does not change the name ``AAAGlobal``, by which playbooks and
    inventories decide.
  - Sentences among the data (``error``, ``message``, ``problems`` and the like) are treated as :meth:`Redaction.text`.

  Characters that control a terminal are replaced in all strings and keys; see ``_unicode``. Keys lose two leading
  underscores, because Ansible turns dictionaries with such keys into objects of its own.

Modules and inventories decide by the real values. A result is redacted last.
"""

from __future__ import annotations

import functools
import json
import re
import types
import typing as t
from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils import _secret_names, _secret_values
from ansible_collections.hybrid.connectors.plugins.module_utils._decoding import layers, may_hold_escapes, views
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_case
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import NOT_SHOWN, WRITTEN
from ansible_collections.hybrid.connectors.plugins.module_utils._secret_names import Span, names_secret, signs_of_names
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import is_printable, one_line, printable

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
MASK = "********"

# Up to this number of secrets, a long string is searched for each of them.
FEW = 100
# Below this number of secrets, less likely encodings are searched for, too.
MANY = 1000
PIECE = 8
SHORT_TEXT = 4096
# Longer messages are cut before they are searched.
MAX_SCANNED = 256 * 1024
# The maximum length of the encoding of one character.
MAX_ENCODED = 12

MARKERS = frozenset({HIDDEN, MASK, NOT_SHOWN, WRITTEN})
SENTENCES = frozenset(
    {
        "deprecations", "detail", "error", "exception", "message", "msg", "problem", "problems", "warning", "warnings",
        "why",
    }
)  # fmt: skip
LINES = frozenset({"msg", "error", "warning", "warnings", "problem", "problems"})
FAILURE_TEXTS = frozenset({"message", "url", "code", "request_id"})
# Last words of keys whose values playbooks and inventories decide by.
DECISIVE = frozenset(
    {
        "action", "actions", "address", "category", "dest", "group", "health", "hierarchy", "host", "hostname", "id",
        "ids", "kind", "label", "name", "names", "owner", "path", "pkid", "pkids", "reason", "severity", "state",
        "status", "system", "type", "version",
    }
)  # fmt: skip
# Ansible's decoders turn dictionaries with keys such as ``__ansible_vault`` into vault strings and other objects.
RESERVED_PREFIX = "__"
FIELD_TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null", "password"})
FIELD_KEYS = (
    "title", "type", "description", "format", "required", "readonly", "readOnly", "displayable", "is_password",
    "store_encrypted", "minLength", "maxLength",
)  # fmt: skip
NAME_KEYS = ("name", "key", "field", "header", "attribute")
VALUE_KEYS = ("value", "content", "default", "val")

Options = t.Mapping[str, t.Mapping[str, t.Any]]
Params = t.Mapping[str, t.Any]

Search = t.Callable[[str, int], list[str]]

_NO_OPTIONS: Options = types.MappingProxyType({})

_PLAIN_KEY = re.compile(r"\w+", re.ASCII)
_PROXY_KEY = re.compile("prox(?:y|ies)", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[\w.-]{1,64}", re.ASCII)
_QUERY = re.compile("[?#;]")


class Redaction:
    """Know the secrets of one run and remove them from what is returned or displayed.

    :param options: the argument spec of the task. Its ``no_log`` entries define which options are secret.
    :param arguments: the arguments of the task before they are validated.
    """

    def __init__(self, options: Options = _NO_OPTIONS, arguments: Params = _NO_OPTIONS) -> None:
        self.values: set[str] = set()
        self._options = options
        self._secret_names = set(_option_names(options, is_secret=True))
        self._open_names = set(_option_names(options, is_secret=False))
        self._is_numeric = False
        self.learn(_secret_values.secrets_of_proxies())
        self.learn_parameters(arguments)

    def learn(self, secrets: t.Iterable[object]) -> None:
        """Add secrets. Empty values and booleans are ignored."""
        values = set(map(str, filter(_can_be_secret, secrets)))
        thorough = len(self.values) + len(values) < MANY
        for value in values:
            self.values.update(_secret_values.encodings_of(value, thorough))
            if value.strip().lstrip("-").replace(".", "", 1).isdigit():
                self._is_numeric = True

    def learn_parameters(self, params: Params, secrets: t.Iterable[object] = ()) -> None:
        """Add the secrets among the parameters of the task, and others."""
        self.learn([*secrets, *self._secrets_in(params)])

    def text(self, text: str) -> str:
        """Remove all secrets from a message, a warning or a line of a log."""
        return self._without_any(text, self._searched)

    def line(self, text: str) -> str:
        """Remove all secrets from a message or a warning, and return it as one line of limited length."""
        return one_line(self.text(text))

    def address(self, text: str) -> str:
        """Mask credentials, query and fragment of an option that is an address."""
        shown = _without_credentials(text)
        query = _QUERY.search(shown)
        if query:
            shown = shown[: query.end()] + MASK
        return self.text(shown)

    def data(self, value: t.Any) -> t.Any:
        """Remove secrets from data of a service, or from another value of a result; see the module.

        A value without anything to redact is returned unchanged and is not copied.
        """
        return self._cleaned(value, is_data=True)

    def parameters(self, params: Params) -> dict[str, t.Any]:
        """Remove secrets from the parameters of the task, and values that could contain one.

        These are values without an option of their name, and values of another type where an option takes a dictionary.
        """
        cleaned: dict[str, t.Any] = self._cleaned(self._parameters(self._options, params), is_data=False)
        return cleaned

    def result(self, result: Params, params: Params) -> dict[str, t.Any]:
        """Return the result of the task and its parameters without secrets."""
        return {**self.data(dict(result)), "invocation": {"module_args": self.parameters(params)}}

    # Secrets among the parameters

    def _secrets_in(self, value: t.Any, is_secret: bool = False, name: str = "") -> t.Iterator[object]:
        if isinstance(value, Mapping):
            if value.get("username") and value.get("password"):
                yield _secret_values.basic_credentials(str(value["username"]), str(value["password"]))
            for key, inner in value.items():
                yield from self._secrets_in(inner, is_secret or self._is_secret(str(key)), str(key))
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from self._secrets_in(inner, is_secret, name)
        elif is_secret:
            yield value
        elif isinstance(value, str):
            yield from self._secrets_in_text(value, name)

    def _secrets_in_text(self, text: str, name: str) -> t.Iterator[object]:
        if "@" in text and (_is_address(name) or _secret_names.has_credentials_anywhere(text)):
            yield from _secret_values.secrets_of_address(text)
        if text.lstrip().startswith(("{", "[", '"')):
            yield from self._secrets_in(_json_or_none(text))

    def _is_secret(self, name: str) -> bool:
        if name in self._secret_names:
            return True
        return name not in self._open_names and not name.startswith("_ansible_") and names_secret(name)

    def _parameters(self, options: Options, params: Params) -> dict[str, t.Any]:
        return {name: self._parameter(options.get(name), name, value) for name, value in params.items()}

    def _parameter(self, option: t.Mapping[str, t.Any] | None, name: str, value: t.Any) -> t.Any:
        if value in (None, "") or value is False:
            return value
        if option is None or name in self._secret_names:
            return HIDDEN
        if option.get("options"):
            return self._suboptions(option["options"], value)
        if option.get("type") == "dict" and not isinstance(value, Mapping):
            return HIDDEN
        if isinstance(value, str) and _is_address(name):
            return self.address(value)
        return self._without_named(value)

    def _suboptions(self, options: Options, value: t.Any) -> t.Any:
        if isinstance(value, list):
            return [_required_of(options, item) for item in value]
        return self._parameters(options, value) if isinstance(value, Mapping) else HIDDEN

    def _without_named(self, value: t.Any) -> t.Any:
        """Hide everything in a value that has the name of a secret, at any depth."""
        if isinstance(value, list):
            return [self._without_named(inner) for inner in value]
        if not isinstance(value, Mapping):
            return value
        result = {}
        for name, inner in value.items():
            is_hidden = inner and self._is_secret(str(name))
            result[name] = HIDDEN if is_hidden else self._without_named(inner)
        return result

    # Search

    def _searched(self, text: str, shortest: int) -> list[str]:
        """Return the known secrets and encodings that a string contains.

        Thousands of list entries can have one or two secrets each, and a search for each of them would take minutes.
        Therefore, a long string is cut into pieces. If it contains a secret of at least two pieces in length, one whole
        piece is a part of that secret.
        """
        if len(text) < SHORT_TEXT or len(self.values) <= FEW:
            return _contained(self.values, text, shortest)
        pieces = {text[start : start + PIECE] for start in range(0, len(text), PIECE)}

        def may_occur(secret: str) -> bool:
            return len(secret) < 2 * PIECE or any(secret[start : start + PIECE] in pieces for start in range(PIECE))

        return _contained(filter(may_occur, self.values), text, shortest)

    def _without_any(self, text: str, searched: Search) -> str:
        """Return a string of limited length without the secrets that ``searched`` finds, and without named ones."""
        scanned = text[:MAX_SCANNED]
        spans = _spans(scanned, searched)
        if len(scanned) < len(text):
            # The end can be the beginning of a secret that was cut.
            longest = max(map(len, self.values), default=0)
            spans.append((max(0, MAX_SCANNED - MAX_ENCODED * longest - 1), MAX_SCANNED))
        return _masked(scanned, spans)

    def _cleaned(self, value: t.Any, is_data: bool) -> t.Any:
        """Return a value without secrets.

        A result can be a list of thousands. All of its strings are searched at once, and a copy is made only of a value
        that has something to redact.

        :param is_data: whether a service returned the value; otherwise, it is a parameter of the task.
        """
        strings: list[str] = []
        keys: set[t.Any] = set()
        _collect([value], strings, keys, self._is_numeric)
        names = list(map(str, keys))
        # A key without separators does not contain a name and a value.
        strings += (name for name in names if not _PLAIN_KEY.fullmatch(name))
        text = "\n".join(strings)
        present, signs = self._found_in(text, names)
        for layer in layers("\n".join(filter(may_hold_escapes, strings))):
            present.update(self._searched(layer, _secret_values.SHORTEST_ENCODED))
            signs |= signs_of_names(layer)
        cleaner = _Cleaner(self, present, signs, is_data)
        return cleaner.cleaned(value, "") if cleaner.may_change(text, names) else value

    def _found_in(self, text: str, names: t.Sequence[str]) -> tuple[set[str], set[str]]:
        """Return the known secrets in a string and in keys, and substrings that can be a part of a named secret."""
        present = {*self._searched(text, 1), *self._searched("\n".join(names), 1)}
        signs = signs_of_names(text)
        if "@" in text and any(map(_is_of_proxy, names)):
            signs.add("@")
        return present, signs


class _Cleaner:
    """Copy a value without its secrets.

    :param present: the known secrets that occur anywhere in the value.
    :param signs: substrings of the value that can be a part of a named secret.
    :param is_data: whether a service returned the value. In a parameter of the task, every secret is masked wherever it
        occurs, and all keys are kept.
    """

    def __init__(self, redaction: Redaction, present: set[str], signs: set[str], is_data: bool) -> None:
        self._redaction = redaction
        self._present = present
        self._unmistakable = set(filter(_secret_values.is_unmistakable, present)) if is_data else present
        self._signs = signs
        self._names: dict[str, str] = {}
        self._is_data = is_data

    def may_change(self, text: str, names: t.Sequence[str]) -> bool:
        """Return whether the copy of a value with these strings and keys may differ from the value."""
        if self._present or self._signs:
            return True
        if self._is_data and any(map(_is_changed_key, names)):
            return True
        return not SENTENCES.isdisjoint(names) or not is_printable(text)

    def cleaned(self, value: t.Any, key: str, is_of_failure: bool = False) -> t.Any:
        """Return a value without secrets.

        :param key: the key of the value, or of the list that contains it.
        :param is_of_failure: whether the value is a part of ``failure``.
        """
        if isinstance(value, str):
            return self._string(value, key, is_of_failure)
        if isinstance(value, (bool, type(None))):
            return value
        if isinstance(value, (dict, Mapping)):
            return self._object(value, key == "failure")
        if isinstance(value, (list, tuple)):
            return [self.cleaned(inner, key) for inner in value]
        if isinstance(value, (int, float)) and self._is_secret(str(value), key):
            return HIDDEN
        return value

    def _object(self, value: Mapping[t.Any, t.Any], is_failure: bool) -> dict[t.Any, t.Any]:
        result = {}
        value_keys = _value_keys_of_secret(value) if self._is_data else ()
        for name, inner in value.items():
            if not isinstance(name, str):
                result[name] = self.cleaned(inner, "")
                continue
            if name in value_keys or (self._is_data and names_secret(name)):
                inner = _kept_under_secret(name, inner)
                if inner is None:
                    continue
            shown = self._name(name)
            if shown == name or shown not in value:  # a renamed key does not replace another key
                result[shown] = self.cleaned(inner, name, is_failure)
        return result

    def _name(self, name: str) -> str:
        shown = self._names.get(name)
        if shown is None:
            shown = self._masked(name)
            if self._is_data and shown.startswith(RESERVED_PREFIX):
                shown = shown.lstrip("_")
            self._names[name] = shown
        return shown

    def _string(self, text: str, key: str, is_of_failure: bool) -> str:
        if text in MARKERS:
            return text
        if key in LINES:
            return one_line(self._without_present(text))
        if key in SENTENCES or (is_of_failure and key in FAILURE_TEXTS):
            return str(printable(self._without_present(text)))
        if self._is_secret(text, key):
            return HIDDEN
        return self._masked(_without_credentials(text) if _is_of_proxy(key) else text)

    def _without_present(self, text: str) -> str:
        return self._redaction._without_any(text, lambda view, shortest: _contained(self._present, view, shortest))

    def _is_secret(self, text: str, key: str) -> bool:
        """Return whether a whole value is a secret. Under a decisive key, the secret must be unmistakable."""
        if not self._present:
            return False
        secrets = self._unmistakable if _is_decisive(key) else self._present
        if not may_hold_escapes(text):
            return not secrets.isdisjoint((text, text.strip()))
        return any(not secrets.isdisjoint((layer, layer.strip())) for layer in layers(text))

    def _masked(self, text: str) -> str:
        if self._unmistakable or (self._signs and self._may_hold_named(text)):
            spans = _spans(text, lambda view, shortest: _contained(self._unmistakable, view, shortest))
            removed = [view.span(*span) for view in views(text) for span in _secret_names.session_parameters(view.text)]
            text = _masked(text, spans, removed)
        return str(printable(text))

    def _may_hold_named(self, text: str) -> bool:
        folded = text.lower()
        return any(sign in folded for sign in self._signs) or may_hold_escapes(text)


def _spans(text: str, searched: Search) -> list[Span]:
    """Return the spans of the secrets that ``searched`` finds in a string, and of named secrets."""
    spans: list[Span] = []
    shortest = 1
    for view in views(text):
        found: list[Span] = []
        for secret in searched(view.text, shortest):
            found += _occurrences(secret, view.text)
        if signs_of_names(view.text):
            found += _secret_names.named_secrets(view.text)
            found += _secret_names.credentials_in(view.text)
        spans += (view.span(*span) for span in found)
        shortest = _secret_values.SHORTEST_ENCODED
    return spans


def _occurrences(secret: str, text: str) -> t.Iterator[Span]:
    place = text.find(secret)
    while place >= 0:
        yield place, place + len(secret)
        place = text.find(secret, place + len(secret))


def _contained(secrets: t.Iterable[str], text: str, shortest: int) -> list[str]:
    contained = []
    for secret in secrets:
        if secret in text and len(secret) >= shortest:
            contained.append(secret)
    return contained


def _masked(text: str, spans: t.Sequence[Span], removed: t.Sequence[Span] = ()) -> str:
    """Mask spans of a string, and remove others. Spans that overlap get one mask."""
    pieces: list[str] = []
    copied = 0
    unmasked = set(_merged(removed))
    for start, end in _merged([*spans, *unmasked]):
        pieces.append(text[copied:start])
        if (start, end) not in unmasked:
            pieces.append(MASK)
        copied = end
    return "".join([*pieces, text[copied:]])


def _merged(spans: t.Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _collect(values: t.Iterable[t.Any], strings: list[str], keys: set[t.Any], numbers: bool) -> None:
    """Add all strings of values to ``strings``, and all keys to ``keys``. If ``numbers`` is true, add numbers, too."""
    for value in values:
        if isinstance(value, str):
            strings.append(value)
        elif isinstance(value, (dict, Mapping)):
            keys.update(value)
            _collect(value.values(), strings, keys, numbers)
        elif isinstance(value, (list, tuple)):
            _collect(value, strings, keys, numbers)
        elif numbers:
            strings.append(str(value))


def _can_be_secret(value: object) -> bool:
    return bool(value) and not isinstance(value, bool)


def _kept_under_secret(key: str, value: t.Any) -> t.Any:
    """Return what is kept of a value under the name of a secret; None if it is removed."""
    if _is_open(value) or _is_entry(key, value):
        return value
    return _field_description(value)


def _is_open(value: object) -> bool:
    """Return whether a value under the name of a secret is certainly not secret."""
    if isinstance(value, str):
        return value in MARKERS or (value != "" and _secret_names.is_open_value(value))
    return isinstance(value, bool)


def _is_entry(key: str, value: t.Any) -> bool:
    """Return whether a key is the id, or the path and name, of the object under it, as in the diff of a list."""
    if not isinstance(value, Mapping):
        return False
    return not value or value.get("id") == key or key.endswith(f": {value.get('name')}")


def _is_changed_key(name: str) -> bool:
    """Return whether a key of a service is renamed, or may be removed with its value."""
    return name.startswith(RESERVED_PREFIX) or names_secret(name)


@functools.lru_cache(maxsize=4096)
def _is_decisive(key: str) -> bool:
    return snake_case(key[-80:]).rpartition("_")[2] in DECISIVE


def _value_keys_of_secret(value: Mapping[t.Any, t.Any]) -> tuple[str, ...]:
    """Return the keys that hold the value if an object describes a form field or header with the name of a secret."""
    for key in NAME_KEYS:
        name = value.get(key)
        if isinstance(name, str) and _IDENTIFIER.fullmatch(name) and names_secret(name):
            return VALUE_KEYS
    return ()


def _field_description(value: t.Any) -> t.Any:
    """Return the description of a form field that contains a secret, without its value; None if it is not one."""
    if not isinstance(value, Mapping) or value.get("type") not in FIELD_TYPES:
        return None
    return {name: value[name] for name in FIELD_KEYS if isinstance(value.get(name), (str, bool, int))}


def _option_names(options: Options, is_secret: bool) -> t.Iterator[str]:
    for name, option in options.items():
        if bool(option.get("no_log")) is is_secret:
            yield name
        yield from _option_names(option.get("options", {}), is_secret)


def _required_of(options: Options, item: t.Any) -> t.Any:
    """Return the required options of a list item.

    A result does not repeat a list of thousands, because Ansible visits each of its values several times.
    """
    if not isinstance(item, Mapping):
        return HIDDEN
    return {name: value for name, value in item.items() if options.get(name, {}).get("required")}


def _json_or_none(text: str) -> t.Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _without_credentials(address: str) -> str:
    """Mask everything between the scheme of an address and its last ``@``."""
    start = _secret_values.end_of_scheme(address)
    end = address.rfind("@")
    return address[:start] + MASK + address[end:] if end >= start else address


def _is_address(name: str) -> bool:
    return name.endswith("url")


def _is_of_proxy(key: str) -> bool:
    return _PROXY_KEY.search(key) is not None
