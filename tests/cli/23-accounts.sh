#!/bin/sh
# Goal: somebody shows who they are by a code that goes out by a real mail server and a real gateway, and comes back;
# what does not go is tried again, what never will is given up, and nothing about it tells an address.
. "$(dirname "$0")/aid.sh"
server='' catcher=''
trap 'kill -9 "$server" "$catcher" 2>/dev/null; rm -rf "$work"' EXIT INT TERM
sed -e 's/^items:/account: {mode: any, function: account}\nitems:\n  mail: {text: {en: mail address, zh: 邮箱}, kind: mail, information: basic, source: user, retain: account, token: true}/' \
    -e 's/optional: \[name, badge\]/optional: [name, badge, mail]/' -e '/^  phone:$/,/kind: phone/s/token: true/token: true, changed_by_code: true/' \
    "$top/tests/engine/shop.yaml" >shop.yaml
check 'a policy with accounts' 0 "$kept" policy check shop.yaml
"$kept" init >/dev/null
check 'it takes effect' 0 "$kept" policy publish shop.yaml
person
"$kept" consent grant "$person" --function account >/dev/null
check 'nobody serves: the sender says so' 5 "$kept" post --print --once
says 'what to do' 'kept serve'
check 'no way at all' 2 "$kept" post
check 'a gateway in the clear' 2 "$kept" post --gateway http://sms.example.net/
check 'mail from nobody' 2 "$kept" post --smtp smtp://127.0.0.1:25
echo take >mode
/usr/bin/python3 "$here/catcher.py" . 2>catcher.log &
catcher=$!
"$kept" serve 2>serve.log &
server=$!
for _ in $(seq 100); do
    [ -e ports ] && grep -q '"event":"serving"' serve.log && break
    sleep 0.1
done
read -r smtp http <ports
post() { "$kept" post --smtp "smtp://127.0.0.1:$smtp" --mail-from noreply@shop.example \
    --gateway "http://127.0.0.1:$http/send" --token token --once; }
(umask 077; echo gateway-secret >token)

check 'a code by text message' 0 "$kept" account begin phone=13800001111 --subject "$person" --language zh --source 192.0.2.7
check 'it goes' 0 post
says 'and that is said' '"text":"sms: sent 202"'
lacks 'without the number' 13800001111
is 'the gateway got it' "$(jq -r '.body.by + " " + .body.to' text.txt)" 'sms 13800001111'
is 'with the token, and a key' "$(jq -r '.token + " " + (.key == .body.id | tostring)' text.txt)" 'Bearer gateway-secret true'
code=$(jq -r .body.text text.txt | grep -oE '[0-9]{6}')
is 'in the language asked for' "$(jq -r .body.text text.txt | grep -c 验证码)" 1
check 'a wrong code' 1 "$kept" account prove phone=13800001111 --subject "$person" --code 12345
says 'and why' CODE
check 'the code' 0 "$kept" account prove phone=13800001111 --subject "$person" --code "$code"
says 'what it shows' 'level                code'
check 'the number comes in' 0 "$kept" collect "$person" --function account --user-action phone=13800001111
check 'the account' 0 "$kept" account show "$person"
says 'stands' active
check 'another number, without a code' 1 "$kept" collect "$person" --function account --user-action phone=13800002222
says 'is not taken' NEED_VERIFICATION

check 'a code by mail' 0 "$kept" account begin mail=ada@example.org --subject "$person" --language en
echo busy >mode
check 'the server is busy' 0 post
says 'it did not go' 'mail: not sent'
check 'not at once again' 0 post
is 'one try' "$(wc -l <mail.tries)" 1
check 'nobody lost it' 0 "$kept" stat
echo take >mode
sleep 31
check 'later it is tried again' 0 post
says 'and goes' 'mail: sent 250'
is 'from whom to whom' "$(head -1 mail.txt | tr -d '\r')" 'FROM noreply@shop.example TO ada@example.org'
is 'a date, an id, no answer wanted' "$(grep -cE '^(Date: [A-Z][a-z]{2}, |Message-ID: <[0-9a-f]{32}@shop.example>|Auto-Submitted: auto-generated)' mail.txt)" 3
code=$(/usr/bin/python3 -c 'import email, email.policy, sys
m = email.message_from_string(open("mail.txt").read().split("\n", 1)[1], policy=email.policy.default)
print(m["subject"], m.get_content(), sep="\n")' | tee mail.plain | grep -oE '[0-9]{6}')
is 'the title is readable' "$(head -1 mail.plain)" 'Your code for Corner Shop (example)'
check 'that code' 0 "$kept" account prove mail=ada@example.org --subject "$person" --code "$code"

echo never >mode
check 'a code to nobody' 0 "$kept" account begin mail=nobody@example.org --source 192.0.2.8
check 'refused for good' 0 post
says 'as the server said, by number' 'mail: refused 550'
lacks 'and without its words' nobody@
sleep 31
tries=$(wc -l <mail.tries)
check 'it is given up' 0 post
is 'no further try' "$(wc -l <mail.tries)" "$tries"

check 'a voice, printed' 0 "$kept" account begin phone=13800003333 --voice
check 'for development' 0 "$kept" post --print --once
says 'all of it' 'voice to 13800003333'
check 'asked too often' 1 "$kept" account begin phone=13800003333
says 'is told' TOO_OFTEN
kill -TERM "$server"
wait "$server"
if grep -qE '1380000|ada@|nobody@' serve.log; then fail 'no log knows an address' "$(grep -E '1380000|ada@|nobody@' serve.log | head -2)"; else pass 'no log knows an address'; fi
finish
