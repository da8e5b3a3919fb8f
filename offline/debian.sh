#!/bin/sh
# Install Chromium, GnuPG and sshd on Debian if the tests need them and the user is root. Otherwise, print what is missing.

has() {
  for name; do command -v "$name" > /dev/null && return; done
  return 1
}

PATH="$PATH:/usr/sbin"
missing=
[ -n "$CHROMIUM" ] || has chromium chromium-browser google-chrome google-chrome-stable chrome ||
  missing="chromium fonts-dejavu-core"
has gpg || missing="$missing gnupg"
has sshd || missing="$missing openssh-server openssh-client"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && has apt-get; then
  echo "Installing $missing with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # These are several packages.
  apt-get update --quiet --quiet && apt-get install --yes --quiet --quiet --no-install-recommends $missing && exit 0
fi
echo "Not installed: $missing. The tests that need these packages are skipped." >&2
