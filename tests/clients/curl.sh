#!/usr/bin/env bash
# The commands of docs/double.md, as it shows them: curl, openssl, and pytest against the double.
#   curl.sh LXCA-CONFORM [PYTHON]
# PYTHON needs what requirements.txt names. Exits 1 if a command does or prints something else than the page says.
set -u
cd "$(dirname "$0")/../.." || exit 1
binary=${1:?the path of lxca-conform}
python=${2:-python3}
for tool in curl openssl awk; do
    command -v "$tool" >/dev/null 2>&1 || { echo "$tool is missing; Debian: apt-get install curl openssl mawk"; exit 1; }
done
curl --version | head -n 1
exec "$python" tests/clients/documented.py "$binary" docs/double.md
