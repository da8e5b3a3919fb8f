# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test which configuration values of an Apono integration count as masked."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.apono.integrations import change_of


def integration(**different: Any) -> dict[str, Any]:
    return {"id": "one", "name": "One", "connector_id": "old", "integration_config": {}, **different}


MASKED = [
    "***", "********", " ***** ", "\u2022\u2022\u2022\u2022", "\u25cf\u25cf\u25cf", "\uff0a\uff0a\uff0a\uff0a",
    "****1234", "AKIA************", "12****34", "ghp_\u2022\u2022\u2022\u2022\u2022\u2022", "***abc***", "pass***",
    "postgres://u:*****@db", "postgres://u:*@db", "https://:**@db/x", "amqp://u:xxxxx@db", "amqp://u:XXXXXX@db",
    "mysql://u:REDACTED@db", "mysql://u:[masked]@db", "Server=db;Password=*****;", '{"password": "***"}',
    "REDACTED", "redacted", "<redacted>", "[REDACTED]", "(redacted)", "{redacted}", "**REDACTED**", "***MASKED***",
    "__REDACTED__", "<hidden>", "(sensitive)", "(sensitive value)", "[FILTERED]", "Bearer <redacted>",
    "sk-[REDACTED]-1", "key=__REDACTED__", "http://u:(sensitive value)@db", "xxxxx", "XXXXXXXX",
    "-----BEGIN KEY-----\n*****\n-----END KEY-----",
]  # fmt: skip
ORDINARY = [
    "", " ", "*", "**", "*.example.com", "**/*.txt", "**/**", "*/5 * * * *", "* * * * *", "0 0 * * 1-5",
    "arn:aws:s3:::bucket/*", "SELECT * FROM a", "2**3", "**bold**", "**Note:** use *this*", "Use ***this one*** first.",
    "* a\n* b\n** c", "\u2022 a\n\u2022 b", "/** comment */", "hidden", "masked", "sensitive", "(hidden) items",
    "**hidden** x", "redacted_customers", "customers_redacted_view",
    "postgres://u@db", "postgres://u:p@db", "https://db/*?a=*", "xx", "xxxx.example.com",
    "GRANT ALL ON *.*", "mailto:*@example.com", "user:*@db",
]  # fmt: skip


@pytest.mark.parametrize("value", MASKED)
@pytest.mark.parametrize("field", ["integration_config", "secret_store_config", "custom_access_details"])
def test_a_masked_value_is_refused(field: str, value: str) -> None:
    content: Any = value if field == "custom_access_details" else {"aws": [{"password": value}]}
    with pytest.raises(InputError) as caught:
        change_of(integration(**{field: content}), "new", None)
    assert caught.value.reason == "refused"
    assert f"'{field}'" in caught.value.message
    assert value not in caught.value.message


@pytest.mark.parametrize("value", ORDINARY)
def test_an_ordinary_value_is_sent_back(value: str) -> None:
    current = integration(integration_config={"a": value}, custom_access_details=value)
    change = change_of(current, "new", None)
    assert change["integration_config"] == {"a": value}
    assert change["custom_access_details"] == value
