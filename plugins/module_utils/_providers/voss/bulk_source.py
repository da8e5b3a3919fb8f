# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Read the desired customers of a bulk run from the task options or from a file.

The code that reads files is imported only if the task uses a file.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ..._errors import InputError
from ..._plan import Object
from . import options
from .customer import DesiredCustomer
from .model import PASSWORDS

# Attributes that are secret, or that can contain secrets.
SECRET_PARTS = frozenset({*PASSWORDS, "http_proxy", "extra_attributes"})

OPTIONS: options.Options = {
    "src": {"type": "path"},
    "src_options": {
        "type": "dict",
        "options": {
            "encoding": {"type": "str"},
            "delimiter": {"type": "str", "choices": [",", ";", "|", "\t"]},
            "sheet": {"type": "str"},
            "columns": {"type": "dict"},
            "ignore_columns": {"type": "list", "elements": "str"},
        },
    },
}


def read_customers(params: t.Mapping[str, t.Any]) -> list[Object]:
    """Return the customers in the file that ``src`` specifies.

    :raises InputError: the file cannot be read or is not valid. The message does not contain values from the file.
    """
    from ..._source_file import read_source
    from ..._tables import MissingLibrary, TableOptions, UnusableFile
    from . import customer_files

    src = params["src"]
    given = {name: value for name, value in (params["src_options"] or {}).items() if value is not None}
    try:
        table_options = TableOptions(**given)
        return customer_files.customers_from(read_source(src), table_options, params["state"] == "absent")
    except MissingLibrary as error:
        raise InputError(f"Cannot read the file '{src}': {error}") from None
    except UnusableFile as error:
        raise InputError(f"The file '{src}' is not valid: {error}. Nothing was changed.") from None


def secret_parts(entries: t.Iterable[Object]) -> list[Object]:
    """Return the secret attributes of each customer that has any."""
    found: list[Object] = []
    for entry in entries:
        names = SECRET_PARTS & entry.keys()
        if names:
            found.append({name: entry[name] for name in names})
    return found


def desired_customers(entries: t.Iterable[Object], scope: str) -> list[DesiredCustomer]:
    """Return the desired state of each customer in a list.

    :param scope: the node to which the task is limited. It is also the default node for the customers.
    :raises InputError: see :func:`options.desired_customer_from`.
    """
    desired: list[DesiredCustomer] = []
    for entry in entries:
        pkid = entry.pop("pkid", None)
        customer = options.desired_customer_from(entry, entry.get("hierarchy") or scope, scope)
        desired.append(dataclasses.replace(customer, exported_pkid=pkid) if pkid else customer)
    return desired
