# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide difficult secrets with all their encodings, and search the places where a secret could leak."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from support.playbooks import Played
from support.simulator import CREDENTIALS

SITE = str(Path(__file__).resolve().parent / "site")
USER = "user-of-a-canary"
STEM = "kanarienvogel"
SEEN_EVERY = 0.1  # Interval in seconds at which the process list is read.
PIECE = 24  # Length of the part of a long secret that counts as a leak.


def _long(label: str) -> str:
    return STEM + label + "".join(hashlib.sha256(f"{label}{number}".encode()).hexdigest() for number in range(48))


# A secret of each kind for a label. Tokens must be ASCII without blanks.
KINDS: dict[str, Any] = {
    "plain": lambda label: f"{STEM}-{label}",
    "contained": lambda label: STEM + "-x" * (1 + len(label)),
    "markup": lambda label: f"{STEM}<b>&\"'{label}/%+=\\n;",
    "pattern": lambda label: f"{STEM}.*({label}|[0-9]+)?$^\\d{{2}}\\1",
    "base64": lambda label: base64.b64encode(f"{STEM}?{label}>>>".encode()).decode(),
    "encoded": lambda label: quote(f"{STEM}/{label} =+", safe=""),
    "template": lambda label: f"{STEM}{{{{{label}}}}}{{%if%}}",
    "long": _long,
}
# These kinds are only possible in passwords.
WORLDLY = {
    "unicode": lambda label: f"{STEM}-{label}-pässwörd ☃ \U0001f600 end",
    "blanks": lambda label: f" {STEM} {label}\u00a0 ",
}
# With this suffix of a kind, the credentials of Webex are a refresh grant in place of an access token.
GRANT = " with a refresh grant"
# The simulator issues access tokens with this prefix.
ISSUED = "simulator-webex-access-"
# Options of a user account that are not secret.
NAMES = ("username", "client_id")


# A service can encode each character like this.
SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda one: "".join(f"%{byte:02x}" for byte in one.encode()),
    lambda one: f"\\u{ord(one):04x}" if ord(one) < 0x10000 else one,
    lambda one: f"\\u{ord(one):04X}" if ord(one) < 0x10000 else one,
    lambda one: f"&#{ord(one)};",
    lambda one: f"&#x{ord(one):X};",
)


def secret(kind: str, label: str) -> str:
    return str({**KINDS, **WORLDLY}[kind.removesuffix(GRANT)](label))


def token(kind: str, label: str) -> str:
    """Return a secret of a kind that is valid as a token."""
    return secret("plain" if kind.removesuffix(GRANT) in WORLDLY else kind, label)


def grant(kind: str) -> dict[str, str]:
    """Return the refresh grant of an integration of Webex."""
    return {
        "client_id": "client-of-a-canary",
        "client_secret": token(kind, "client"),
        "refresh_token": token(kind, "refresh"),
    }


def logins(kind: str) -> dict[str, dict[str, str]]:
    """Return the credentials of the four systems as connection options."""
    return {
        "apono": {"api_token": token(kind, "apono")},
        "hdp": {"username": USER, "password": secret(kind, "hdp")},
        "voss": {"username": USER, "password": secret(kind, "voss")},
        "webex": grant(kind) if kind.endswith(GRANT) else {"access_token": token(kind, "webex")},
    }


def seed(kind: str) -> dict[str, Any]:
    """Return the credentials in the format of a seed."""
    given = logins(kind)
    return {
        "credentials": {
            "apono": {"token": given["apono"]["api_token"]},
            "hdp": [{**given["hdp"], "administrator": True, "owner": CREDENTIALS["hdp_owner"]["username"]}],
            "voss": [given["voss"]],
            "webex": {"token": token(kind, "webex"), **grant(kind)},
        }
    }


def secrets_of(kind: str) -> list[str]:
    """Return the secrets of the logins, and of the access tokens that Webex issues."""
    values = [value for login in logins(kind).values() for option, value in login.items() if option not in NAMES]
    return [*values, ISSUED]


def written(value: str, basic: bool = True) -> set[str]:
    """Return the secret in all encodings, optionally including HTTP Basic."""
    encoded = set()
    for data in (value.encode(), *([f"{USER}:{value}".encode()] if basic else [])):
        encoded |= {base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()}
    encodings = {value, quote(value), quote(value, safe=""), quote_plus(value), html.escape(value), *encoded}
    encodings |= {html.escape(value, quote=False)}
    encodings |= {one.rstrip("=") for one in encoded} | {quote(one, safe="") for one in encoded}
    encodings |= {
        json.dumps(one, ensure_ascii=plain)[1:-1] for one in (value, html.escape(value)) for plain in (True, False)
    }
    encodings |= {repr(value)[1:-1], json.dumps(json.dumps(value))[3:-3]}
    encodings |= {quote(quote(value, safe=""), safe=""), json.dumps(value)[1:-1].replace("/", "\\/")}
    if len(value) < 500:  # The simulator accepts at most one megabyte of faults.
        encodings |= {"".join(map(spelling, value)) for spelling in SPELLINGS}
    return {form.strip() for form in encodings if form.strip()}


def shown_in(text: str, values: Iterable[str]) -> list[str]:
    """Return the secrets that a string contains in any encoding. A part of a long secret also counts."""
    found = []
    for value in values:
        for form in written(value):
            pieces = [form] if len(form) < 500 else [form[at : at + PIECE] for at in range(100, len(form) - PIECE, 100)]
            hit = next((piece for piece in pieces if piece in text), None)
            if hit is not None:
                at = text.index(hit)
                found.append(f"{form[:60]}: ...{text[max(0, at - 150) : at + len(hit) + 50]}...")
    return found


def echo(system: str, kind: str, stored: Iterable[str] = ()) -> str:
    """Return a string with all encodings of the credentials and of the stored secrets."""
    login = logins(kind)[system]
    encodings = [written(value, "username" in login) for option, value in login.items() if option not in NAMES]
    encodings += [written(secret(kind, label), basic=False) for label in stored]
    return " | ".join(sorted(set().union(*encodings)))


def echo_in_header(system: str, kind: str) -> str:
    """Return the part of :func:`echo` that is valid in a header."""
    encodings = [
        form for form in echo(system, kind).split(" | ") if form.isascii() and form.isprintable() and len(form) < 400
    ]
    return " ".join(encodings)


@contextmanager
def process_list() -> Iterator[list[str]]:
    """Collect the command lines of all processes while the body runs."""
    seen: set[str] = set()
    ended = threading.Event()
    lines: list[str] = []

    def observe() -> None:
        while not ended.wait(SEEN_EVERY):
            for entry in filter(str.isdigit, os.listdir("/proc")):
                try:
                    line = Path("/proc", entry, "cmdline").read_bytes()
                except OSError:
                    continue
                seen.add(line.replace(b"\0", b" ").decode("utf-8", "replace"))

    watcher = threading.Thread(target=observe)
    watcher.start()
    try:
        yield lines
    finally:
        ended.set()
        watcher.join()
        lines.extend(seen)


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which Ansible logs and stores as much as possible below a folder."""
    (folder / "tmp").mkdir(parents=True)
    return {
        "ANSIBLE_DEBUG": "1",
        "ANSIBLE_LOG_PATH": str(folder / "log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
        "ANSIBLE_INJECT_INVOCATION": "true",
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": SITE,
        "SYSTEM_LOG": str(folder / "system log"),
    }


def places(folder: Path, given: Iterable[Path] = ()) -> dict[str, str]:
    """Return the contents of all files below a folder, except those that contain the input."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {
        str(path.relative_to(folder)): f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}"
        for path in files
        if path not in set(given)
    }


def results(played: Played) -> str:
    """Return the results of the tasks as text without escapes."""
    return json.dumps([(name, result.values) for name, result in played.tasks], ensure_ascii=False, default=str)


def leaks(contents: Mapping[str, str], values: Iterable[str]) -> dict[str, list[str]]:
    """Return the secrets in each of the strings."""
    values = list(values)
    found = {place: shown_in(text, values) for place, text in contents.items()}
    return {place: there for place, there in found.items() if there}
