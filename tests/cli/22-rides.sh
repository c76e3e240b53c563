#!/bin/sh
# Goal: a policy that is none of the five, in two languages, passes check, becomes its documents, is published
# and lived by: what a third party passes in, what a law keeps, who sees what, a later version and its notice.
. "$(dirname "$0")/aid.sh"
rides=$top/examples/policies/rides.yaml
check 'the policy' 0 "$kept" policy check "$rides"
says 'without an error, without a warning' '0 errors, 0 warnings'

# What stands in the way of leaving is owed, whichever words say so; what is not owed is still found.
sed 's/您有未付的车费/您有未结束的聊天/; s/a fare is unpaid/a chat is open/' "$rides" >open.yaml
check 'a condition that is owed to nobody' 0 "$kept" policy check open.yaml
says 'is found' CANCELLATION_CONDITION
says 'and how it is judged is said' 'where something is owed, say what'
sed 's/when you close your account/when we see fit/' "$rides" >cancel.yaml
check 'leaving, in one language only' 0 "$kept" policy check cancel.yaml
says 'is found' LANG_CONFLICT
sed 's/when you close your account/when you end your account/' "$rides" >ends.yaml
check 'ending an account is leaving' 0 "$kept" policy check ends.yaml
lacks 'which is no conflict' LANG_CONFLICT

check 'as it is understood' 0 "$kept" policy show "$rides"
says 'days as the policy writes them' 'version 1, issued 2026-10-01, effective 2026-10-15'
says 'on which clients' 'offered on: android from 10, ios from 15, phone, the app from 5.0'
says 'who is abroad, and how it gets there' 'holds it in: SG; sent there by: contract'
says 'an agreement, in days' 'agreement: from 2026-01-01 to before 2028-01-01, checked'
says 'one day' 'kept: 1 day'
lacks 'which are not one' '1 days'
says 'another database' 'held in: ride-recordings'
says 'the law behind it' 'by law: E-Commerce Law, Art. 31'
says 'whom a law sends' 'sent by a law'
says 'every purpose' 'purposes: all'
sed 's/    retain: 1 day$/    retain: 36 hours/' "$rides" >hours.yaml
check 'hours' 0 "$kept" policy show hours.yaml
says 'as hours' 'kept: 36 hours'

for language in zh en; do
    for document in notice text collected recipients cookies summary ropa-csv ropa-json dpv; do
        check "$document in $language" 0 "$kept" policy render "$rides" --as $document --language $language --out made
        is 'is written' "$(test -s made && echo yes)" yes
    done
done
check 'the text' 0 "$kept" policy render "$rides" --as text --language en
says 'sets apart what is sensitive' 'The fare (sensitive)'
says 'sends nobody elsewhere unsaid' 'Nothing of it goes elsewhere but'
check 'the Chinese text' 0 "$kept" policy render "$rides" --as text
says 'speaks of guardians in Chinese' '祖父母或外祖父母'
lacks 'only' grandparent
check 'the summary' 0 "$kept" policy render "$rides" --as summary --language en
says 'says how late an answer may be' 'it may take up to 10 working days longer'
check 'the record' 0 "$kept" policy render "$rides" --as ropa-csv --language en
says 'says so, too' 'up to 10 working days longer'

explain() { "$kept" policy explain "$rides" "$@"; }
check 'a value nobody names a giver of' 1 explain --use collect --item payment-reference --function pay --consent separate
says 'comes through one' 'it comes in through a recipient that gives it: pay-sdk (--recipient)'
says 'and then may come' 'Then: ALLOWED.'
check 'through it' 0 explain --use collect --item payment-reference --function pay --consent separate --recipient pay-sdk
is 'is allowed, and no more is said of why' "$(head -1 "$work/out")" ALLOWED
check 'an older client' 1 explain --use collect --item recording --function record-ride --consent separate --os android \
    --os-version 9 --app-version 5.1 --surface phone
says 'is told of' 'Stopped at: 13 the client, and permissions of the system'

"$kept" init >/dev/null
check 'published' 0 "$kept" policy publish "$rides"
rider=$("$kept" subject new --birth-date 1990-01-01 --region CN)
"$kept" consent acknowledge "$rider" --language zh >/dev/null
"$kept" consent grant "$rider" --function account >/dev/null
for scope in 'function hail' 'function pay' 'function record-ride' 'recipient pay-sdk' 'recipient translator'; do
    "$kept" consent grant "$rider" --kind separate --"${scope% *}" "${scope#* }" >/dev/null || fail "consent to $scope"
done
check 'an account' 0 "$kept" collect "$rider" --function account phone=13800001111
check 'a ride, the permission off' 1 "$kept" collect "$rider" --function hail --in-use --user-action location=30.25,120.13
says 'is denied' PERMISSION
"$kept" permission on "$rider" location >/dev/null
check 'and on' 0 "$kept" collect "$rider" --function hail --in-use --user-action location=30.25,120.13 order='A1 to the station'
check 'a fare' 0 "$kept" collect "$rider" --function pay fare=23.50
check 'a reference that nobody gave' 1 "$kept" collect "$rider" --function pay payment-reference=ZF1
says 'is denied' RECIPIENT
check 'from who gives it' 0 "$kept" collect "$rider" --function pay --recipient pay-sdk payment-reference=ZF1
check 'from who does not' 1 "$kept" collect "$rider" --function pay --recipient translator payment-reference=ZF1
check 'what it does not give' 1 "$kept" collect "$rider" --function pay --recipient pay-sdk fare=1.00
check 'its way in is on record' 0 "$kept" why "$rider" payment-reference
says 'as such' third_party
check 'the driver' 0 "$kept" --as driver use "$rider" phone --purpose ride
says 'sees the number masked' '138****1111'
check 'and no order' 1 "$kept" --as driver use "$rider" order --purpose ride
check 'the payment service' 0 "$kept" disclose "$rider" fare --recipient pay-sdk --purpose payment
"$kept" permission on "$rider" microphone >/dev/null
check 'a recording, from an unknown client' 1 "$kept" collect "$rider" --function record-ride --in-use recording=x
says 'says what was not said' OS_UNKNOWN

check 'no more rides' 0 "$kept" consent withdraw "$rider" --function hail
says 'the law keeps the order' 'a law keeps it'
check 'and reads it, by its own function' 0 "$kept" --as officer use "$rider" order --purpose legal-duty
check 'but not for another ride' 1 "$kept" --as officer use "$rider" order --purpose ride
says 'for that was withdrawn' WITHDRAWN

child=$("$kept" subject new --birth-date "$(date -d '10 years ago' +%Y-%m-%d)" --region CN)
"$kept" consent acknowledge "$child" --language zh >/dev/null
"$kept" consent grant "$child" --function account >/dev/null
check 'a child alone' 1 "$kept" collect "$child" --function account phone=13700003333
says 'is denied' NEEDS_GUARDIAN
check 'a grandparent' 0 "$kept" guardian add "$child" --contact 'Li Hong, 13900001111' --relation grandparent \
    --verified-by call --written --evidence 'archive 2026/118'
"$kept" consent grant "$child" --kind guardian --function account >/dev/null
check 'who agrees' 0 "$kept" collect "$child" --function account phone=13700003333

sed 's/^version: 1/version: 2/; s/^effective: .*/effective: 2026-10-20/; s/items: \[message\]/items: [message, phone]/' \
    "$rides" >rides-2.yaml
check 'a version that gives more away' 1 "$kept" policy publish rides-2.yaml --dry-run
says 'is material' 'MATERIAL: M3'
says 'by which promise it waits' "promises 15 days' notice"
lacks 'no clause where there is none' ', )'
check 'not yet' 6 "$kept" policy publish rides-2.yaml
later=$(date -u -d '+30 days' +%Y-%m-%d)
check 'in time' 0 "$kept" policy publish rides-2.yaml --at "$later"
check 'erased' 0 "$kept" erase subject "$rider"
says 'but for the two that a law keeps' 'records kept by law  2'
check 'the ledger' 0 "$kept" ledger verify
says 'holds' '0 problems'
finish
