#!/bin/sh
# Goal: values come in by words, files and the standard input, and go out only as the policy says;
# none is ever in an error, and none can steer a terminal.
. "$(dirname "$0")/aid.sh"
store
person
collect() { "$kept" collect "$person" --function feedback --user-action "$@"; }
check 'before consent: no' 1 collect message=hello
says 'why' 'NEEDS_CONSENT'
"$kept" consent grant "$person" --function feedback >/dev/null
check 'collect' 0 collect message=hello 'contact-name=段正淳' contact-phone='138 0000 1111'
check 'an undeclared field is stripped: in part' 20 collect message=again hair=purple
says 'it says so' 'in part: 1 of 2 fields, the others were refused'
says 'and counted' '1 undeclared field stripped'
lacks 'and not repeated' purple
check 'one refused, one taken: in part' 20 collect message=more contact-phone=notaphone
says 'it says so, too' 'in part: 1 of 2 fields'
lacks 'and not that it is allowed as a whole' 'allowed:'
check 'the same as JSON' 20 collect message=more contact-phone=notaphone --json
json 'in part is JSON'
says 'which has the numbers' '"allowed": 1'
says 'and the word' '"in_part": true'
check 'as JSON, all taken' 0 collect message=more --json
says 'not in part' '"in_part": false'
check 'use, of one that is held and one that is not: in part' 20 "$kept" use "$person" message \
    contact-mail --purpose support
check 'the help has the code' 0 "$kept" help
says 'and its meaning' '20  in part'
check 'a value that is none' 1 collect contact-phone=notaphone
says 'invalid' 'INVALID'
lacks 'not repeated' notaphone
check 'nothing' 2 collect
check 'no value' 2 collect message
check 'a function there is not: no' 1 "$kept" collect "$person" --function feedbak message=hello
check 'for nobody' 5 "$kept" collect 00020000000000000000000000000000 --function feedback message=x
check 'by a role that may not: no' 1 collect --as auditor message=hello

printf 'from a file' >value.txt
check 'a value from a file' 0 collect message=@value.txt
check 'a file there is not' 5 collect message=@none.txt
check 'a value that begins with @' 0 collect message=@@home
check 'two values for one' 2 collect contact-phone=13800001111 contact-phone=13900002222
says 'the item is named' 'two values are given for contact-phone, which holds one'
lacks 'the values are not' 13900002222
check 'the first still stands' 0 "$kept" subject find contact-phone=13800001111
check 'and none of the second' 1 "$kept" subject find contact-phone=13900002222
printf '{"message":["one","two"],"contact-mail":"ada@example.org"}' >values.json
check 'values from the standard input' 0 sh -c \
    "$kept collect $person --function feedback --user-action - <values.json"
check 'with --json alone' 0 sh -c "$kept collect $person --function feedback --user-action --json <values.json"
json 'the answer is JSON'
printf '{"message":7}' >bad.json
check 'a number is no value' 2 sh -c "$kept collect $person --function feedback - <bad.json"
printf '{"message":"secret-value"' >bad.json
check 'no JSON' 2 sh -c "$kept collect $person --function feedback - <bad.json"
lacks 'its text is not repeated' secret-value
printf '["message"]' >bad.json
check 'no object' 2 sh -c "$kept collect $person --function feedback - <bad.json"

check 'the clerk' 0 "$kept" use "$person" message contact-name contact-phone --purpose support \
    --as support --actor clerk-7
says 'sees the number masked' '138****1111'
says 'and the name' '段**'
lacks 'not whole' 13800001111
check 'the officer' 0 "$kept" use "$person" contact-phone --purpose support --as officer
says 'sees it whole' 13800001111
check 'for another purpose: no' 1 "$kept" use "$person" contact-phone --purpose marketing --as support
lacks 'nothing of it' '****1111'
check 'without a purpose' 2 "$kept" use "$person" contact-phone --as support
says 'it says what to say' '--purpose is not given: say --purpose PURPOSE'
check 'collect without a function' 2 "$kept" collect "$person" --user-action message=hello
says 'it says so' '--function is not given: say --function FUNCTION'
check 'disclose without either' 2 "$kept" disclose "$person" contact-phone
says 'all that is missing at once' '--purpose and --recipient are not given: say --purpose PURPOSE --recipient RECIPIENT'
check 'the help says what is needed' 0 "$kept" help use
says 'the purpose' '(needed) purpose, as the policy names it'
check 'why says what its answer lacks' 0 "$kept" why "$person" contact-phone --purpose support
says 'no function was given' '--function, which collecting needs'
lacks 'a purpose was' '--purpose, which'
check 'an item there is not: no' 1 "$kept" use "$person" hair --purpose support
check 'no item' 2 "$kept" use "$person"
check 'one of many' 0 "$kept" use "$person" message --record 1 --purpose support
is 'is one' "$(grep -c '^  message' "$work/out")" 1
check 'as JSON' 0 "$kept" use "$person" message --purpose support --as support --json
json 'use is JSON'
is 'nothing beside it' "$(wc -c <"$work/err")" 0
says 'the claimed role stands in it' '"authenticated": false'
esc=$(printf 'a\033[2Jb\tc')
collect message="$esc" >/dev/null
check 'control characters' 0 "$kept" use "$person" message --purpose support
says 'are shown, not obeyed' 'a\u{1b}[2Jb\u{9}c'
is 'no escape in the output' "$(grep -c "$(printf '\033')" "$work/out")" 0
printf '\377\376' >bytes
check 'bytes in a text: no' 1 collect contact-name=@bytes

check 'disclose: no' 1 "$kept" disclose "$person" contact-phone --recipient marketing-partner --purpose marketing
says 'separate consent' 'NEEDS_SEPARATE_CONSENT'
check 'to nobody registered: no' 1 "$kept" disclose "$person" contact-phone --recipient broker --purpose marketing
check 'to the court, without papers: no' 1 "$kept" disclose "$person" contact-phone --recipient court --purpose support
check 'with a code and a justification' 0 "$kept" disclose "$person" contact-phone --recipient court \
    --purpose support --exemption vital-interest --because 'order 12/2026'
check 'on that ground nobody does it alone' 1 "$kept" --as officer --actor kim disclose "$person" contact-phone --recipient court \
    --purpose support --exemption legal-demand --because 'order 12/2026'
says 'another must approve' APPROVAL
check 'one asks' 0 "$kept" --as officer --actor kim --json approval ask "$person" contact-phone --recipient court \
    --purpose support --exemption legal-demand --because 'order 12/2026'
number=$(sed -n 's/.*"approval": \([0-9]*\).*/\1/p' "$work/out")
check 'it waits' 0 "$kept" --as officer --actor lee --json approval list
says 'for another' '"state": "asked"'
check 'not by who asked' 1 "$kept" --as officer --actor kim approval grant "$person" --record "$number"
check 'by its number' 2 "$kept" --as officer --actor lee approval grant "$person"
check 'another grants it' 0 "$kept" --as officer --actor lee approval grant "$person" contact-phone --record "$number"
check 'and it is so' 0 "$kept" --as officer --actor kim disclose "$person" contact-phone --recipient court \
    --purpose support --exemption legal-demand --because 'order 12/2026'
check 'taken back' 0 "$kept" --as officer --actor lee approval refuse "$person" --record "$number" --because 'no case'
check 'and it is not' 1 "$kept" --as officer --actor kim disclose "$person" contact-phone --recipient court \
    --purpose support --exemption legal-demand --because 'order 12/2026'
check 'a code without one: no' 1 "$kept" disclose "$person" contact-phone --recipient court \
    --purpose support --exemption legal-demand
check 'disclose as JSON' 1 "$kept" disclose "$person" contact-phone --recipient broker --purpose marketing --json
json 'disclose is JSON'
finish
