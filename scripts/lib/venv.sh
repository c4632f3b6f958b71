# Sourced: makes .venv, and installs a list of pins once per version of the list.  venv FILE

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

python_for_sentinel() {
  for name in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if "$name" -c "$supported" 2>/dev/null; then echo "$name"; return; fi
  done
  echo "sentinel: needs Python 3.11, 3.12 or 3.13; set PYTHON to one" >&2
  return 1
}

# What else a list needs, outside of .venv.  beside FILE DIRECTORY
beside() {
  local stamp="$2/installed"
  if ! cmp -s "$1" "$stamp"; then
    echo "installing $1 (once)" >&2
    "$(python_for_sentinel)" -m venv --clear "$2"
    "$2/bin/python" -m pip install --quiet --disable-pip-version-check -r "$1"
    cp "$1" "$stamp"
  fi
}

venv() {
  if ! [ -x .venv/bin/python ]; then
    local python
    python=$(python_for_sentinel)
    "$python" -m venv .venv
  fi
  local stamp=".venv/$(basename "$1").installed"
  if ! cat "$1" requirements.txt | cmp -s - "$stamp"; then
    echo "installing $1 (once)" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$1"
    cat "$1" requirements.txt > "$stamp"
  fi
}
