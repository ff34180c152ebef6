#!/bin/sh
# Runs every finding, or those whose names are given (`./run-all.sh seqeval-strict chrf-signature`), one after the other, and
# ends with a line for each: holds, changed or not installed. Exit status 1 if one has changed, 2 if one is not known.
set -u
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls ./*.sh | sed -e 's|^\./||' -e 's|\.sh$||' | grep -v -x -e lib -e run-all)
status=0
lines=""
for name; do
  echo "== $name"
  "./$name.sh"
  case $? in
    0) said=holds ;;
    1) said=changed status=1 ;;
    *) said="not known"; [ $status -ne 0 ] || status=2 ;;
  esac
  lines="$lines$name: $said
"
done
printf '\n%s' "$lines"
exit $status
