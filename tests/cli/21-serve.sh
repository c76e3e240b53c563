#!/bin/sh
# Goal: a store that is served is used by the same commands, with the same answers; what needs the store for itself
# says so; a second one is told who serves; told to stop, it stops, and killed, it can be started again.
. "$(dirname "$0")/aid.sh"
store
person
# serve ARGUMENT ...: in the background, until it listens.
serve() {
    "$kept" serve "$@" 2>serve.log &
    server=$!
    for _ in $(seq 100); do
        grep -q '"event":"serving"' serve.log && return
        sleep 0.1
    done
}
trap 'kill -9 "$server" 2>/dev/null; rm -rf "$work"' EXIT INT TERM
server=
check 'nothing would keep it from starting' 0 "$kept" serve --check
check 'as JSON' 0 "$kept" serve --check --json
json 'that is JSON'
check 'no certificates of clients without TLS' 2 "$kept" serve --http 127.0.0.1:0 --client-certificates
check 'no workers without an address' 2 "$kept" serve --workers 2
check 'an address that is none' 2 "$kept" serve --http here
check 'a certificate without its key' 2 "$kept" serve --https 127.0.0.1:0 --tls-cert x.pem
check 'a key that is not there' 5 "$kept" serve --https 127.0.0.1:0 --tls-cert x.pem --tls-key x.key
check 'a number of workers' 2 "$kept" serve --http 127.0.0.1:0 --workers many
chmod 755 kept/keyring
check 'a keyring open to others' 2 "$kept" serve --check
says 'it says how to mend it' chmod
chmod 700 kept/keyring

"$kept" subject show "$person" >before
"$kept" stat --json >/dev/null
serve
check 'the same answer' 0 "$kept" subject show "$person"
if cmp -s before "$work/out"; then pass 'word for word'; else fail 'word for word' "$(diff before "$work/out" | head -5)"; fi
is 'the socket is closed to others' "$(stat -c %a kept/store/kept.sock)" 600
check 'values come in' 0 "$kept" collect "$person" --function service-log browser-type=lynx
check 'and go out' 0 "$kept" use "$person" browser-type --function service-log --purpose bug-analysis
says 'as they came' lynx
check 'a denial is a denial' 1 "$kept" collect "$person" --function service-log shoe-size=9
check 'an error is the same error' 5 "$kept" subject show 00000000000000000000000000000001
check 'and as JSON' 5 "$kept" subject show 00000000000000000000000000000001 --json
json_error 'it is one document'
check 'erased and swept' 0 "$kept" erase subject "$person" --json
json 'the certificate is JSON'
says 'with the sweep' '"swept"'
check 'numbers, and the whole store' 0 "$kept" stat --check
says 'without a problem' 'problems           0'
check 'a proof' 0 "$kept" ledger prove 0
says 'a proof it is' tlog-proof
check 'a checkpoint' 0 "$kept" ledger checkpoint
for what in 'ledger export out' 'export people.csv --items browser-type --purpose bug-analysis' \
    'key change --new other.key' 'store accept-loss --all --because x' 'serve'; do
    # shellcheck disable=SC2086 -- words on purpose
    check "$what: not while it is served" 11 "$kept" $what
    says 'and it says by whom' "served by process $server"
done
check 'a value by stream: not this way' 11 "$kept" collect "$person" --function service-log crash-report --file serve.log
says 'and says why' "served by process $server"
kill -TERM "$server"
wait "$server"
is 'told to stop, it stops' $? 0
if [ -e kept/store/kept.sock ]; then fail 'its socket is gone'; else pass 'its socket is gone'; fi
cp serve.log "$work/out"
: >"$work/err"
says 'and says so' '"event":"stopped"'
lacks 'without anybody in it' "$person"
lacks 'or their values' lynx
check 'the store is there again' 0 "$kept" stat

serve --http 127.0.0.1:0 --workers 2
kill -9 "$server"
wait "$server" 2>/dev/null
if [ -e kept/store/kept.sock ]; then pass 'killed, its socket stays'; else fail 'killed, its socket stays'; fi
check 'a command opens the store itself' 0 "$kept" stat
serve --http 127.0.0.1:0
check 'and it can be served again' 0 "$kept" stat
address=$(sed -n 's|.*http://\([0-9.:]*\)".*|\1|p' serve.log)
if command -v curl >/dev/null 2>&1; then
    check 'over HTTP, too' 0 curl -sf "http://$address/readyz"
    says 'it is ready' ready
    check 'but not to nobody' 22 curl -sf "http://$address/v1/stat"
fi
kill -INT "$server"
wait "$server"
is 'interrupted, it stops' $? 0
check 'and all of it holds' 0 "$kept" ledger verify
finish
