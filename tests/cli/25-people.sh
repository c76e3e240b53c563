#!/bin/sh
# Goal: a person who has nothing but a phone signs in over HTTP, sees what is held of them, is told what must be shown first, and
# leaves; a stranger without a token gets nothing else, and somebody who is not let in by the policy nothing at all.
. "$(dirname "$0")/aid.sh"
command -v curl >/dev/null || { echo 'skipped: no curl'; finish; }
server=''
trap 'kill -9 "$server" 2>/dev/null; rm -rf "$work"' EXIT INT TERM
account='account: {mode: phone, function: account, self_service: true}'
sed -e "s/^items:/$account\\nitems:/" "$top/tests/engine/shop.yaml" >shop.yaml
sed -e 's/^app: shop/app: closed/' "$top/tests/engine/shop.yaml" >closed.yaml
sed -e 's/mode: phone, function: account/mode: none/' shop.yaml >none.yaml
check 'nobody comes by themselves where there are no accounts' 1 "$kept" policy check none.yaml
says 'it says why' ACCOUNT_CONTRADICTION
"$kept" init >/dev/null
check 'a shop that lets people in' 0 "$kept" policy publish shop.yaml
check 'and one that does not' 0 "$kept" policy publish closed.yaml
id=$("$kept" --app shop --json subject new | jq -r .subject)
"$kept" --app shop consent acknowledge "$id" --language en >/dev/null
"$kept" --app shop consent grant "$id" --function account >/dev/null
"$kept" --app shop collect "$id" --function account --user-action phone=13800001111 >/dev/null
"$kept" serve --http 127.0.0.1:0 2>serve.log &
server=$!
for _ in $(seq 100); do
    grep -q '"event":"serving"' serve.log && break
    sleep 0.1
done
at=http://$(sed -n 's|.*http://\([0-9.:]*\)".*|\1|p' serve.log)/v1
post() { path=$1; shift; curl -s -X POST "$at/$path" -H 'Content-Type: application/json' "$@"; }

is 'a code for who shows nothing' "$(post accounts/begin -d '{"app": "shop", "values": {"phone": "13800001111"}}' | jq -r .decision)" allow
is 'not of the other shop' "$(post accounts/begin -d '{"app": "closed", "values": {"phone": "13800001111"}}' | jq -r .status)" 401
is 'not without saying which' "$(post accounts/begin -d '{"values": {"phone": "13800001111"}}' | jq -r .status)" 401
is 'nor of somebody' "$(post accounts/begin -d "{\"app\": \"shop\", \"subject_id\": \"$id\", \"values\": {\"phone\": \"\"}}" | jq -r .status)" 401
is 'nor anything else' "$(post subjects -d '{"app": "shop"}' | jq -r .status)" 401
check 'it waits' 0 "$kept" --app shop post --print --once
code=$(grep -oE '\b[0-9]{6}\b' "$work/out" | head -1)
prove="{\"app\": \"shop\", \"values\": {\"phone\": \"13800001111\"}, \"session\": true, \"code\": \"$code\"}"
is 'a wrong one' "$(post accounts/prove -d "$(echo "$prove" | sed "s/$code/x/")" | jq -r .reason)" CODE
own=$(post accounts/prove -H 'Idempotency-Key: 1' -d "$prove" | jq -r .report.session.token)
is 'a session' "$(echo "$own" | grep -cE '^kper_[0-9a-f]{72}$')" 1
is 'the key gives nobody the token again' "$(post accounts/prove -H 'Idempotency-Key: 1' -d "$prove" | jq -r .reason)" CODE
see() { curl -s "$at/$1" -H "Authorization: Bearer $own"; }
is 'their number' "$(see "subjects/$id/values?items=phone" | jq -r '.fields[0].value')" 13800001111
is 'by whom it was read' "$(see "subjects/$id/trail?newest=true&limit=1" | jq -r '.report.entries[0].actor')" person
is 'nobody else' "$(see subjects | jq -r .reason)" OPERATION
is 'they withdraw' "$(post "subjects/$id/withdrawals" -H "Authorization: Bearer $own" -d '{"function": "account"}' | jq -r .decision)" allow
check 'reported stolen' 0 "$kept" --app shop account leave "$id" --because 'case 7'
is 'it ends' "$(see "subjects/$id" | jq -r .status)" 401
kill -TERM "$server"
wait "$server"
check 'nothing of it is in the log' 1 grep -E '13800001111|kper_' serve.log
check 'and all of it holds' 0 "$kept" --app shop ledger verify
finish
