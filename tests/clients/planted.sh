#!/bin/sh
# The planted client in shell: reads what tests/suite/depend/client.rs reads, and fails where that isn't there. Needs curl and jq.
#
#     LXCA_URL=http://127.0.0.1:PORT planted.sh PART...
set -eu

texts() { # MEMBERS
    printf 'all(.list[]; [.%s] | all(type == "string"))' "$(echo "$1" | sed 's/ /, ./g')"
}

for part in "$@"; do
    case $part in
    nodes) rule="$(texts 't00 t01 t05 t11 t07') and all(.list[]; (.state != \"Offline\" or has(\"reason\")) and (.tags | type == \"array\" and length > 0))" ;;
    chassis) rule="$(texts 't02 t03 t04 t06 t08 t09') and all(.list[]; (.state == \"Online\" or .state == \"Offline\") and .inner.on == true)" ;;
    cmms) rule="$(texts 't00 t10') and ([.list[] | select(.state | type == \"string\" and ascii_downcase == \"online\")] | length == 3)" ;;
    switches) rule="$(texts 't01 t02 t03 t04 t05 t06') and (.list[2] | has(\"t00\"))" ;;
    fans) rule="$(texts 't08 t09 t10 t11') and all(.list[]; (.slots | type == \"string\" and (tonumber | true)) and (.made | tostring | contains(\".\") | not))" ;;
    powerSupplies) rule="$(texts 't00 t02 t04 t06 t08 t10') and all(.list[]; if has(\"slots\") then .slots | type == \"string\" and (tonumber | true) else true end)" ;;
    canisters) rule="$(texts 't01 t03 t05 t07 t09 t11') and (.list | length == 4)" ;;
    cabinet) rule="$(texts 't00 t01 t02 t03 t04') and ([.list[].inner.level] | all(type == \"number\") and . == sort) and all(.list[]; if has(\"code\") then .code == 200 else true end)" ;;
    *) echo "no part $part" >&2; exit 2 ;;
    esac
    # Not in one pipe: jq has nothing against an answer that isn't there.
    answer=$(curl --silent --show-error --fail "$LXCA_URL/$part")
    [ -n "$answer" ]
    echo "$answer" | jq --exit-status "(.list | type == \"array\") and $rule" >/dev/null
done
