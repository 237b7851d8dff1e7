#!/bin/sh
# A nightly look at the managed servers, with curl and jq: exits with 1 if one of them is offline or has a critical health.
#
#     LXCA_USER=NIGHTLY LXCA_PASSWORD=… nightly.sh https://192.0.2.10
set -eu
url=$1
ask() { curl --silent --show-error --fail --user "$LXCA_USER:$LXCA_PASSWORD" "$url$1"; }

about=$(ask /aicc)
version=$(echo "$about" | jq --exit-status --raw-output '.appliance.version')
nodes=$(ask '/nodes?includeAttributes=accessState,cmmHealthState,hostname,memoryModules')
echo "$nodes" | jq --exit-status '.nodeList | length > 0' >/dev/null
echo "$nodes" | jq --raw-output --arg version "$version" '
    "LXCA \($version): \(.nodeList | length) servers",
    (.nodeList[] | "\(.hostname): \([.memoryModules[].capacity] | add) GB")'
echo "$nodes" | jq --exit-status '
    [.nodeList[] | select(.accessState == "Offline" or .cmmHealthState == "Critical")] | length == 0' >/dev/null || {
    echo "a server is offline or critical" >&2
    exit 1
}
