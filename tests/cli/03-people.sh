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
check 'set nothing' 2 "$kept" subject set "$person"
check 'find' 0 "$kept" subject find contact-phone=13800001111
is 'it is the person' "$(cat "$work/out")" "$person"
check 'find by another spelling' 0 "$kept" subject find 'contact-phone=+86 138 0000 1111'
check 'find nobody: no' 1 "$kept" subject find contact-phone=13800002222
lacks 'the number is not repeated' 13800002222
check 'find by what has no token: no' 1 "$kept" subject find 'message=Please call me.'
check 'find by no phone number' 2 "$kept" subject find contact-phone=138
lacks 'which is not repeated' "'138'"
check 'find without a value' 2 "$kept" subject find contact-phone
check 'trail' 0 "$kept" trail "$person"
says 'what was done' 'consent.grant'
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
check 'audit without the role: no' 1 "$kept" audit app
check 'why' 0 "$kept" why "$person" contact-phone --purpose marketing
says 'denied with its reason' 'deny'
check 'why of nobody' 5 "$kept" why $nobody
finish
