#!/bin/sh
# bench/http.sh FOLDER [PEOPLE [quick]] - rows of a store that is served over HTTP on this machine, load generator (wrk) included:
#   http_reads_per_s       reads of one record, keep-alive, no pipelining, the token checked each time
#   http_reads_p50_ms, p99 at half of that
#   http_collects_per_s    one value comes in
#   http_batch_reads_per_s reads in batches of a hundred
#   https_reads_per_s      the same over TLS
#   https_h2_reads_per_s   and over HTTP/2, where h2load is installed (nghttp2-client)
#   http_idle_10000_kib    memory of its processes for 10 000 connections that say nothing
#   http_stolen_percent    of the processors' time meanwhile, what other machines on the same host took
# What the rows mean: docs/performance.md. Numbers only: nothing here passes or fails; answers other than 200 end it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
bin=$root/build/${VARIANT:-release}/bench/http
work=$1 people=${2:-100000} round=5
[ "${3:-}" != quick ] || round=1
command -v wrk >/dev/null || { echo 'bench/http.sh: nothing over HTTP: apt install wrk' >&2; exit 0; }
"$bin" "$work" "$root/bench/bench.yaml" "$people" >"$work/http.line" 2>"$work/http.err" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null || :' EXIT
while [ ! -s "$work/http.line" ]; do
    kill -0 $server || { cat "$work/http.err" >&2; exit 1; }
    sleep 0.2
done
read -r plain tls token <"$work/http.line"
sleep 1
row() { printf '%-28s %14s %s\n' "$1" "$2" "$3"; }
# Before any other connection leaves room behind. Its processes: the holder, the one that starts workers, the worker.
below() { for child in $(cat /proc/"$1"/task/*/children); do echo "$child"; below "$child"; done; }
# shellcheck disable=SC2046 # a list of numbers
row http_idle_10000_kib "$("${bin%/*}/idle" "$plain" 9000 $server $(below $server))" KiB
# run URL CONNECTIONS SECONDS SCRIPT: its output is in $work/out.
run() {
    wrk -t1 -c"$2" -d"$3" --latency -s "$4" "$1" >"$work/out"
    if grep -q 'Non-2xx' "$work/out"; then
        echo "bench/http.sh: answers other than 200" >&2
        exit 1
    fi
}
rate() { awk '/^Requests\/sec/ { print int($2) }' "$work/out"; }
# "4.54ms", "870.00us", "1.2s": milliseconds.
late() { awk -v p="$1" '$1 == p { v = $2 + 0; print $2 ~ /us$/ ? v / 1000 : $2 ~ /ms$/ ? v : v * 1000 }' "$work/out"; }
best() { # of three rounds, the median
    for n in 1 2 3; do run "$1" 64 $round "$work/$2.lua"; rate; done | sort -n | sed -n 2p
}
# Of all processor time, what another machine on the same host took: with more than a few, the rows are of that.
stolen() { awk '/^cpu / { for (i = 2; i <= 9; i++) all += $i; print all, $9 }' /proc/stat; }
before=$(stolen)
full=$(best "http://$plain/" read)
row http_reads_per_s "$full" 1/s
# Half the rate: so many connections that each waits 10 ms between two requests.
{ cat "$work/read.lua"; echo 'function delay() return 10 end'; } >"$work/half.lua"
run "http://$plain/" $((full / 200 + 1)) $((2 * round)) "$work/half.lua"
row http_half_rate "$(rate)" 1/s
row http_reads_p50_ms "$(late 50%)" ms
row http_reads_p99_ms "$(late 99%)" ms
row http_collects_per_s "$(best "http://$plain/" collect)" 1/s
row http_batch_reads_per_s $((100 * $(best "http://$plain/" batch))) 1/s
row https_reads_per_s "$(best "https://$tls/" read)" 1/s
if command -v h2load >/dev/null; then
    sed -n "s|^{\"GET\", \"\(/v1[^\"]*\)\"},|https://$tls\1|p" "$work/read.lua" >"$work/http.urls"
    h2load -t1 -c8 -m16 -D$round -i "$work/http.urls" -H "Authorization: Bearer $token" >"$work/out"
    row https_h2_reads_per_s "$(awk '/^finished in/ { print int($4) }' "$work/out")" 1/s
fi
echo "$before $(stolen)" | awk '{ printf "%.1f\n", 100 * ($4 - $2) / ($3 - $1) }' >"$work/stolen"
row http_stolen_percent "$(cat "$work/stolen")" %
