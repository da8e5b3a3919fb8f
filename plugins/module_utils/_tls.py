# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""TLS: one context a run, out of the connection settings, shared by all connections."""

from __future__ import annotations

import os
import ssl
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import SettingsError
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import Settings

try:
    import requests
    import urllib3
except ImportError:
    URLLIB3_1 = False
else:
    URLLIB3_1 = urllib3.__version__.startswith("1.")  # type: ignore[attr-defined]

NOT_FOR_THIS_HOST = (62, 64)  # of OpenSSL: the name, or the address, is none of the certificate's
EXPIRED = 10
PARTIAL_CHAIN = 0x80000  # ssl.VERIFY_X509_PARTIAL_CHAIN, which Python names since 3.10


def _is_of_urllib3(cause: BaseException) -> bool:
    """Whether urllib3 itself found that the certificate is for another host, after the handshake."""
    return type(cause).__name__ == "CertificateError"


def is_of_tls(cause: BaseException) -> bool:
    """Return whether an error is one of TLS."""
    return isinstance(cause, ssl.SSLError) or _is_of_urllib3(cause)


def tls_hint(cause: BaseException, settings: Settings) -> str:
    """Return what to do about a TLS connection that failed."""
    code = getattr(cause, "verify_code", None)
    if code in NOT_FOR_THIS_HOST or _is_of_urllib3(cause):
        return "Give a name that the certificate has in 'api_url'."
    if code == EXPIRED:
        return "Have the certificate renewed, and see whether the clock of this machine is right."
    if code is None and settings.client_cert:
        return (
            "See whether the port of 'api_url' is one for https, and whether it accepts the certificate in"
            f" 'client_cert' ({settings.client_cert})."
        )
    if code is None:
        return "See whether the port of 'api_url' is one for https, and whether it wants a 'client_cert'."
    name, bundle = _bundle(settings)
    if bundle:
        return (
            f"No certificate in {name} ({bundle}) is the server's or that of the authority that issued it."
            " Set 'ca_path' to the PEM file with the certificate of this authority."
        )
    return "If its certificate is right but not publicly trusted, give the authority's certificate in 'ca_path'."


def _bundle(settings: Settings) -> tuple[str, str | None]:
    """Return what names the file or directory with the authorities to trust, and its path; None for those of the
    machine.
    """
    if settings.ca_path:
        return "'ca_path'", settings.ca_path
    return "REQUESTS_CA_BUNDLE", os.environ.get("REQUESTS_CA_BUNDLE") or None


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Return the TLS context of a run.

    :raises SettingsError: a certificate or a key cannot be used.
    """
    context = _trusting(settings)
    if settings.client_cert:
        _present(context, settings.client_cert, settings)
    # Python 3.13 demands extensions that the self-made certificates of appliances do not have; curl and Python 3.12 do
    # not. It also trusts a certificate in 'ca_path' that is not one of an authority; Python 3.12 does not by itself.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    context.verify_flags |= getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", PARTIAL_CHAIN)
    # urllib3 1 compares host names itself; the context would refuse an IP address, for which it is given no name.
    if not settings.validate_certs or URLLIB3_1:
        context.check_hostname = False
    if not settings.validate_certs:
        context.verify_mode = ssl.CERT_NONE
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return context


def _trusting(settings: Settings) -> ssl.SSLContext:
    """Return a context with the authorities to trust."""
    name, bundle = _bundle(settings)
    try:
        if bundle and os.path.isdir(bundle):
            return ssl.create_default_context(capath=bundle)
        context = ssl.create_default_context(cafile=bundle)
        if not bundle and not context.cert_store_stats()["x509_ca"]:
            context.load_verify_locations(requests.utils.DEFAULT_CA_BUNDLE_PATH)
        return context
    except (OSError, ValueError) as error:
        raise _unusable(error, {name: bundle}) from None


def _present(context: ssl.SSLContext, certificate: str, settings: Settings) -> None:
    """Have the context present a client certificate."""

    def password() -> str:
        # Without a function, OpenSSL would ask on the terminal.
        if settings.client_key_password is None:
            raise SettingsError(
                f"The private key in '{settings.client_key or certificate}' is encrypted. Set 'client_key_password'."
            )
        return settings.client_key_password

    try:
        context.load_cert_chain(certificate, settings.client_key, password)
    except (OSError, ValueError) as error:
        files = {"'client_cert'": certificate, "'client_key'": settings.client_key}
        raise _unusable(error, files, settings.client_key_password is not None) from None


def _unusable(error: Exception, files: t.Mapping[str, str | None], encrypted: bool = False) -> SettingsError:
    named = ", ".join(f"{name} ({path})" for name, path in files.items() if path)
    hint = " Check 'client_key_password' as well." if encrypted else ""
    return SettingsError(
        f"The certificates of {named} cannot be used: {getattr(error, 'strerror', None) or error}."
        f" They have to be files in PEM format that can be read here.{hint}"
    )
