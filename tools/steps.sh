# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tools of this folder share: how a step speaks and how it fails. Sourced, never run.

# The checkout.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root

# A step that a person follows: `say "Building Nenrin"`.
say() {
  if [[ -t 2 ]]; then printf '\033[1m==>\033[0m %s\n' "$*" >&2; else printf '==> %s\n' "$*" >&2; fi
}

# The end of a tool that cannot go on: what happened, then what to do, a line each.
die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  shift
  local remedy
  for remedy in "$@"; do printf '  %s\n' "$remedy" >&2; done
  exit 2
}

# Runs a command as root, through sudo where you are not.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    printf 'not root, and there is no sudo\n  Run as root: %s\n' "$*" >&2
    return 1
  fi
}

# Reads the archive's package lists again.
apt_update() { as_root apt-get -o DPkg::Lock::Timeout=300 -q update; }

# Runs a command with its output in a log under .cache/log, and shows the end of the log where it fails.
# logged NAME COMMAND…
logged() {
  local name=$1 log="$root/.cache/log/$1.log"
  shift
  mkdir -p "$root/.cache/log"
  if "$@" >"$log" 2>&1 </dev/null; then return 0; fi
  printf '%s failed; the last lines of %s:\n' "$name" "$log" >&2
  tail -n 20 "$log" >&2
  return 1
}
