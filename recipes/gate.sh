#!/usr/bin/env bash
# Runs the catalogue against a target and compares the run with a baseline. The script works in
# every CI system: it takes its input from environment variables, writes its results to GATE_OUT,
# and its exit code is the answer (docs/exit-codes.md).
#
#   GATE_TARGET    target file; or GATE_URL and GATE_USER, with the password in LXCA_PASSWORD
#   GATE_BASELINE  folder of the baseline run; if there is none, this run becomes the baseline
#                  unless it is incomplete
#   GATE_OUT       output folder of the run and the gate [reports/gate]
#   GATE_ALLOW     read, write or destroy [read]
#   GATE_WAIVERS   waiver file (optional)
#   GATE_POLICY    policy file, or regression, upgrade or strict [upgrade]
#   GATE_SUMMARY   file to append the Markdown to; not needed in a GitHub Actions job
#   LXCA_CONFORM   the program [lxca-conform]
set -u
program=${LXCA_CONFORM:-lxca-conform}
out=${GATE_OUT:-reports/gate}
baseline=${GATE_BASELINE:?must name the folder of the baseline run}
summary=${GATE_SUMMARY:-}

if [ -n "${GATE_TARGET:-}" ]; then
    target=(--target "$GATE_TARGET")
else
    target=(--url "${GATE_URL:?must name the target, unless GATE_TARGET names a target file}" --user "${GATE_USER:?must name the account}")
fi
common=()
[ -z "${GATE_WAIVERS:-}" ] || common+=(--waivers "$GATE_WAIVERS")

tell() { # FILE ANSWER
    [ -z "$summary" ] || cat "$1" >>"$summary"
    [ -z "${GITHUB_OUTPUT:-}" ] || echo "answer=$2" >>"$GITHUB_OUTPUT"
}

# An earlier answer must not stand for one that couldn't be had this time.
rm -f "$out"/gate.json "$out"/gate.html "$out"/gate.md "$out"/gate-junit.xml "$out"/announced.json \
    "$out"/run/report.json "$out"/run/report.html "$out"/run/report.md "$out"/run/junit.xml || exit 7

"$program" run "${target[@]}" --allow "${GATE_ALLOW:-read}" --out "$out/run" ${common[@]+"${common[@]}"}
code=$?
case $code in
0 | 1 | 3 | 6) ;; # the run has a record, and the gate decides
*) exit "$code" ;;
esac

if [ ! -e "$baseline/transcript.jsonl" ]; then
    # What a run didn't show can't get worse: only a whole run is a measure for later ones.
    if [ "$code" -eq 3 ] || grep -q '^  "ended_early": "' "$out/run/report.json"; then
        echo "no baseline at $baseline, and this run is incomplete: it doesn't become the baseline"
        tell "$out/run/report.md" incomplete
        exit 3
    fi
    echo "no baseline at $baseline: this run becomes it"
    mkdir -p "$baseline" && cp "$out/run/transcript.jsonl" "$out/run/report.json" "$baseline/" || exit 7
    tell "$out/run/report.md" baseline
    exit "$code"
fi

"$program" gate --baseline "$baseline" --candidate "$out/run" --policy "${GATE_POLICY:-upgrade}" --out "$out" ${common[@]+"${common[@]}"}
code=$?
[ ! -e "$out/gate.md" ] || tell "$out/gate.md" "$(sed -n 's/^  "answer": "\(.*\)",$/\1/p' "$out/gate.json" | head -n 1)"
exit "$code"
