#!/bin/sh
# Run `ansible-test sanity` on the built collection, which is installed in .cache/installed. Arguments are passed on.
set -eu
cd "$(dirname "$0")/.."

# ansible-test stores files in the home folder, and tests only files that Git tracks.
export HOME="$PWD/.cache/home"
mkdir -p "$HOME"
python offline/sanity.py
cd .cache/installed/ansible_collections/hybrid/connectors
[ -d .git ] || git init --quiet
git add --all --force

# Without files, ansible-test would succeed.
ansible-test env --list-files | sort > "$HOME/tested"
git ls-files | sort | comm -13 "$HOME/tested" - > "$HOME/missed"
if [ -s "$HOME/missed" ]; then
  echo "ansible-test does not test these files:" >&2
  cat "$HOME/missed" >&2
  exit 1
fi
exec ansible-test sanity --local --color no "$@"
