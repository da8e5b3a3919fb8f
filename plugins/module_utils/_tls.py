# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Create the TLS context that all connections of a run share, and explain TLS errors."""

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

NOT_FOR_THIS_HOST = (62, 64)  # OpenSSL: host name mismatch, IP address mismatch
EXPIRED = 10
PARTIAL_CHAIN = 0x80000  # Python 3.10 added ssl.VERIFY_X509_PARTIAL_CHAIN


def _is_of_urllib3(cause: BaseException) -> bool:
    """Return whether urllib3 itself found, after the handshake, that the certificate is for a different host."""
    return type(cause).__name__ == "CertificateError"


def is_of_tls(cause: BaseException) -> bool:
    """Return whether an error is a TLS error."""
    return isinstance(cause, ssl.SSLError) or _is_of_urllib3(cause)


def tls_hint(cause: BaseException, settings: Settings) -> str:
    """Return the remedy for a TLS error."""
    code = getattr(cause, "verify_code", None)
    if code in NOT_FOR_THIS_HOST or _is_of_urllib3(cause):
        return "Set the host in 'api_url' to a name that the certificate contains."
    if code == EXPIRED:
        return "Renew the certificate, and check the clock of this machine."
    if code is None and settings.client_cert:
        return (
            "Check that the port of 'api_url' uses HTTPS, and that the server accepts the certificate in 'client_cert'"
            f" ({settings.client_cert})."
        )
    if code is None:
        return "Check that the port of 'api_url' uses HTTPS. Set 'client_cert' if the server requires a certificate."
    name, bundle = _bundle(settings)
    if bundle:
        return (
            f"Neither the certificate of the server nor that of its issuer is in {name} ({bundle})."
            " Set 'ca_path' to a PEM file with the certificate of the issuer."
        )
    return "If a private authority issued the certificate, set 'ca_path' to a PEM file with its certificate."


def _bundle(settings: Settings) -> tuple[str, str | None]:
    """Return the option or variable with the trusted authorities, and its path; None for those of the machine."""
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
    # By default, Python 3.13 requires extensions that the self-signed certificates of appliances do not have. It also
    # trusts a certificate in 'ca_path' that is not one of an authority. Python 3.12 does neither by default.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    context.verify_flags |= getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", PARTIAL_CHAIN)
    # urllib3 1 compares host names itself, and does not pass the name that the context needs for an IP address.
    if not settings.validate_certs or URLLIB3_1:
        context.check_hostname = False
    if not settings.validate_certs:
        context.verify_mode = ssl.CERT_NONE
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return context


def _trusting(settings: Settings) -> ssl.SSLContext:
    """Return a context with the trusted authorities."""
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
    """Load the client certificate and its key into the context."""

    def password() -> str:
        # Without this function, OpenSSL would prompt for the password on the terminal.
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
        f"Cannot load the certificates of {named}: {getattr(error, 'strerror', None) or error}."
        f" Check that each file is readable and in PEM format.{hint}"
    )
