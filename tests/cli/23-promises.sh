#!/bin/sh
# Goal: what people are told is what holds: the day on which a version really takes effect, in the policy's own days;
# which item is missing when a function takes nothing; and what is supposed is what an explanation supposes.
. "$(dirname "$0")/aid.sh"

# ---- the day on which a version takes effect
"$kept" init >/dev/null
"$kept" policy publish "$policies/smart-home.yaml" >/dev/null
check 'render what took effect today' 0 "$kept" policy render @1 --as text --language en
says 'the day on which it did' "in effect from $(TZ=Asia/Shanghai date '+%-d %B %Y' | LC_ALL=C sed 's/^0//')"
sed 's/^version: 1$/version: 2/' "$policies/smart-home.yaml" >two.yaml
check 'publish for a day' 0 "$kept" policy publish two.yaml --at 2099-03-02
says 'it begins as a day does where the policy is' 'effective 2099-03-01T16:00:00Z'
check 'render it' 0 "$kept" policy render @2 --as text --language en
says 'the day that was said' 'in effect from 2 March 2099'
check 'in Chinese' 0 "$kept" policy render @2 --as text
says 'the same day' '2099年3月2日生效'
check 'the record of processing' 0 "$kept" policy render @2 --as ropa-json
says 'the same' '"effective": "2099-03-02"'
check 'render the file' 0 "$kept" policy render two.yaml --as text
lacks 'which says its own' '2099'
check 'a day that is none' 2 "$kept" policy publish two.yaml --at 2099-02-30
sed 's/^time_zone:.*/time_zone: Europe\/Berlin/; s/^version: 1$/version: 3/' "$policies/smart-home.yaml" >berlin.yaml
check 'of another zone' 0 "$kept" policy publish berlin.yaml --at 2099-07-01 --dry-run
says 'begins there, in summer' 'effective 2099-06-30T22:00:00Z'
check 'an instant is an instant' 0 "$kept" policy publish berlin.yaml --at 2099-07-01T00:00:00Z --dry-run
says 'wherever one is' 'effective 2099-07-01T00:00:00Z'

# ---- what is missing is named
rm -rf kept
"$kept" init >/dev/null
"$kept" policy publish "$policies/messenger.yaml" >/dev/null
person=$("$kept" subject new --region CN --birth-date 1990-01-01)
"$kept" consent acknowledge "$person" >/dev/null
check 'half of what is demanded: no' 1 "$kept" collect "$person" --function register --user-action account-name=me
says 'which is missing' 'an item the function cannot do without is missing: phone'
lacks 'no value in it' ': me'
says 'and it is in the ledger' 'ledger entry'
check 'the same as JSON' 1 "$kept" collect "$person" --function register --user-action account-name=me --json
json 'it is JSON'
is 'which' "$(python3 -c 'import json; print(json.load(open("out"))["report"]["missing"])')" "['phone']"
check 'all of it' 0 "$kept" collect "$person" --function register --user-action account-name=me phone=13800138000
check 'explained before' 0 "$kept" policy explain "$policies/messenger.yaml" --use collect --item phone --function register --user-action --age 30 --consent separate
says 'with what it comes' 'in the same request: account-name (else MANDATORY_MISSING)'

# ---- a policy in which it can never be
sed 's/^    mandatory: \[account-name, phone\]/    mandatory: [account-name, phone, clipboard]/' "$policies/messenger.yaml" >apart.yaml
check 'what nobody can bring' 1 "$kept" policy check apart.yaml
says 'is found' 'MANDATORY_APART'

# ---- permissions are supposed
ask() { "$kept" policy explain "$policies/widgets.yaml" --use collect --item location --function location-assist --consent separate --in-use "$@"; }
check 'no permission' 1 ask
check 'with it' 0 ask --permission location
says 'is supposed' 'switched the permission location on'
check 'without it' 1 ask --permission location=off
check 'of one there is not' 2 ask --permission telepathy

# ---- a file from elsewhere knows no client
rm -rf kept
sed '/^  feedback:/,/clause:/s/^    clause:/    client: {os: {android: "10"}, surfaces: [phone]}\n    clause:/' "$policies/widgets.yaml" >clients.yaml
"$kept" init >/dev/null
"$kept" policy publish clients.yaml >/dev/null
printf 'kept-mapping: 1\nsource: the list of 2019\nperson: {key: contact-phone, region: {value: CN}}\nconsents:\n  - {kind: acknowledgement, given: {column: agreed, date: DD.MM.YYYY}, version: {value: "1"}, evidence: form}\n  - {kind: explicit, function: feedback, given: {column: agreed, date: DD.MM.YYYY}, version: {value: "1"}, language: {value: en}, evidence: form}\ncollect:\n  - {function: feedback, facts: [user-action], items: {contact-phone: phone, message: {value: old}}}\n' >map.yaml
printf 'phone,agreed,form\n13800001111,05.03.2024,form 17\n' >c.csv
check 'an import into a function of some clients only' 0 "$kept" import c.csv --mapping map.yaml --consents
lacks 'no client was asked for' OS_UNKNOWN
person=$("$kept" subject find contact-phone=13800001111)
check 'now, one is needed' 1 "$kept" collect "$person" --function feedback --user-action message=new
says 'and which' OS_UNKNOWN
check 'and it must fit' 0 "$kept" collect "$person" --function feedback --user-action --os android --os-version 12 --surface phone message=new

# ---- what is erased, and who else holds it
sed 's/{text: what you wrote, kind: text,/{text: what you wrote, place: external, held_in: desk, kind: text,/' "$policies/widgets.yaml" >outside.yaml
rm -rf kept
"$kept" init >/dev/null
"$kept" policy publish outside.yaml >/dev/null
person=$("$kept" subject new --region CN)
check 'an erasure' 0 "$kept" erase subject "$person"
says 'names what another system holds' desk
finish
