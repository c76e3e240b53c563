#!/bin/sh
# Goal: what other systems hold is deleted there, too: a real one is ordered by the sender, whether it is up, slow, answers 500
# or 404; it acknowledges by its answer or as a caller, its own orders and once; and an erasure here waits for nobody.
. "$(dirname "$0")/aid.sh"
server='' outside=''
trap 'kill -9 "$server" "$outside" 2>/dev/null; rm -rf "$work"' EXIT INT TERM
sed -e '/^  scrap:$/,/^  photo:$/s/values: many}/values: many, place: external, held_in: desk}/' \
    -e 's/retain: 1 day, clause: T-10}/retain: 1 day, place: external, held_in: door, clause: T-10}/' \
    "$top/tests/engine/shop.yaml" >shop.yaml
check 'a policy with two other systems' 0 "$kept" policy check shop.yaml
"$kept" init >/dev/null
check 'it takes effect' 0 "$kept" policy publish shop.yaml
desk=$("$kept" caller add desk --operations order.list,order.done,order.show | grep -o 'kept_[0-9a-f]*')
door=$("$kept" caller add door --operations order.list,order.done,order.show | grep -o 'kept_[0-9a-f]*')
(umask 077; echo 'desk secret' >desk.secret; echo 'door secret' >door.secret)
echo take >mode
/usr/bin/python3 "$here/outside.py" . 2>outside.log &
outside=$!
"$kept" serve --http 127.0.0.1:0 2>serve.log &
server=$!
for _ in $(seq 100); do
    [ -e port ] && grep -q '"event":"serving"' serve.log && grep -q listening serve.log && break
    sleep 0.1
done
read -r port <port
api=$(grep -o '127\.0\.0\.1:[1-9][0-9]*' serve.log | head -1)
systems() { printf '# where orders go\ndesk http://127.0.0.1:%s/desk desk.secret\n\ndoor http://127.0.0.1:%s/door door.secret\n' "$1" "$1" >systems; }
systems "$port"
post() { "$kept" post --systems systems --once; }
ask() {
    token=$1
    shift
    curl -s -o answer -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@" >status
}
left() { "$kept" --json order list | jq -r '[.report.orders[] | select(.kind == "erase")] | length'; }
certificate() { "$kept" --json erase subject "$person"; }
gone() { # a person comes and goes
    person
    certificate >gone.json
}
state() { certificate | jq -r --arg of "$1" '.report.orders[] | select(.held_in == $of) | .state'; }

echo 'desk http://127.0.0.1:1/' >wrong
check 'a system without a secret' 2 "$kept" post --systems wrong --once
echo 'desk http://example.org/ desk.secret' >wrong
check 'a system in the clear' 2 "$kept" post --systems wrong --once
printf 'desk http://127.0.0.1:1/ desk.secret\ndesk http://127.0.0.1:1/ desk.secret\n' >wrong
check 'a system twice' 2 "$kept" post --systems wrong --once
chmod 644 door.secret
check 'a secret that others read' 2 post
chmod 600 door.secret

gone
check 'nobody was asked for it' 0 "$kept" order list
says 'it is ordered' ' desk  erase  open since'
check 'it goes' 0 post
says 'and that is said' '"text":"desk: sent 202"'
is 'both systems got theirs, signed, each once' "$(jq -r 'select(.order.kind == "erase") | [.path, .order.kind, .order.items[0].item, .signed, .key] | join(" ")' orders.txt | sort | tr '\n' ';')" \
    '/desk erase scrap true true;/door erase visit true true;'
is 'by a reference, not by name' "$(grep -c "$person" orders.txt)" 0
is 'taken over' "$(state desk)" taken_over
order=$(jq -r 'select(.path == "/desk") | .order.order' orders.txt | head -1)
is 'another system cannot close it' "$(ask "$door" -d '{}' "http://$api/v1/orders/$order/done"; cat status) $(jq -r .reason answer)" '403 CALLER'
is 'nor what nobody ordered' "$(ask "$desk" -d '{}' "http://$api/v1/orders/00112233445566778899aabbccddeeff/done"; cat status)" 404
is 'a stranger neither' "$(ask kept_nobody -d '{}' "http://$api/v1/orders/$order/done"; cat status)" 401
is 'it sees its own' "$(ask "$desk" "http://$api/v1/orders"; jq -r '[.report.orders[].held_in] | join(" ")' answer)" desk
is 'it acknowledges' "$(ask "$desk" -d '{"receipt": "job 17"}' "http://$api/v1/orders/$order/done"; cat status)" 200
is 'and learns nothing of whom' "$(grep -c "$person" answer)" 0
first=$(jq -r .report.acknowledged answer)
is 'twice is once' "$(ask "$desk" -d '{}' "http://$api/v1/orders/$order/done"; cat status) $(jq -r .report.acknowledged answer)" "200 $first"
is 'it is in the certificate' "$(state desk)" acknowledged
check 'and in the trail' 0 "$kept" --json trail "$person"
says 'with the receipt' 'acknowledged, receipt job 17'
check 'the other is open' 0 "$kept" order list
lacks 'not this one' ' desk  erase'
other=$("$kept" --json order list | jq -r '.report.orders[] | select(.kind == "erase") | .order')
check 'by hand' 0 "$kept" order done "$other" --receipt 'seen to by mail'
check 'no order' 2 "$kept" order done desk
is 'none any more' "$(left)" 0

echo done >mode
gone
check 'a system that answers when it is done' 0 post
is 'has acknowledged' "$(state desk) $(state door)" 'acknowledged acknowledged'
lacks 'and its words are nobody'"'"'s' Ada

echo busy >mode
gone
check 'a system that fails' 0 post
says 'did not take it' 'desk: not sent: 0 500'
is 'it is open' "$(state desk)" open
echo never >mode
gone
check 'a system that refuses' 0 post
says 'by number' 'desk: refused 404'
is 'which closes nothing' "$(state desk)" open
systems 1
gone
check 'a system that is down' 0 post
says 'is not reached' 'desk: not sent: 7 0'
is 'the person is erased all the same' "$(certificate | jq -r '.report.certificate')" erasure
echo 'desk http://127.0.0.1:1/desk desk.secret' >systems
gone
check 'a system nobody told the sender of' 0 post
says 'has no address' 'door: not sent: no address'
systems "$port"
is 'all of them wait' "$(left)" 8
echo done >mode
sleep 31
check 'later they go' 0 post
is 'nothing was lost' "$(left)" 0
echo slow >mode
gone
check 'a system that is slow' 0 timeout 100 "$kept" post --systems systems --once
says 'is not waited for' 'desk: not sent: 28 0'
is 'and holds up no other' "$(state desk) $(state door)" 'open taken_over'

person
"$kept" consent grant "$person" --function notes >/dev/null
check 'a use of what lies there' 0 "$kept" --json use "$person" --purpose service scrap
ticket=$(jq -r '.report.held_elsewhere[0].ticket' "$work/out")
is 'is shown there' "$(ask "$desk" -d "{\"ticket\": \"$ticket\"}" "http://$api/v1/tickets/show"; cat status) $(jq -r '.report.item + " " + .report.purpose' answer)" '200 scrap service'
is 'by that system alone' "$(ask "$door" -d "{\"ticket\": \"$ticket\"}" "http://$api/v1/tickets/show"; cat status)" 403
"$kept" consent withdraw "$person" --function notes >/dev/null
is 'and not when it is withdrawn' "$(ask "$desk" -d "{\"ticket\": \"$ticket\"}" "http://$api/v1/tickets/show"; cat status) $(jq -r .reason answer)" '403 WITHDRAWN'
kill -TERM "$server"
wait "$server"
if grep -qE "$person|$ticket|desk secret" serve.log; then fail 'no log knows anybody' "$(head -2 serve.log)"; else pass 'no log knows anybody'; fi
check 'and all of it holds' 0 "$kept" ledger verify
finish
