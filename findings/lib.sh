# What the scripts of this folder share: a temporary folder that goes away at the end, pinned packages in it, and the
# verdict. It is sourced (`. "$(dirname "$0")/lib.sh"`), not run.
#
# Exit status: 0 the library still behaves as the header says; 1 it does not, and a sentence says what is different;
# 2 the packages could not be installed, so nothing is known.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT PIPE TERM
cd "$work"

# For Python: `from finding import expect`. For JavaScript: `import { expect } from "./finding.mjs"`.
cat >finding.py <<'PY'
import sys


def expect(holds, sentence):
    """Ends the script unless the condition holds; the sentence says what used to be so."""
    if not holds:
        print(f"This has changed; it used to be so: {sentence}", file=sys.stderr)
        sys.exit(1)
PY
cat >finding.mjs <<'JS'
export function expect(holds, sentence) {
  if (holds) return;
  console.error(`This has changed; it used to be so: ${sentence}`);
  process.exit(1);
}
JS

# Installs Python packages (`python_packages sacrebleu==2.6.0`) into a virtual environment, whose python it puts first.
python_packages() {
  [ -d venv ] || python3 -m venv venv
  PATH="$work/venv/bin:$PATH"
  pip install -qq --disable-pip-version-check "$@" >pip.txt 2>&1 || not_installed pip.txt "$@"
}

# Installs npm packages (`npm_packages midi-file@1.2.4`) without running their install scripts.
npm_packages() {
  [ -f package.json ] || echo '{ "private": true, "type": "module" }' >package.json
  npm install --loglevel error --no-audit --no-fund --ignore-scripts "$@" >npm.txt 2>&1 || not_installed npm.txt "$@"
}

# Runs a command without what it says on the side; if it fails, the end of that is shown.
quietly() {
  "$@" 2>notes.txt || { status=$?; tail -n 4 notes.txt >&2; exit "$status"; }
}

not_installed() {
  tail -n 20 "$1" >&2
  shift
  echo "Not installed, so nothing is known: $*" >&2
  exit 2
}
