#!/bin/sh
# Beside others, with a few people: do both sides give back what was stored, does the oracle agree with
# every engine, and is a PostgreSQL of our own gone afterwards? Needs what ./check installs.
. "$(dirname "$0")/aid.sh"
bench=$(dirname "$kept")/bench-tried
[ -x "$bench/postgres" ] && [ -x "${PG_BIN:-/usr/lib/postgresql/15/bin}/postgres" ] || exit 0
cd / || exit 2

check 'beside PostgreSQL' 0 "$bench/postgres" "$work" "$top/bench/bench.yaml" 300 quick
says 'reads are rows' read_vs_postgres
says 'writes too' write_vs_postgres
check 'its folder is gone' 1 test -e "$work/postgres"
check 'no people: an error' 1 "$bench/postgres" "$work" "$top/bench/bench.yaml" 0
# A sanitised program may not load a library with its own names first.
case $bench in
*/asan*) ;;
*)
    check 'beside SQLCipher' 0 "$bench/sqlcipher" "$work" "$top/bench/bench.yaml" 100 quick
    says 'reads are rows' read_vs_sqlcipher
    ;;
esac
check 'GDPRbench: the oracle agrees' 0 "$bench/gdprbench" "$work" "$top/bench/gdprbench.yaml" 100 40
says 'with every engine' gdprbench_paper_regulator_postgres_s
says 'and says how often' gdprbench_checked
check 'its PostgreSQL is gone too' 1 test -e "$work/postgres"

# However it ends, nothing of the server stays.
PG=$work/killed
mkdir "$PG"
"$bench/postgres" "$PG" "$top/bench/bench.yaml" 100000 >/dev/null 2>&1 &
program=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    [ -e "$PG/postgres/data/postmaster.pid" ] && break
    sleep 1
done
check 'a server runs' 0 test -e "$PG/postgres/data/postmaster.pid"
kill -9 "$program"
wait "$program" 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    [ -e "$PG/postgres" ] || break
    sleep 1
done
check 'killed: its server and folder go all the same' 1 test -e "$PG/postgres"
finish
