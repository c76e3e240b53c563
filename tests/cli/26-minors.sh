#!/bin/sh
# Goal: support says that somebody seems to be a child; nothing is read any more; the officer settles it, and upkeep erases with a
# certificate. One who is of age is let in again, and a report without reasons, or a finding without one, is none.
. "$(dirname "$0")/aid.sh"
"$kept" init >/dev/null
"$kept" policy publish "$policies/messenger.yaml" >/dev/null
new() {
    id=$("$kept" --json subject new | jq -r .subject)
    "$kept" consent acknowledge "$id" --language en >/dev/null
    "$kept" consent grant "$id" --function profile >/dev/null
    "$kept" collect "$id" --function profile nickname="$1" >/dev/null
    echo "$id"
}
child=$(new Lei) grown=$(new Han)
check 'it is read' 0 "$kept" use "$child" nickname --purpose account
check 'a report without reasons' 2 "$kept" minor report "$child"
for id in "$child" "$grown"; do
    check 'support reports' 0 "$kept" --as support --actor tom minor report "$id" --because 'case 12'
    says 'how it stands' reported
    check 'nothing is read' 1 "$kept" use "$id" nickname --purpose account
    says 'why' RESTRICTED
done
check 'a finding that finds nothing' 2 "$kept" --as officer minor settle "$child" --because 'case 12'
says 'what to say' '--child or --of-age'
check 'or both' 2 "$kept" --as officer minor settle "$child" --child --of-age --because 'case 12'
check 'support may not settle' 1 "$kept" --as support minor settle "$child" --child --because 'case 12'
check 'of age, by a day of birth of a child' 2 "$kept" --as officer minor settle "$grown" --of-age --because x --birth-date 2020-01-01
check 'of age' 0 "$kept" --as officer minor settle "$grown" --of-age --because 'showed a card'
check 'is let in again' 0 "$kept" use "$grown" nickname --purpose account
check 'upkeep deletes nothing that is not settled' 0 "$kept" tick
check 'they are there' 0 "$kept" subject show "$child"
says 'who said it' tom
check 'a child' 0 "$kept" --as officer minor settle "$child" --child --because 'the mother called' --birth-date 2019-04-01
says 'by when' 'erase by'
check 'it is counted' 0 "$kept" --json stat
says 'one' '"minors_to_erase": 1'
check 'upkeep' 0 "$kept" --json tick
says 'erases' '"minors_erased": 1'
check 'a certificate' 0 "$kept" erase subject "$child"
says 'is there' 'erasure'
check 'the trail says by whom' 0 "$kept" trail "$child" --newest --limit 3
says 'and why' 'found to be a child'
check 'the other is there' 0 "$kept" use "$grown" nickname --purpose account
check 'all of it holds' 0 "$kept" ledger verify
finish
