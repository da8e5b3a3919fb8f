#!/usr/bin/python

# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acme_relay_info
short_description: List relays of Acme Relay
version_added: 1.0.0
description:
  - Lists the relays of a site.
author:
  - hybrid.connectors contributors (@hybrid-connectors)
extends_documentation_fragment:
  - hybrid.connectors.attributes.info
  - hybrid.connectors.acme
options:
  site:
    description:
      - Name of the site.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: List the relays of a site
  hybrid.connectors.acme_relay_info:
    site: main
"""

RETURN = r"""
relays:
  description: The relays, sorted by name.
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.hybrid.connectors.plugins.module_utils._module import Context, Params, Result, run
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.acme.provider import Acme

PROVIDER = Acme()
SPEC = PROVIDER.spec


def acme_relay_info(params: Params, context: Context) -> Result:
    PROVIDER.check(params)
    return {"changed": False, "relays": PROVIDER.items(context.http, params, context.warn)}


def main() -> None:
    run(SPEC, acme_relay_info)


if __name__ == "__main__":
    main()
