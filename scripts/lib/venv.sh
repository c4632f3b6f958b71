# Sourced: makes .venv, and installs a list of pins once per version of the list.  venv FILE

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'

python_for_sentinel() {
  for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c "$supported" 2>/dev/null; then echo "$name"; return; fi
  done
  echo "sentinel: needs Python 3.11, 3.12, 3.13 or 3.14; set PYTHON to one" >&2
  return 1
}

# Print one line for each package that pip fetches.  progress TOTAL
progress() {
  local line n=0
  while read -r line; do
    case $line in
      Collecting\ *|Processing\ *) n=$((n + 1)); line=${line#* }; line=${line%% *}; echo "  $n/$1 ${line##*/}" ;;
      Installing\ *) echo "  unpacking, about a minute" ;;
    esac
  done
}

# Install a list of pins, checked by their hashes, and show progress.  install_pins DIRECTORY FILE
install_pins() {
  local total
  total=$(grep -c '==' "$2")
  echo "installing $2: up to $total packages, once" >&2
  if ! "$1/bin/python" -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r "$2" \
    | progress "$total" >&2; then
    echo "sentinel: the install failed; pip says why above. It needs a network, once, and wheels, which exist for Python" >&2
    echo "3.11 to 3.14 on Linux (glibc 2.28 or later, x86_64 and aarch64), on macOS 14 or later with Apple silicon and on" >&2
    echo "64-bit Windows (x86), and for Python 3.11 to 3.13 on Intel Macs. This is $(uname -sm), $("$1/bin/python" --version)." >&2
    return 1
  fi
}

# Wait while another command makes or fills a directory: its process id is in `unfinished`.  others_done DIRECTORY
others_done() {
  local owner
  while owner=$(cat "$1/unfinished" 2>/dev/null) && [ -n "$owner" ] && kill -0 "$owner" 2>/dev/null; do
    sleep 1
  done
}

# An environment in a directory; one whose making was cut off, or whose Python is gone, is made again.  environment DIRECTORY
environment() {
  if [ -e "$1/unfinished" ] || ! { "$1/bin/python" -c "$supported" && "$1/bin/python" -m pip --version; } > /dev/null 2>&1; then
    local python
    python=$(python_for_sentinel)
    if [ -e "$1" ]; then echo "making $1 again: it is unfinished or its Python is gone" >&2; fi
    "$python" -m venv --clear "$1"
    echo $$ > "$1/unfinished"
  fi
}

# An environment with a list of pins in it.  with_pins DIRECTORY FILE
with_pins() {
  local stamp
  stamp="$1/$(basename "$2").installed"
  others_done "$1"
  environment "$1"
  if ! cmp -s "$2" "$stamp"; then
    echo $$ > "$1/unfinished"
    install_pins "$1" "$2"
    cp "$2" "$stamp"
    rm "$1/unfinished"
  fi
}

# A list of pins that is no part of .venv.  beside FILE DIRECTORY
beside() { with_pins "$2" "$1"; }

# The graph that suits this processor; without it the published one runs.
graph() {
  .venv/bin/python -m scripts.devtools.graphs \
    || echo "sentinel: the faster graph of the model could not be made; the published one runs" >&2
}

venv() {
  with_pins .venv "$1"
  # The command of an installed package, for this checkout.
  printf '#!/bin/sh\nPYTHONPATH=%s exec %s/.venv/bin/python -m sentinel_core "$@"\n' "'$PWD'" "'$PWD'" > .venv/bin/sentinel
  chmod +x .venv/bin/sentinel
}
