# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Remove secrets and terminal control characters from everything that a run returns or displays.

A :class:`Redaction` holds the secrets of one run: the values of secret options at any depth, credentials in addresses,
and the passwords of the proxies in the environment. The class has one method for each destination:

- :meth:`Redaction.text`: messages, warnings, log lines and vendor messages. A secret is masked wherever it occurs, in
  any encoding. Values that follow a name such as ``token`` are also masked.
- :meth:`Redaction.address`: an option that is an address. Credentials, query and fragment are masked.
- :meth:`Redaction.parameters`: the task parameters, for ``invocation``. Playbooks do not use these in conditions.
  Therefore, a secret is masked wherever it occurs in a parameter.
- :meth:`Redaction.data`: data and documents that a service returned, and all other values of a result:

  - Keys that name a secret are removed with their values: ``token``, ``password``, ``secret``, ``*_key`` and similar
    keys, in any spelling, at any depth. Keys that only describe a secret, such as ``access_token_expires``, are kept.
    Booleans are also kept. The description of a form field is kept without its value.
  - Credentials in addresses, session tokens in links, and named secrets in strings are masked.
  - An *unmistakable* secret of the run is masked wherever it occurs. Such a secret has at least 16 characters, or at
    least 8 characters of at least two kinds (letters, digits, others). Any other secret could be an ordinary word, and
    is masked only if it is the whole value. Even then, values that identify an object or describe its state (``name``,
    ``id``, ``status`` and similar keys) are not masked. Therefore, the password ``Global`` does not change the name
    ``AAAGlobal``, which playbooks and inventories use in conditions.
  - Messages in the data (``error``, ``message``, ``problems`` and similar keys) are treated as in
    :meth:`Redaction.text`.

  Characters that control a terminal are replaced in all strings and keys; see ``_unicode``. Leading underscores are
  removed from keys that begin with two underscores, because Ansible converts dictionaries with such keys to objects of
  its own.

Modules and inventories work with the real values. Redaction is the last step before a result is returned.
"""

from __future__ import annotations

import copy
import functools
import itertools
import re
import types
import typing as t
from collections import defaultdict
from collections.abc import Mapping

from . import _decoding, _secret_names, _secret_values
from ._decoding import layers, may_hold_escapes, views
from ._names import snake_case
from ._plan import NOT_SHOWN, WRITTEN
from ._secret_names import Span, names_secret, signs_of_names
from ._unicode import is_printable, one_line, printable
from ._untrusted import json_or_none

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
MASK = "********"

# If there are at most this many secrets, a long string is searched for each of them.
# Otherwise, secrets that cannot occur in the string are first excluded.
FEW = 100
# If there are at least this many secrets, less likely encodings are not searched for.
MANY = 1000
PIECE = 8
SHORT_TEXT = 4096
# Longer messages are truncated before the search.
MAX_SCANNED = 256 * 1024
# Maximum length of one encoded character.
MAX_ENCODED = 12

MARKERS = frozenset({HIDDEN, MASK, NOT_SHOWN, WRITTEN})
KEPT_VALUES = MARKERS | _secret_names.OPEN_VALUES
LINES = frozenset({"msg", "error", "warning", "warnings", "problem", "problems"})
SENTENCES = LINES | {"deprecations", "detail", "exception", "message", "why"}
# Keys whose values are messages in the object "failure". For other objects, see SENTENCES.
SENTENCES_OF = {"failure": SENTENCES | {"url", "code", "request_id"}}
# If a key ends with one of these words, playbooks and inventories often use its value in conditions.
DECISIVE = frozenset(
    {
        "action", "actions", "address", "category", "dest", "group", "health", "hierarchy", "host", "hostname", "id",
        "ids", "kind", "label", "name", "names", "owner", "path", "pkid", "pkids", "reason", "severity", "state",
        "status", "system", "type", "version",
    }
)  # fmt: skip
# Ansible converts dictionaries with keys such as ``__ansible_vault`` to vault strings and other objects.
RESERVED_PREFIX = "__"
# This is a tuple and not a set, because the type in a JSON schema can also be a list, which is not hashable.
FIELD_TYPES = ("string", "integer", "number", "boolean", "object", "array", "null", "password")
FIELD_KEYS = (
    "title", "type", "description", "format", "required", "readonly", "readOnly", "displayable", "is_password",
    "store_encrypted", "minLength", "maxLength",
)  # fmt: skip
NAME_KEYS = ("name", "key", "field", "header", "attribute")
VALUE_KEYS = ("value", "content", "default", "val")

Options = t.Mapping[str, t.Mapping[str, t.Any]]
Params = t.Mapping[str, t.Any]

Search = t.Callable[[str], list[str]]

_NO_OPTIONS: Options = types.MappingProxyType({})
_TYPES: dict[object, type] = {"dict": Mapping}
_UNKNOWN_OPTION = types.MappingProxyType({"no_log": True})

_PLAIN_KEY = re.compile(r"\w+", re.ASCII)
_PROXY_KEY = re.compile("prox(?:y|ies)", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[\w.-]{1,64}", re.ASCII)
_QUERY = re.compile("([?#;]).*", re.DOTALL)


class Redaction:
    """The secrets of one run, with methods that remove them from results and displayed text.

    :param options: the argument spec of the task. Its ``no_log`` entries define which options are secret.
    :param arguments: the arguments of the task before validation.
    :param documents: the names of options and results that contain entire files and are not searched for secrets.
    :param plain: the paths of dictionary options whose keys do not describe their values. These values are not secret.
    """

    def __init__(
        self,
        options: Options = _NO_OPTIONS,
        arguments: Params = _NO_OPTIONS,
        documents: t.Collection[str] = (),
        plain: t.Collection[str] = (),
    ) -> None:
        self.values: set[str] = set()
        self.documents = documents
        self._plain = plain
        self._options = options
        self._is_secret_option: defaultdict[str, bool] = defaultdict(bool)
        self._is_numeric = False
        self._add_options(options)
        self.learn(_secret_values.secrets_of_proxies())
        self.learn_parameters(arguments)

    def copy(self) -> Redaction:
        """Return a copy. Secrets that the copy learns are not added to the original."""
        copied = copy.copy(self)
        copied.values = set(self.values)
        return copied

    def learn(self, secrets: t.Iterable[object]) -> None:
        """Register secrets for redaction. Empty values are ignored."""
        values = set(map(str, filter(None, secrets)))
        thorough = len(self.values) + len(values) < MANY
        for value in values:
            self.values.update(_secret_values.encodings_of(value, thorough))
            if value.strip().lstrip("-").replace(".", "", 1).isdigit():
                self._is_numeric = True

    def learn_parameters(self, params: Params, secrets: t.Iterable[object] = ()) -> None:
        """Register ``secrets``, and any secrets in the task parameters, for redaction."""
        self.learn([*secrets, *self._secrets_in(self._without_plain(self._searchable(params)))])

    def text(self, text: str) -> str:
        """Mask all secrets in a message, a warning or a log line."""
        return self._without_any(text, self._searched)

    def line(self, text: str) -> str:
        """Mask all secrets in a message or a warning, and return it as one line of limited length."""
        return one_line(self.text(text))

    def address(self, text: str) -> str:
        """Mask the credentials, the query and the fragment of an option that is a URL."""
        return self.text(_QUERY.sub(rf"\1{MASK}", _without_credentials(text)))

    def data(self, value: t.Any) -> t.Any:
        """Remove secrets from service data or other values in a result, according to the rules in the module docstring.

        A value without anything to redact is returned unchanged and is not copied.
        """
        return self._cleaned(value, is_data=True)

    def parameters(self, params: Params) -> dict[str, t.Any]:
        """Mask secrets, and values that could contain secrets, in the task parameters.

        The values of unknown options, and values that should be dictionaries but are not, could contain secrets.
        """
        return dict(self._cleaned(self._parameters(self._options, params, ""), is_data=False))

    def result(self, result: Params, params: Params) -> dict[str, t.Any]:
        """Return the task result, including the task parameters, without secrets.

        Documents are returned unchanged, but are omitted from the parameters.
        """
        shown = self.data(self._searchable(result))
        documents = {name: result[name] for name in self.documents if name in result}
        return {**shown, **documents, "invocation": {"module_args": self.parameters(self._searchable(params))}}

    def _searchable(self, values: Params) -> dict[str, t.Any]:
        """Return the parameters or results without documents, which are not searched for secrets."""
        return {name: value for name, value in values.items() if name not in self.documents}

    def _without_plain(self, params: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the parameters without the dictionaries whose values are not secret."""
        for path in self._plain:
            option, _dot, suboption = path.partition(".")
            inside = params.get(option)
            if isinstance(inside, str):  # the arguments before validation
                inside = json_or_none(inside)
            if isinstance(inside, Mapping):
                params[option] = {**inside, suboption: None} if suboption else None
        return params

    # Secrets in the parameters

    def _add_options(self, options: Options) -> None:
        """Store the names of secret options. A name is secret if any option or suboption with this name is secret."""
        for name, option in options.items():
            self._is_secret_option[name] |= option.get("no_log", False)
            self._add_options(option.get("options", {}))

    def _secrets_in(self, value: t.Any, is_secret: bool = False, name: str = "") -> t.Iterator[object]:
        if isinstance(value, Mapping):
            credentials = [value.get("username"), value.get("password")]
            if all(credentials):
                yield _secret_values.basic_credentials(*map(str, credentials))
            for key, inner in value.items():
                yield from self._secrets_in(inner, is_secret or self._is_secret(str(key)), str(key))
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from self._secrets_in(inner, is_secret, name)
        elif isinstance(value, bool):
            return
        elif is_secret:
            yield value
        elif isinstance(value, str):
            yield from self._secrets_in_text(value, name)

    def _secrets_in_text(self, text: str, name: str) -> t.Iterator[object]:
        if text.lstrip().startswith(("{", "[", '"')):
            yield from self._secrets_in(json_or_none(text))
        if "@" not in text:
            return
        if name.endswith("url") or any(_secret_names.credentials_in(text)):
            yield from _secret_values.secrets_of_address(text)

    def _is_secret(self, name: str) -> bool:
        return self._is_secret_option.get(name, names_secret(name))

    def _parameters(self, options: Options, params: Params, prefix: str | None = None) -> dict[str, t.Any]:
        """Return parameters without secrets.

        :param prefix: the prefix of the option paths; None inside lists and inside dictionaries without suboptions.
        """
        shown = {}
        for name, value in params.items():
            path = None if prefix is None else f"{prefix}{name}"
            shown[name] = self._parameter(options.get(name, _UNKNOWN_OPTION), str(name), value, path)
        return shown

    def _parameter(self, option: t.Mapping[str, t.Any], name: str, value: t.Any, path: str | None) -> t.Any:
        if value in (None, "", False):
            return value
        if option.get("no_log") or not isinstance(value, _TYPES.get(option.get("type"), object)):
            return HIDDEN
        if option.get("options"):
            return self._suboptions(option["options"], value, f"{path}.")
        if path in self._plain:
            return value
        if isinstance(value, str) and name.endswith("url"):
            return self.address(value)
        return self._without_named(value)

    def _suboptions(self, options: Options, value: t.Any, prefix: str) -> t.Any:
        if isinstance(value, Mapping):
            return self._parameters(options, value, prefix)
        if isinstance(value, list):
            return [_required_of(options, item) for item in value]
        return HIDDEN

    def _without_named(self, value: t.Any) -> t.Any:
        """Mask the values of keys that name a secret, at any depth."""
        if isinstance(value, list):
            return list(map(self._without_named, value))
        if not isinstance(value, Mapping):
            return value
        options = {name: {"no_log": self._is_secret(str(name))} for name in value}
        return self._parameters(options, value)

    # Search

    def _searched(self, text: str) -> list[str]:
        """Return the known secrets, including encoded ones, that a string contains.

        Thousands of list entries can have one or two secrets each, and it would take minutes to search a long string
        for each secret. Therefore, the string is split into pieces. If it contains a secret that is at least two pieces
        long, one whole piece is a part of that secret.
        """
        secrets = tuple(self.values)  # other threads can add secrets during the iteration
        if len(text) < SHORT_TEXT or len(secrets) <= FEW:
            return _contained(secrets, text)
        pieces = {text[start : start + PIECE] for start in range(0, len(text), PIECE)}

        def may_occur(secret: str) -> bool:
            return len(secret) < 2 * PIECE or any(secret[start : start + PIECE] in pieces for start in range(PIECE))

        return _contained(filter(may_occur, secrets), text)

    def _without_any(self, text: str, searched: Search) -> str:
        """Truncate a string, and mask named secrets and the secrets that ``searched`` finds."""
        scanned = text[:MAX_SCANNED]
        spans = _spans(scanned, searched)
        if len(scanned) < len(text):
            # The end of the scanned part may contain the beginning of a secret.
            longest = max(map(len, self.values), default=0)
            spans.append((max(0, MAX_SCANNED - MAX_ENCODED * longest - 1), MAX_SCANNED))
        return _replaced(scanned, spans)

    def _cleaned(self, value: t.Any, is_data: bool) -> t.Any:
        """Return a copy of a value without secrets.

        A result can be a list of thousands of entries. Therefore, all of its strings are searched at once, and a value
        is copied only if it contains something to redact.

        :param is_data: whether a service returned the value; otherwise, it is a parameter of the task.
        """
        strings: list[str] = []
        keys: set[t.Any] = set()
        _collect([value], strings, keys, self._is_numeric)
        names = list(map(str, keys))
        # A key without separators cannot contain both a name and a value.
        strings += itertools.filterfalse(_PLAIN_KEY.fullmatch, names)
        text = "\n".join(strings)
        present = set(self._searched("\n".join([text, *names])))
        signs = signs_of_names(text)
        if "@" in text and any(map(_names_proxy, names)):
            signs.add("@")
        for layer in layers("\n".join(filter(may_hold_escapes, strings))):
            present.update(self._searched(layer))
            signs |= signs_of_names(layer)
        if signs:
            # The names of secrets can be encoded, so strings with escape sequences must also be checked.
            signs.update(_decoding.ESCAPES)
        # The strings are joined with spaces, because a line feed would make a preceding carriage return printable.
        cleaner = _Cleaner(self, present, signs, is_printable(" ".join(strings)), is_data)
        if not cleaner.may_change(names):
            return value
        return cleaner.cleaned(value, "")


class _Cleaner:
    """Helper that copies values without their secrets.

    :param present: the known secrets that occur anywhere in the value.
    :param signs: the substrings of the value that can be part of a named secret.
    :param is_printable: whether :func:`printable` returns each string of the value unchanged.
    :param is_data: whether a service returned the value. In a parameter of the task, every secret is masked wherever it
        occurs, and all keys are kept.
    """

    def __init__(
        self, redaction: Redaction, present: set[str], signs: set[str], is_printable: bool, is_data: bool
    ) -> None:
        self._redaction = redaction
        self._present = present
        self._unmistakable = set(filter(_secret_values.is_unmistakable, present)) if is_data else present
        self._signs = signs
        self._is_data = is_data
        self._is_printable = is_printable
        # The results are cached, because large lists repeat keys and messages.
        self._name = functools.cache(self._shown_name)
        self._message = functools.cache(self._shown_message)

    def may_change(self, names: t.Sequence[str]) -> bool:
        """Return whether redaction may change a value that contains these keys."""
        if self._present | self._signs | SENTENCES.intersection(names) or not self._is_printable:
            return True
        if not self._is_data:
            return False
        return any(name.startswith(RESERVED_PREFIX) or names_secret(name) for name in names)

    def cleaned(self, value: t.Any, key: str, sentences: t.Collection[str] = SENTENCES) -> t.Any:
        """Return a copy of a value without secrets.

        :param key: the key of the value, or of the list that contains the value.
        :param sentences: the keys whose values are messages.
        """
        if isinstance(value, str):
            return self._string(value, key, sentences)
        if isinstance(value, (bool, type(None))):
            return value
        if isinstance(value, (dict, Mapping)):
            return self._object(value, SENTENCES_OF.get(key, SENTENCES))
        if isinstance(value, (list, tuple)):
            return [self.cleaned(inner, key) for inner in value]
        return HIDDEN if self._is_secret(str(value), key) else value

    def _object(self, value: Mapping[t.Any, t.Any], sentences: t.Collection[str]) -> dict[t.Any, t.Any]:
        result = {}
        secret_keys = _secret_keys(value) if self._is_data else ()
        for name, inner in value.items():
            if not isinstance(name, str):
                result[name] = self.cleaned(inner, "")
                continue
            if name in secret_keys:
                inner = _kept_under_secret(name, inner)
                if inner is None:
                    continue
            shown = self._name(name)
            if shown == name or shown not in value:  # do not replace an existing key
                result[shown] = self.cleaned(inner, name, sentences)
        return result

    def _shown_name(self, name: str) -> str:
        shown = self._masked(name)
        if self._is_data and shown.startswith(RESERVED_PREFIX):
            return shown.lstrip("_")
        return shown

    def _string(self, text: str, key: str, sentences: t.Collection[str]) -> str:
        if text in MARKERS:
            return text
        if key in LINES:
            return one_line(self._message(text))
        if key in sentences:
            return str(printable(self._message(text)))
        if self._is_secret(text, key):
            return HIDDEN
        if _names_proxy(key):
            text = _without_credentials(text)
        return self._masked(text)

    def _shown_message(self, text: str) -> str:
        return self._redaction._without_any(text, lambda view: _contained(self._present, view))

    def _is_secret(self, text: str, key: str) -> bool:
        """Return whether the entire value is a secret. For decisive keys, only unmistakable secrets count."""
        if not self._present:
            return False
        secrets = self._unmistakable if _is_decisive(key) else self._present
        candidates = {text, text.strip()}
        if may_hold_escapes(text):
            candidates.update(map(str.strip, layers(text)))
        return not secrets.isdisjoint(candidates)

    def _masked(self, text: str) -> str:
        if self._unmistakable or any(map(text.lower().__contains__, self._signs)):
            text = _replaced(text, _spans(text, lambda view: _contained(self._unmistakable, view)))
            sessions: list[Span] = []
            for view in views(text):
                found = map(re.Match.span, _secret_names.SESSION_PARAMETER.finditer(view.text))
                sessions += itertools.starmap(view.span, found)
            text = _replaced(text, sessions, "")
        return text if self._is_printable else str(printable(text))


def _contained(secrets: t.Iterable[str], text: str) -> list[str]:
    return [secret for secret in secrets if secret in text]


def _spans(text: str, searched: Search) -> list[Span]:
    """Return the spans of the secrets in a string: named secrets, and the secrets that ``searched`` finds."""
    spans: list[Span] = []
    for view in views(text):
        found: list[Span] = []
        for secret in searched(view.text):
            found += _occurrences(secret, view.text)
        if signs_of_names(view.text):
            found += _secret_names.named_secrets(view.text)
            found += _secret_names.credentials_in(view.text)
        spans += itertools.starmap(view.span, found)
    return spans


def _occurrences(secret: str, text: str) -> t.Iterator[Span]:
    place = text.find(secret)
    while place >= 0:
        yield place, place + len(secret)
        place = text.find(secret, place + len(secret))


def _replaced(text: str, spans: t.Iterable[Span], replacement: str = MASK) -> str:
    """Replace spans of a string with the mask. Merge overlapping or adjacent spans."""
    pieces: list[str] = []
    last = -1
    for start, end in sorted(spans):
        if start > last:
            pieces += (text[max(0, last) : start], replacement)
        last = max(last, end)
    return "".join([*pieces, text[max(0, last) :]])


def _collect(values: t.Iterable[t.Any], strings: list[str], keys: set[t.Any], numbers: bool) -> None:
    """Add all strings in the values to ``strings``, and all keys to ``keys``.

    :param numbers: whether to add numbers to ``strings`` as well.
    """
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


def _kept_under_secret(key: str, value: t.Any) -> t.Any:
    """Return the harmless part of a value whose key names a secret, or None if there is no such part.

    The harmless part of a form field is its description.
    """
    if not isinstance(value, Mapping):
        text = str(value)
        return None if KEPT_VALUES.isdisjoint((text, text.strip().lower())) else value
    # Keep an object if its key is the ID of the object, or ends with the name of the object as in the diff of a list.
    if not value or value.get("id") == key or key.endswith(f": {value.get('name')}"):
        return value
    if value.get("type") not in FIELD_TYPES:
        return None
    return {name: value[name] for name in FIELD_KEYS if isinstance(value.get(name), (str, bool, int))}


@functools.lru_cache(maxsize=4096)
def _names_proxy(key: str) -> bool:
    return _PROXY_KEY.search(key) is not None


@functools.lru_cache(maxsize=4096)
def _is_decisive(key: str) -> bool:
    return snake_case(key[-80:]).rpartition("_")[2] in DECISIVE


@functools.lru_cache(maxsize=256)
def _secret_names_of(*keys: str) -> frozenset[str]:
    """Return the keys that name a secret. The results are cached, because list items often have the same keys."""
    return frozenset(filter(names_secret, keys))


def _secret_keys(value: Mapping[t.Any, t.Any]) -> t.Collection[str]:
    """Return the keys whose values are secret, including the values of secret form fields or headers."""
    keys = _secret_names_of(*map(str, value))
    if value.keys().isdisjoint(VALUE_KEYS):
        return keys
    for name in map(value.get, NAME_KEYS):
        if isinstance(name, str) and _IDENTIFIER.fullmatch(name) and names_secret(name):
            return keys.union(VALUE_KEYS)
    return keys


def _required_of(options: Options, item: t.Any) -> t.Any:
    """Return only the required options of a list item.

    The result of the task omits the other options. A list can have thousands of items, and Ansible processes each value
    in a result several times.
    """
    if not isinstance(item, Mapping):
        return HIDDEN
    return {name: value for name, value in item.items() if options.get(name, {}).get("required")}


def _without_credentials(address: str) -> str:
    """Mask the part of a URL between the scheme and the last ``@``."""
    start = _secret_values.end_of_scheme(address)
    end = address.rfind("@")
    if end < start:
        return address
    return address[:start] + MASK + address[end:]
