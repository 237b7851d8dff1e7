#!/bin/sh
# Every figure of docs/performance.md, with the machine: sh benches/all.sh
# About five minutes on two cores. Stop other work first: all of it is wall time.
set -eu
cd "$(dirname "$0")/.."
echo "machine   $(uname -sm), $(nproc) processors: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1)"
echo "load      $(cut -d' ' -f1-3 /proc/loadavg)"
echo "build     $(rustc --version), profile release, commit $(git rev-parse --short HEAD)"
for bench in whole run_vs_floor bodies serve_vs_bare record_vs_direct; do
    printf '\n== %s\n' "$bench"
    cargo bench --quiet --bench "$bench"
done
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
printf '\n== self-test\n'
start=$(date +%s)
target/release/lxca-conform self-test >"$out/self-test" || true
echo "$(tail -1 "$out/self-test")"
echo "took $(($(date +%s) - start)) s"
