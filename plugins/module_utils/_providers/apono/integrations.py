# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""List Apono integrations, and move an integration to another connector.

A request that changes an integration replaces it. The vendor does not document whether such a request clears the fields
that it omits, so a move sends all fields back. The module refuses a move if a field cannot be sent back safely. The
configuration of an integration can contain secrets, so results, diffs and messages never contain its values.

Source: the OpenAPI document of the vendor's Terraform provider (v4).
"""

from __future__ import annotations

import typing as t

from ..._client import ApiClient, segment
from ..._errors import InputError
from ..._evidence import ListReader, content_of, object_content, require_identity, verifying, without_effect
from ..._mappings import picked, without_none
from ..._masked_values import masked_place
from ..._plan import Item, Object, first_of, shown, with_documented
from ..._response import Response
from ..._secret_names import OPEN_VALUES
from ..._secret_values import secrets_of_address
from .client import INTEGRATIONS, confirm_missing, pages

# An integration with its configuration, in the format of the API.
Integration = dict[str, t.Any]

FIELDS = ("id", "name", "type", "category", "status", "connector_id", "last_sync_time")
# Fields of a request that changes an integration. The first two fields are required.
CHANGE = (
    "name", "integration_config", "connector_id", "secret_store_config", "connected_resource_types",
    "custom_access_details", "owner", "owners_mapping",
)  # fmt: skip
# Fields that can change on the server as a result of a move.
VOLATILE = frozenset({"connector_id", "status", "last_sync_time"})
OWNERS: t.Mapping[str, tuple[str, ...]] = {
    "owner": ("attribute_type", "attribute_value"),
    "owners_mapping": ("key_name", "attribute_type"),
}
SOURCES = ("source_integration_id", "source_integration_name")
# Minimum length of a configured value that is removed from the error messages of Apono although its key does not name a
# secret.
SHORTEST_SECRET = 8
# Values that error messages can show even if their keys name a secret, for example ``rotate_password: "yes"``.
FLAGS = OPEN_VALUES | {"yes", "no", "on", "off"}


def integrations(http: ApiClient, connector_ids: t.Sequence[str] = (), requires_names: bool = False) -> list[Object]:
    """Return the integrations without their configuration, in the order in which the server returns them.

    :param connector_ids: return only integrations that use these connectors. The server ignores case, but the
        client does not.
    :param requires_names: whether the caller selects an integration by its name.
    :raises InvalidResponse: a response is not a valid page, or the list does not end.
    """
    query = [("connector_id", identifier) for identifier in connector_ids]
    found: list[Object] = []
    for entries in pages(http, INTEGRATIONS, query, ListReader("integrations"), requires_names):
        found += map(public, entries)
    if not connector_ids:
        return found
    return [item for item in found if item["connector_id"] in connector_ids]


def public(integration: Item) -> Object:
    """Return the documented fields of an integration, without its configuration."""
    return with_documented(picked(integration, FIELDS), FIELDS)


def integration(http: ApiClient, identifier: str) -> Integration | None:
    """Return one integration with its configuration, or None if no integration has this ID.

    :raises InvalidResponse: the response contains a different object, or is a 404 that is not from the API.
    """
    response = http.get(_path(identifier), expect=(404,))
    if response.status == 404:
        confirm_missing(http, response, INTEGRATIONS, "integration", identifier)
        return None
    item = object_content(response, "an integration")
    require_identity(response, "integration with the id", identifier, item.get("id"))
    if not isinstance(item.get("name"), str) or not isinstance(item.get("integration_config"), dict):
        raise response.malformed("an integration without 'name' or 'integration_config'")
    http.proven_collections.add(INTEGRATIONS)
    return item


def check_parameters(parameters: t.Mapping[str, object] | None) -> None:
    """Check the secrets that Apono is to store for an integration.

    :raises InputError: there are no secrets, or a value is not a string. The message does not contain any value.
    """
    if parameters is None:
        return
    if not parameters:
        raise InputError("Option 'secret_parameters' is empty. Specify the secrets, or omit the option.")
    for name, value in parameters.items():
        if not isinstance(value, str):
            raise InputError(
                f"The value of '{name}' in 'secret_parameters' is not a string. Put numbers, dates and booleans in"
                " quotes."
            )


def change_of(current: Integration, connector_id: str, parameters: t.Mapping[str, str] | None) -> Integration:
    """Return the request body that moves an integration to a connector.

    :param parameters: the secrets that Apono itself stores for the integration; None if the user did not specify them.
    :raises InputError: a field cannot be sent back safely.
    """
    change = without_none(picked(current, CHANGE))
    change["connector_id"] = connector_id
    for key, names in OWNERS.items():
        if key in change:
            change[key] = _owner_of(current, key, names)
    _add_secrets(change, current, parameters)
    for key in ("integration_config", "custom_access_details"):
        _refuse_masked(current, key, change.get(key))
    if parameters is None:
        _refuse_masked(current, "secret_store_config", current.get("secret_store_config"))
    return change


def _add_secrets(change: Integration, current: Integration, parameters: t.Mapping[str, str] | None) -> None:
    """Add the secrets to the request body that moves an integration, if Apono itself stores them.

    :raises InputError: the specified secrets are not those that Apono stores.
    """
    store = change.get("secret_store_config")
    if isinstance(store, dict):
        # A response can contain the unused stores as null. A request must contain exactly one store.
        change["secret_store_config"] = without_none(store)
    if _stores_secrets(store):
        change["secret_store_config"]["apono"] = {"parameters": _parameters(current, parameters)}
    elif parameters is not None:
        raise InputError(
            f"Apono does not store the secrets of the integration {_named(current)}. Omit 'secret_parameters'."
        )


def move(http: ApiClient, current: Integration, change: Integration) -> Integration:
    """Move an integration to another connector, then read the integration again and return it.

    :raises InvalidResponse: the integration does not use the new connector, or the move changed other fields.
    :raises OutcomeUnknown: the integration cannot be read after the move.
    """
    identifier = str(current["id"])
    _learn_configuration(http, current, change)
    response = http.request("PUT", _path(identifier), payload=change)
    with verifying(http, f"moving the integration '{identifier}' to the new connector"):
        after = integration(http, identifier)
    if after is None:
        raise response.malformed(f"a success status although the integration '{identifier}' no longer exists")
    _require_moved(response, current, change, after)
    return after


def _require_moved(response: Response, current: Integration, change: Integration, after: Integration) -> None:
    """Check that a move gave an integration the new connector, and did not change any other field.

    :raises InvalidResponse: the integration does not use the new connector, or the move changed other fields.
    """
    named = f"the integration '{current['id']}'"
    is_moved = after.get("connector_id") == change["connector_id"]
    changed = sorted(key for key in current.keys() - VOLATILE if _is_lost(current, after, key))
    if not is_moved and after.get("connector_id") != current.get("connector_id"):
        changed.append("connector_id")
    if changed:
        fields = ", ".join(map(repr, changed))
        effect = f"moving {named} also changed {fields}"
        if not is_moved:
            effect = f"Apono changed {fields} and did not move {named} to the new connector"
        remedy = f"However, {effect}. Check the integration in the Apono portal."
        raise response.unusable("a success status", remedy=remedy).with_change()
    if not is_moved:
        content = content_of(response)
        if isinstance(content, dict) and content.get("id") == current["id"]:
            content["status"] = None  # the status of an integration does not describe the request
        raise without_effect(response, f"moving {named} to the new connector", content)


def _learn_configuration(http: ApiClient, current: Integration, change: Integration) -> None:
    """Register the configured values that an error message of Apono must not show.

    The secrets that Apono stores, and the values of keys such as ``password``, are secret regardless of their length,
    except for flags and single characters.
    """
    params = picked(change, ("integration_config", "custom_access_details"))
    if _stores_secrets(current.get("secret_store_config")):
        params["secrets"] = _stored_parameters(current)
    http.learn_parameters(_without_flags(params))
    http.learn_secrets(_configured_values(http, current, change))


def _configured_values(http: ApiClient, current: Integration, change: Integration) -> set[str]:
    """Return the long values in the configuration of an integration, because their keys may not reveal secrets.

    Short values are often ordinary words. Parts of the URL, and of the names and IDs that identify the integration and
    its connectors, are not secret, and messages must contain them.
    """
    public_values = [http.settings.api_url, INTEGRATIONS, change["connector_id"], *map(current.get, FIELDS)]
    known = "\n".join(map(str, public_values))
    found: set[str] = set()
    for key in ("integration_config", "secret_store_config", "custom_access_details"):
        for text in _strings_in(change.get(key)):
            found.update((text, *map(str.strip, text.splitlines()), *secrets_of_address(text)))
    return {text for text in found if len(text) >= SHORTEST_SECRET and text not in known}


def _without_flags(value: t.Any) -> t.Any:
    """Replace the flags and single characters in a JSON value by null.

    They also occur within words, IDs and ports, so a message without them would be unreadable.
    """
    if isinstance(value, dict):
        return {key: _without_flags(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(_without_flags, value))
    text = str(value).strip().lower()
    if len(text) < 2 or text in FLAGS:
        return None
    return value


def _strings_in(value: object) -> t.Iterator[str]:
    """Yield all strings in a JSON value, except for keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings_in(item)


def _is_lost(before: Integration, after: Integration, key: str) -> bool:
    """Return whether moving an integration changed a documented field or removed an undocumented field."""
    old, new = before[key], after.get(key)
    if key == "secret_store_config" and _stores_secrets(old):
        return not isinstance(new, dict) or set(new) != set(old)
    if key in (*CHANGE, *FIELDS):
        return bool(old != new)
    return old is not None and new is None


def _stores_secrets(store: object) -> bool:
    """Return whether Apono itself stores the secrets of an integration.

    If no store has a value, an entry for Apono can mean that Apono does not return the secrets.
    """
    if not isinstance(store, dict) or "apono" not in store:
        return False
    if store["apono"] is not None:
        return True
    return not without_none(store)


def _refuse_masked(current: Integration, key: str, value: object) -> None:
    place = masked_place(key, value)
    if place is None:
        return
    raise InputError(
        f"The integration {_named(current)} was not moved: {place} looks masked, and moving the integration would"
        " replace a secret with its mask. Move the integration in the Apono portal.",
        reason="refused",
    )


def _parameters(current: Integration, parameters: t.Mapping[str, str] | None) -> dict[str, str]:
    if parameters is None:
        raise InputError(
            f"The integration {_named(current)} was not moved: Apono stores its secrets, and moving the"
            " integration could erase the secrets. Specify the secrets in 'secret_parameters'.",
            reason="refused",
        )
    missing = [f"'{shown(name)}'" for name in sorted(set(_stored_parameters(current)) - set(parameters))]
    if missing:
        raise InputError(
            f"The integration {_named(current)} was not moved: 'secret_parameters' does not contain"
            f" {first_of(missing, 20)}, and moving the integration could erase secrets. Specify all secrets that Apono"
            " stores for the integration.",
            reason="refused",
        )
    return dict(parameters)


def _stored_parameters(current: Integration) -> Object:
    """Return the secrets that Apono stores for an integration, or an empty dictionary if Apono omits them."""
    store = current["secret_store_config"]["apono"]
    if not isinstance(store, dict):
        return {}
    parameters = store.get("parameters")
    if not isinstance(parameters, dict):
        return {}
    return parameters


def _owner_of(current: Integration, key: str, names: t.Collection[str]) -> Object:
    """Convert an owner to the request format, which contains one source reference instead of the source ID and name."""
    owner = current[key]
    if not isinstance(owner, dict) or not set(owner) <= {*names, *SOURCES}:
        raise InputError(
            f"The integration {_named(current)} was not moved: '{key}' has an undocumented format, and moving the"
            " integration could erase a part of this value. Move the integration in the Apono portal.",
            reason="refused",
        )
    change = picked(owner, names)
    source = owner.get(SOURCES[0]) or owner.get(SOURCES[1])
    if source is not None:
        change["source_integration_reference"] = source
    return change


def _named(integration: Integration) -> str:
    return f"'{shown(integration['name'])}' ({integration['id']})"


def _path(identifier: str) -> str:
    return f"{INTEGRATIONS}/{segment(identifier)}"
