#!/bin/sh
# Run ansible-test on the built collection, which is installed in .cache/installed. The first argument is the command:
# sanity, units or integration. The other arguments are passed on.
set -eu
cd "$(dirname "$0")/.."
command=$1
shift
home="$PWD/.cache/home" # ansible-test stores files in the home folder.
content=".cache/ansible_test/$command/ansible_collections/hybrid/connectors"

# ansible-test sanity creates environments. It uses neither the settings of pip nor those of the user's home folder.
mkdir -p "$home"
if [ "$command" = sanity ] && pip config list | grep -E '\.(index-url|extra-index-url|find-links|no-index)=' > /dev/null; then
  python offline/sanity.py "$home"
fi
export HOME="$home"

rm -rf ".cache/ansible_test/$command"
mkdir -p "$content"
cp -R .cache/installed/ansible_collections/hybrid/connectors/. "$content"
[ "$command" = sanity ] || cp -R tests "$content" # The archive does not contain the tests.

# ansible-test tests only files that Git tracks. Without files, it would succeed.
cd "$content"
git init --quiet
git add --all --force
ansible-test env --list-files | sort > "$HOME/tested"
git ls-files | sort | comm -13 "$HOME/tested" - > "$HOME/missed"
if [ -s "$HOME/missed" ]; then
  echo "ansible-test does not test these files:" >&2
  cat "$HOME/missed" >&2
  exit 1
fi
exec ansible-test "$command" --local --color no "$@"
