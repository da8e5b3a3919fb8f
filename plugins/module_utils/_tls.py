# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""TLS: one context a run, out of the connection settings, shared by all connections."""

from __future__ import annotations

import os
import ssl
import traceback
import typing as t
from urllib.parse import urlsplit

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import SettingsError
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import Settings

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError:
    HTTPAdapter = object  # type: ignore[assignment,misc]
else:
    URLLIB3_1 = urllib3.__version__.startswith("1.")  # type: ignore[attr-defined]


class TlsAdapter(HTTPAdapter):
    """An adapter whose connections share one TLS context: requests would load the CA bundle anew for each."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        return super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: t.Any, **kwargs: t.Any) -> t.Any:
        # urllib3 1 would not look whether a certificate is for this proxy if it were given a context for it.
        of_proxy = {} if URLLIB3_1 else {"proxy_ssl_context": self._context}
        return super().proxy_manager_for(proxy, ssl_context=self._context, **of_proxy, **kwargs)

    def build_connection_pool_key_attributes(self, request: t.Any, verify: t.Any, cert: t.Any = None) -> t.Any:
        parts = urlsplit(request.url)
        return {"scheme": parts.scheme.lower(), "host": parts.hostname, "port": parts.port}, {}

    def cert_verify(self, conn: t.Any, url: t.Any, verify: t.Any, cert: t.Any) -> None:
        """The context knows it all: what requests would set here makes urllib3 load the bundle again."""


NOT_FOR_THIS_HOST = (62, 64)  # of OpenSSL: the name, or the address, is none of the certificate's
EXPIRED = 10


def _is_of_urllib3(cause: BaseException) -> bool:
    """Whether urllib3 itself found that the certificate is for another host, after the handshake."""
    return type(cause).__name__ == "CertificateError"


def nothing_was_sent(cause: BaseException) -> bool:
    """Whether TLS failed before there was a connection. OpenSSL says only what is wrong, not when."""
    return _is_of_urllib3(cause) or any(
        frame.f_code.co_name == "do_handshake" for frame, _line in traceback.walk_tb(cause.__traceback__)
    )


def tls_hint(cause: BaseException) -> str:
    """What to do about a TLS connection that failed."""
    code = getattr(cause, "verify_code", None)
    if code in NOT_FOR_THIS_HOST or _is_of_urllib3(cause):
        return "Give a name that the certificate has in 'api_url'."
    if code == EXPIRED:
        return "Have the certificate renewed, and see whether the clock of this machine is right."
    if code is None:
        return "See whether the port of 'api_url' is one for https, and whether it wants a 'client_cert'."
    return "If its certificate is right but not publicly trusted, give the authority's certificate in 'ca_path'."


def tls_context(settings: Settings) -> ssl.SSLContext:
    bundle = settings.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or None
    try:
        if bundle and os.path.isdir(bundle):
            context = ssl.create_default_context(capath=bundle)
        else:
            context = ssl.create_default_context(cafile=bundle)
        if not bundle and not context.cert_store_stats()["x509_ca"]:
            context.load_verify_locations(requests.utils.DEFAULT_CA_BUNDLE_PATH)
        if settings.client_cert:
            context.load_cert_chain(settings.client_cert, settings.client_key)
    except (OSError, ValueError) as error:
        files = {
            "'ca_path'" if settings.ca_path else "REQUESTS_CA_BUNDLE": bundle,
            "'client_cert'": settings.client_cert,
            "'client_key'": settings.client_key,
        }
        named = ", ".join(f"{name} ({path})" for name, path in files.items() if path)
        raise SettingsError(
            f"The certificates of {named} cannot be used: {getattr(error, 'strerror', None) or error}."
            " They have to be files in PEM format that can be read here."
        ) from None
    # Python 3.13 demands extensions that the self-made certificates of appliances do not have; curl and Python 3.12 do
    # not.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    # urllib3 1 compares host names itself; the context would refuse an IP address, for which it is given no name.
    if not settings.validate_certs or URLLIB3_1:
        context.check_hostname = False
    if not settings.validate_certs:
        context.verify_mode = ssl.CERT_NONE
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return context
