#!/bin/sh
# Goal: an address book meets members who may be found, and tells nothing of the others; both sides of
# the way can be tried from the command.
. "$(dirname "$0")/aid.sh"
"$kept" init >/dev/null
sed -e 's/^app: notebook/app: friends/' "$here/friends.yaml" >friends.yaml
"$kept" policy publish friends.yaml --at 2026-02-01 >/dev/null || echo "FAILED $scenario: no policy"
join() { # NUMBER FUNCTION ...: a person with that number who agrees to those functions
    person=$("$kept" subject new)
    "$kept" consent acknowledge "$person" >/dev/null
    number=$1
    shift
    for f in account "$@"; do "$kept" consent grant "$person" --function "$f" >/dev/null; done
    "$kept" collect "$person" --function account phone="$number" >/dev/null
}
join 13800001111 findable
friend=$person
join 13800002222
hidden=$person
join 13900000000 meeting
find() { "$kept" contacts "$person" address-book "$@" --function meeting --purpose service; }
check 'without the permission: no' 1 find 13800001111
says 'why' PERMISSION
"$kept" permission on "$person" contacts >/dev/null
check 'found' 0 find '+86 138 0000 1111' 13800002222 13800003333
says 'the member who agreed' "$friend"
lacks 'not the one who did not' "$hidden"
check 'nobody is found' 1 find 13800003333
check 'as JSON' 0 find 13800001111 --json
json 'it is'
check 'no number' 2 find 1380
lacks 'is not repeated in the error' 1380
check 'more than the day allows: no' 1 find 13800001111 13800001112 13800001113 13800001114 13800001115 \
    13800001116 13800001117
says 'why' LIMIT
check 'another item: no' 1 "$kept" contacts "$person" phone 13800001111 --function account \
    --purpose service
says 'why' NOT_SEARCHABLE
finish
