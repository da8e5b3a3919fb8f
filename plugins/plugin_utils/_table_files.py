# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read files for lookup plugins, including files that are encrypted with Ansible Vault."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._errors import InputError
from ..module_utils._source_file import read_source
from ..module_utils._tables import MissingLibrary, TableOptions, UnusableFile

Content = t.TypeVar("Content")


def read_file(
    plugin: LookupBase, term: str, variables: dict[str, t.Any], parse: t.Callable[[bytes], Content]
) -> Content:
    """Read a file, pass its content to ``parse``, and return the result.

    :param term: the path. A relative path is resolved using Ansible's search path.
    :param parse: converts the content, or raises :class:`UnusableFile` if the content is not valid.
    :raises AnsibleLookupError: the file does not exist, cannot be read, or is not valid.
    """
    path = plugin.find_file_in_search_path(variables, "files", term, ignore_missing=True)
    if not path:
        raise AnsibleLookupError(f"Cannot find the file '{term}' in the search path of Ansible. Check the path.")
    try:
        return parse(_decrypted(plugin._loader, path))
    except InputError as error:
        raise AnsibleLookupError(error.message) from None
    except (AnsibleError, OSError, MissingLibrary) as error:
        raise AnsibleLookupError(f"Cannot read the file '{term}': {error}") from None
    except UnusableFile as error:
        raise AnsibleLookupError(f"The file '{term}' is not valid: {error}.") from None


def table_options(plugin: LookupBase) -> TableOptions:
    """Return the table options of a lookup plugin."""
    return TableOptions(
        encoding=plugin.get_option("encoding"),
        delimiter=plugin.get_option("delimiter"),
        columns=plugin.get_option("columns") or {},
        ignore_columns=plugin.get_option("ignore_columns") or (),
    )


def _decrypted(loader: t.Any, path: str) -> bytes:
    real = loader.get_real_file(path)
    try:
        return read_source(real)
    finally:
        loader.cleanup_tmp_file(real)
