#!/usr/bin/env bash
# What a newcomer sees: clones the repository into an empty folder, with a home of its own, and runs a command there,
# timed. Uses whatever Node and npm are on the path, never this checkout's.
#
#     scripts/fresh-clone-check.sh [command…]      npm test by default
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
[ $# -gt 0 ] || set -- npm test

folder=$(mktemp -d "${TMPDIR:-/tmp}/ligase-clone.XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/home"
git clone --quiet "$top" "$folder/ligase"
[ -z "$(git -C "$top" status --porcelain)" ] || echo "note: changes that are not committed are not in the clone" >&2

path=$(printf %s "$PATH" | tr : '\n' | grep -vF "$top" | paste -sd:)
cd "$folder/ligase"
start=$(date +%s)
status=0
env -i PATH="$path" HOME="$folder/home" TERM="${TERM:-dumb}" LANG="${LANG:-C.UTF-8}" "$@" </dev/null || status=$?
echo "$* in a fresh clone: status $status after $(($(date +%s) - start)) s ($(env -i PATH="$path" node --version))"
exit "$status"
