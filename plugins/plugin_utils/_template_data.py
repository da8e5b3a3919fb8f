# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Mark strings from a service, so that Ansible never evaluates them as templates.

Since ansible-core 2.19, a string is a template only if it is marked as trusted. In earlier releases, a string is a
template unless it is marked as unsafe.
"""

from __future__ import annotations

import functools
import re
import typing as t
from collections.abc import Mapping

import ansible.template
from ansible.release import __version__
from jinja2 import Environment, TemplateSyntaxError, nodes

_trust = getattr(ansible.template, "trust_as_template", None)
_is_trusted = getattr(ansible.template, "is_trusted_as_template", None)
_MARKS_UNSAFE = tuple(map(int, __version__.split(".")[:2])) < (2, 19)
if _MARKS_UNSAFE:
    from ansible.utils.unsafe_proxy import wrap_var

Convert = t.Callable[[t.Any], t.Any]

CACHE_SIZE = 10_000
# Maximum length of a string that is parsed to find calls. Longer strings are treated as if they contain a call.
MAX_EXPRESSION = 1000
# Matches the delimiters of templates, and the ``#jinja2`` header, which can set different delimiters.
_TEMPLATE = re.compile(r"[{}]|#\s*jinja2", re.IGNORECASE)
_CALL = re.compile(r"[(|]")


def missing_function() -> str | None:
    """Return the name of a required function that this ansible-core version does not have, or None."""
    if _MARKS_UNSAFE:
        return None
    for name in ("trust_as_template", "is_trusted_as_template"):
        if not hasattr(ansible.template, name):
            return name
    return None


def is_trusted_as_template(value: object) -> bool:
    """Return whether Ansible evaluates a string as a template."""
    if _is_trusted is None:
        return not hasattr(value, "__UNSAFE__")
    return bool(_is_trusted(value))


def is_marked(value: t.Any) -> bool:
    """Return whether a value contains a marked string.

    Ansible also marks the results of templates that use such a value.
    """
    if not _MARKS_UNSAFE:
        return False
    if isinstance(value, Mapping):
        return any(map(is_marked, value.values()))
    if isinstance(value, list):
        return any(map(is_marked, value))
    return hasattr(value, "__UNSAFE__")


def as_data(value: t.Any) -> t.Any:
    """Mark the strings in plain values from a service, so that Ansible never evaluates them as templates.

    Only strings that Ansible could evaluate are treated as unsafe, because AWX stores unsafe strings as dictionaries.
    """
    return _converted(value, _string_data, _key_data)


def exported(value: t.Any) -> t.Any:
    """Mark all strings without templates or calls in a composed value, so that Ansible exports them unchanged."""
    return _converted(value, _exported_string, lambda name: name)


def _converted(value: t.Any, of_string: Convert, of_key: Convert) -> t.Any:
    """Convert all strings and keys in a value, at any depth."""
    if isinstance(value, str):
        return of_string(value)
    if isinstance(value, Mapping):
        return {of_key(name): _converted(item, of_string, of_key) for name, item in value.items()}
    if isinstance(value, list):
        return [_converted(item, of_string, of_key) for item in value]
    return value


def without_origin(value: t.Any) -> t.Any:
    """Remove the file positions from expressions that were read from a file.

    Ansible adds the lines around the position to error messages, and these lines can contain secrets.
    """
    if missing_function():
        return value
    return _converted(value, _without_origin, _without_origin)


def _without_origin(value: t.Any) -> t.Any:
    if not isinstance(value, str):
        return value
    text = "".join(value)
    return _mark_inert(text) if is_trusted_as_template(value) else _mark_as_data(text)


def _exported_string(text: str) -> t.Any:
    return _mark_inert(text) if _is_inert(text) else text


@functools.lru_cache(maxsize=CACHE_SIZE)
def _string_data(text: str) -> t.Any:
    return _mark_inert(text) if _is_inert(text) else _mark_as_data(text)


@functools.lru_cache(maxsize=CACHE_SIZE)
def _key_data(name: str) -> t.Any:
    return name if _is_inert(name) else _mark_as_data(name)


@functools.lru_cache(maxsize=CACHE_SIZE)
def _mark_inert(text: str) -> t.Any:
    """Mark a string as trusted in ansible-core 2.19 and later, so that Ansible exports it unchanged."""
    return "".join(text) if _trust is None else _trust(text)


def _mark_as_data(text: str) -> t.Any:
    """Mark a string, so that Ansible does not evaluate it as a template."""
    return wrap_var(text) if _MARKS_UNSAFE else text


def _is_inert(text: str) -> bool:
    """Return whether a string contains neither a template nor a call, and can therefore be evaluated safely.

    Conditions and the option ``var`` of ``ansible.builtin.debug`` also evaluate strings without braces.
    """
    if _TEMPLATE.search(text):
        return False
    return not _CALL.search(text) or not _calls(text)


@functools.lru_cache(maxsize=CACHE_SIZE)
def _calls(text: str) -> bool:
    """Return whether a string without braces is a Jinja expression with a call or a filter."""
    if len(text) > MAX_EXPRESSION:
        return True
    try:
        tree = Environment().parse(f"{{{{ {text} }}}}")
    except TemplateSyntaxError:
        return False
    except Exception:  # the expression is too deeply nested
        return True
    return any(tree.find_all((nodes.Call, nodes.Filter)))
