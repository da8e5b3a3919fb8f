# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Create the TLS context for all connections of a run, and explain TLS errors."""

from __future__ import annotations

import os
import ssl

from ._errors import SettingsError, cause_of
from ._settings import Settings
from ._source_file import shown_path

try:
    import requests
    import urllib3
except ImportError:
    URLLIB3_1 = False
else:
    URLLIB3_1 = urllib3.__version__.startswith("1.")  # type: ignore[attr-defined]

# Error codes of OpenSSL: host name mismatch and IP address mismatch.
NOT_FOR_THIS_HOST = (62, 64)
EXPIRED = 10
READABLE_FILES = "Check that each file is readable and in PEM format."
# Value of ssl.VERIFY_X509_PARTIAL_CHAIN, which Python 3.9 does not define.
PARTIAL_CHAIN = 0x80000


def _is_of_urllib3(cause: BaseException) -> bool:
    """Return whether urllib3 rejected the certificate after the handshake because of a host name mismatch."""
    return type(cause).__name__ == "CertificateError"


def is_of_tls(cause: BaseException) -> bool:
    """Return whether an exception is caused by TLS."""
    return isinstance(cause, ssl.SSLError) or _is_of_urllib3(cause)


def is_closed(cause: BaseException) -> bool:
    """Return whether the server closed a TLS connection without an explanation, for example while it restarts."""
    return isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError))


def tls_hint(cause: BaseException, settings: Settings) -> str:
    """Return a sentence that explains how to resolve a TLS error."""
    code = getattr(cause, "verify_code", None)
    if code in NOT_FOR_THIS_HOST or _is_of_urllib3(cause):
        return "Set the host in 'api_url' to a name that the certificate contains."
    if code == EXPIRED:
        return "Renew the certificate, and check the clock of this machine."
    if code is None:
        if settings.client_cert:
            return (
                "Check that the port of 'api_url' uses HTTPS, and that the server accepts the certificate in"
                f" 'client_cert' ({shown_path(settings.client_cert)})."
            )
        return (
            "Check that the port of 'api_url' uses HTTPS. Set 'client_cert' if the server requires a client"
            " certificate."
        )
    name, bundle = _bundle(settings)
    if bundle:
        return (
            f"The trusted certificates in {name} ({shown_path(bundle)}) do not include the certificate of the server or"
            " of its issuer. Set 'ca_path' to a PEM file with the certificate of the issuer."
        )
    return (
        "If a private authority issued the certificate, set 'ca_path' to a PEM file with the authority's certificate."
    )


def _bundle(settings: Settings) -> tuple[str, str]:
    """Return the name and the value of the option or environment variable that specifies the trusted CA certificates.

    An empty value means the trust store of the operating system.
    """
    if settings.ca_path:
        return "'ca_path'", settings.ca_path
    return "REQUESTS_CA_BUNDLE", os.environ.get("REQUESTS_CA_BUNDLE", "")


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Return the TLS context for a run.

    :raises SettingsError: a certificate or a key cannot be used.
    """
    context = _trusting(settings)
    if settings.client_cert:
        _present(context, settings.client_cert, settings)
    # Set these flags explicitly, because Python 3.13 changed the defaults.
    # Strict mode rejects the self-signed certificates of many appliances, which lack required extensions.
    # A partial chain allows 'ca_path' to contain the certificate of the server itself.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    context.verify_flags |= getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", PARTIAL_CHAIN)
    # urllib3 1 checks host names itself. For an IP address, it does not pass the host name that this check requires.
    context.check_hostname = settings.validate_certs and not URLLIB3_1
    if not settings.validate_certs:
        context.verify_mode = ssl.CERT_NONE
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return context


def _trusting(settings: Settings) -> ssl.SSLContext:
    """Return a TLS context that trusts the configured certificate authorities."""
    name, bundle = _bundle(settings)
    try:
        if os.path.isdir(bundle):
            return ssl.create_default_context(capath=bundle)
        context = ssl.create_default_context(cafile=bundle)
        if not bundle and not context.cert_store_stats()["x509_ca"]:
            context.load_verify_locations(requests.utils.DEFAULT_CA_BUNDLE_PATH)
        return context
    except (OSError, ValueError) as error:
        raise _unusable(error, f"{name} ({shown_path(bundle)})") from None


def _present(context: ssl.SSLContext, certificate: str, settings: Settings) -> None:
    """Load the client certificate and the private key into the context."""

    def password() -> str:
        # Without a password function, OpenSSL would prompt for the password in the terminal.
        if not settings.client_key_password:
            file = shown_path(settings.client_key or certificate)
            raise SettingsError(f"The private key in '{file}' is encrypted. Set 'client_key_password'.")
        return settings.client_key_password

    try:
        context.load_cert_chain(certificate, settings.client_key, password)
    except (OSError, ValueError) as error:
        files = f"'client_cert' ({shown_path(certificate)})"
        if settings.client_key:
            files += f", 'client_key' ({shown_path(settings.client_key)})"
        remedy = READABLE_FILES
        if settings.client_key_password:
            remedy += " Check 'client_key_password' as well."
        raise _unusable(error, files, remedy) from None


def _unusable(error: Exception, files: str, remedy: str = READABLE_FILES) -> SettingsError:
    return SettingsError(f"Cannot load the certificates of {files}: {cause_of(error)}. {remedy}")
