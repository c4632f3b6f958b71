# Sourced: finds the Python that the function runs on; byte code of another one would be ignored there.

python_3_13() {
  local name
  for name in "${PYTHON313:-python3.13}" "$(pyenv root 2>/dev/null)"/versions/3.13.*/bin/python3.13; do
    if "$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  echo "sentinel: needs Python 3.13, the function's own; install it, or set PYTHON313 to one" >&2
  return 1
}
