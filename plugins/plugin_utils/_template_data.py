# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Mark strings of a service, so that Ansible never evaluates them as templates.

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

CACHE_SIZE = 10_000
# Maximum length of a string that is parsed as an expression. A longer string counts as an expression.
MAX_EXPRESSION = 1000
# Templates start with braces. A ``#jinja2`` header can replace the braces with different characters.
_TEMPLATE = re.compile(r"[{}]|#\s*jinja2", re.IGNORECASE)
_CALL = re.compile(r"[(|]")


def missing_function() -> str | None:
    """Return the name of a function for marks that this ansible-core should have but does not; else None."""
    if _MARKS_UNSAFE:
        return None
    functions = {"trust_as_template": _trust, "is_trusted_as_template": _is_trusted}
    return next((name for name, function in functions.items() if function is None), None)


def is_trusted_as_template(value: object) -> bool:
    """Return whether Ansible evaluates a string as a template."""
    if _is_trusted is None:
        return not hasattr(value, "__UNSAFE__")
    return bool(_is_trusted(value))


def is_marked(value: t.Any) -> bool:
    """Return whether a part of a value is marked as unsafe, so that results of templates with it are marked as well."""
    if not _MARKS_UNSAFE:
        return False
    if isinstance(value, Mapping):
        return any(is_marked(inner) for inner in value.values())
    if isinstance(value, list):
        return any(is_marked(inner) for inner in value)
    return hasattr(value, "__UNSAFE__")


def as_data(value: t.Any) -> t.Any:
    """Return plain values of a service so that Ansible never evaluates them.

    Only strings that could start a template are marked as no templates, because AWX stores marked strings as
    dictionaries.
    """
    if isinstance(value, str):
        return _string_data(value)
    if isinstance(value, Mapping):
        return {_key_data(name): as_data(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_data(item) for item in value]
    return value


def exported(value: t.Any) -> t.Any:
    """Return a composed value whose inert strings are marked so that Ansible exports them unchanged."""
    if isinstance(value, str) and _is_inert(value):
        return _mark_inert(value)
    if isinstance(value, Mapping):
        return {name: exported(item) for name, item in value.items()}
    if isinstance(value, list):
        return [exported(item) for item in value]
    return value


def without_origin(value: t.Any) -> t.Any:
    """Return expressions of a file without their position in the file.

    Ansible adds the lines around the position to error messages, and these lines can contain secrets.
    """
    if missing_function():
        return value
    if isinstance(value, Mapping):
        return {without_origin(name): without_origin(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_origin(inner) for inner in value]
    if not isinstance(value, str):
        return value
    text = "".join(value)
    return _mark_inert(text) if is_trusted_as_template(value) else _mark_no_template(text)


@functools.lru_cache(maxsize=CACHE_SIZE)
def _string_data(text: str) -> str:
    return _mark_inert(text) if _is_inert(text) else _mark_no_template(text)


def _key_data(name: str) -> str:
    return name if _is_inert(name) else _mark_no_template(name)


def _mark_inert(text: str) -> str:
    """Return a string that Ansible exports unchanged. Since ansible-core 2.19, that is a trusted string."""
    return "".join(text) if _trust is None else t.cast(str, _trust(text))


def _mark_no_template(text: str) -> str:
    """Return a string that Ansible does not evaluate as a template."""
    return t.cast(str, wrap_var(text)) if _MARKS_UNSAFE else text


def _is_inert(text: str) -> bool:
    """Return whether Ansible can only display a string, because the string contains no template and no call.

    Conditions and the option ``var`` of M(ansible.builtin.debug) evaluate strings without braces.
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
    except Exception:  # the expression is nested too deeply
        return True
    return tree.find(nodes.Call) is not None or tree.find(nodes.Filter) is not None
