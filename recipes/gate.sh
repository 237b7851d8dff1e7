#!/usr/bin/env bash
# Runs the catalogue against a target and holds the run against a baseline. One script for every CI system:
# all it needs comes in variables, all it finds goes to GATE_OUT, and its exit code is the answer (docs/exit-codes.md).
#
#   GATE_TARGET    a target file; or GATE_URL and GATE_USER, with the password in LXCA_PASSWORD
#   GATE_BASELINE  folder of the run before; where there is none, this run becomes it
#   GATE_OUT       where the run and the gate go [reports/gate]
#   GATE_ALLOW     read, write or destroy [read]
#   GATE_WAIVERS   a waiver file, if there is one
#   GATE_POLICY    a policy file, or regression, upgrade or strict [upgrade]
#   GATE_SUMMARY   a file that the Markdown is added to; a job of GitHub gets it without
#   LXCA_CONFORM   the program [lxca-conform]
set -u
program=${LXCA_CONFORM:-lxca-conform}
out=${GATE_OUT:-reports/gate}
baseline=${GATE_BASELINE:?names the folder of the run before}
summary=${GATE_SUMMARY:-}

if [ -n "${GATE_TARGET:-}" ]; then
    target=(--target "$GATE_TARGET")
else
    target=(--url "${GATE_URL:?names the target, or GATE_TARGET a target file}" --user "${GATE_USER:?names the account}")
fi
common=()
[ -z "${GATE_WAIVERS:-}" ] || common+=(--waivers "$GATE_WAIVERS")

tell() { # FILE ANSWER
    [ -z "$summary" ] || cat "$1" >>"$summary"
    [ -z "${GITHUB_OUTPUT:-}" ] || echo "answer=$2" >>"$GITHUB_OUTPUT"
}

"$program" run "${target[@]}" --allow "${GATE_ALLOW:-read}" --out "$out/run" ${common[@]+"${common[@]}"}
code=$?
case $code in
0 | 1 | 3 | 6) ;; # the run has a record; what it means is the gate's to say
*) exit "$code" ;;
esac

if [ ! -e "$baseline/transcript.jsonl" ]; then
    echo "there is no baseline at $baseline: this run becomes it"
    mkdir -p "$baseline" && cp "$out/run/transcript.jsonl" "$out/run/report.json" "$baseline/" || exit 7
    tell "$out/run/report.md" baseline
    exit "$code"
fi

"$program" gate --baseline "$baseline" --candidate "$out/run" --policy "${GATE_POLICY:-upgrade}" --out "$out" ${common[@]+"${common[@]}"}
code=$?
[ ! -e "$out/gate.md" ] || tell "$out/gate.md" "$(sed -n 's/^  "answer": "\(.*\)",$/\1/p' "$out/gate.json" | head -n 1)"
exit "$code"
