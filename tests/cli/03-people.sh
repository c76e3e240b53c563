#!/bin/sh
# Goal: people appear, are shown, found and changed; who may not, does not; who is not there, is not.
. "$(dirname "$0")/aid.sh"
store
writer
nobody=00020000000000000000000000000000
check 'new, as JSON' 0 "$kept" subject new --region CN --birth-date 1990-05-17 --json
json 'new is JSON'
check 'born tomorrow' 2 "$kept" subject new --birth-date 2999-01-01
check 'born on no day' 2 "$kept" subject new --birth-date 1990-02-30
check 'show' 0 "$kept" subject show "$person"
says 'consents are there' 'feedback'
lacks 'no value' 13800001111
check 'show, as JSON' 0 "$kept" subject show "$person" --json
json 'show is JSON'
check 'show nobody' 5 "$kept" subject show $nobody
check 'an id that is none' 2 "$kept" subject show 12
check 'by a role that may not: no' 1 "$kept" subject show "$person" --as support
says 'and says why' 'OPERATION'
says 'and that the role is not checked' 'UNAUTHENTICATED'
check 'a role there is not: no' 1 "$kept" subject show "$person" --as king
check 'set' 0 "$kept" subject set "$person" --birth-date 1985-01-31
check 'show what was set' 0 "$kept" subject show "$person"
says 'the birth date' 'birth date           1985-01-31'
says 'the band it falls in' 'age band             self'
says 'no region: not known' 'region               unknown'
check 'set the region' 0 "$kept" subject set "$person" --region CN
check 'a role is shown the facts' 0 "$kept" subject show "$person" --as officer
says 'the region' 'region               CN'
says 'the band' 'age band             self'
lacks 'not the birth date' 1985-01-31
check 'a region that the policy does not name' 0 "$kept" subject set "$person" --region NZ
check 'show it' 0 "$kept" subject show "$person"
says 'as such' 'one that no policy here names'
"$kept" subject set "$person" --region CN >/dev/null
check 'set nothing' 2 "$kept" subject set "$person"
check 'find' 0 "$kept" subject find contact-phone=13800001111
is 'it is the person' "$(cat "$work/out")" "$person"
check 'find by another spelling' 0 "$kept" subject find 'contact-phone=+86 138 0000 1111'
check 'find nobody: no' 1 "$kept" subject find contact-phone=13800002222
lacks 'the number is not repeated' 13800002222
check 'find by what has no token: no' 1 "$kept" subject find 'message=Please call me.'
says 'and says why' 'NOT_SEARCHABLE'
says 'and how to make it so' 'lacks `token: true`'
check 'find by what is not declared: no' 1 "$kept" subject find 'hair=purple'
says 'says that' 'UNDECLARED'
check 'find by no phone number' 2 "$kept" subject find contact-phone=138
lacks 'which is not repeated' "'138'"
check 'find without a value' 2 "$kept" subject find contact-phone
check 'trail' 0 "$kept" trail "$person"
says 'what was done' 'consent.grant'
cp "$work/out" told
columns='  index    at                    operation            decision  actor             role'
long=$(printf '%064d' 0 | tr 0 z)
"$kept" use "$person" message --purpose support --as officer --actor "$long" >/dev/null 2>&1
"$kept" disclose "$person" contact-phone --recipient court --purpose support --actor 段正淳段正淳段正淳 \
    --exemption legal-demand --because 'order 12 of 2026, of a court that writes long reasons for it' >/dev/null
check 'trail, with long names' 0 "$kept" trail "$person"
is 'its columns stand still' "$(grep -cxF "$columns" told "$work/out" | tr '\n' ' ')" "told:1 $work/out:1 "
is 'no line is longer than 100 columns' "$(awk 'length($0) > 100' "$work/out" | wc -l)" 0
says 'a long name is cut' 'zzzzzzzzzzzzzz..  officer'
says 'so is a wide one, by columns' '段正淳段正淳段..'
says 'what only some entries have stands below' 'justification order 12 of 2026'
check 'the whole of it' 0 "$kept" trail "$person" --json
json 'trail is JSON'
says 'is in the JSON' "$long"
check 'trail, one row' 0 "$kept" trail "$person" --limit 1 --json
says 'there is more' '"next": '
next=$(sed -n 's/.*"next": \([0-9]*\).*/\1/p' "$work/out")
check 'trail, the next page' 0 "$kept" trail "$person" --limit 1 --from "$next"
check 'trail, newest first' 0 "$kept" trail "$person" --newest --limit 1
says 'the newest is the trail before it' 'trail'
check 'a page without rows' 2 "$kept" trail "$person" --limit 0
check 'a page too large' 7 "$kept" trail "$person" --limit 10001
check 'from nowhere' 2 "$kept" trail "$person" --from first
check 'other commands have no pages' 2 "$kept" subject show "$person" --limit 1
check 'trail of nobody' 5 "$kept" trail $nobody
check 'trail by a role that may not: no' 1 "$kept" trail "$person" --as support
check 'audit' 0 "$kept" audit app --as auditor
is 'the same columns' "$(grep -cxF "$columns" "$work/out")" 1
is 'no line is longer here' "$(awk 'length($0) > 100' "$work/out" | wc -l)" 0
check 'audit without the role: no' 1 "$kept" audit app
check 'why' 0 "$kept" why "$person" contact-phone --purpose marketing
says 'denied with its reason' 'deny'
check 'why of nobody' 5 "$kept" why $nobody
finish
