#!/bin/sh
# Goal: rotation, upkeep, numbers, and the end of the service.
. "$(dirname "$0")/aid.sh"
store
writer
check 'rotate' 0 "$kept" rotate
says 'a new epoch' 'epoch                2'
check 'values open after it' 0 "$kept" use "$person" message --purpose support
check 'rotate by a role: no' 1 "$kept" rotate --as officer
check 'rotate what: usage' 2 "$kept" rotate token
check 'rotate tokens by a role: no' 1 "$kept" rotate tokens --as officer
check 'rotate tokens' 0 "$kept" rotate tokens
says 'a new token key' 'token key            2'
check 'one rotation of tokens at a time' 6 "$kept" rotate tokens
says 'and what to do' 'each tick does some'
check 'found meanwhile' 0 "$kept" subject find contact-phone=13800001111
says 'the person' "$person"
check 'tick' 0 "$kept" tick
says 'tokens made anew' 'people retokened     1'
says 'nothing ends yet' 'records ended        0'
check 'found under the new key' 0 "$kept" subject find contact-phone=13800001111
check 'and what was done with the keys is told' 0 "$kept" audit --as auditor
says 'before' 'token key 1 is to be destroyed'
says 'and after' 'token key 1 is destroyed'
check 'tick as JSON' 0 "$kept" tick --json
json 'tick is JSON'
check 'tick by a role: no' 1 "$kept" tick --as officer
check 'stat' 0 "$kept" stat
says 'one person' 'people ever          1'
check 'stat --check as JSON' 0 "$kept" stat --check --json
json 'stat is JSON'
check 'stat by a role that may not: no' 1 "$kept" stat --as support
check 'cease by a role: no' 1 "$kept" cease --as officer --yes
check 'cease, and nobody to ask' 2 "$kept" cease
says 'it says what to say' 'cease cannot be undone, and nobody is here to be asked: say --yes'
check 'nothing has ceased' 0 "$kept" collect "$person" --function feedback --user-action message=x
if command -v script >/dev/null 2>&1; then
    echo no | script -qec "$kept cease" /dev/null >"$work/out" 2>"$work/err"
    is 'on a terminal: asked, and refused' $? 2
    says 'what it asked' 'Type yes to go on'
    says 'what came of it' 'nothing was done'
    check 'nothing has ceased then' 0 "$kept" collect "$person" --function feedback --user-action message=x
    cp -R kept before
    echo yes | script -qec "$kept cease" /dev/null >"$work/out" 2>"$work/err"
    is 'asked, and meant' $? 0
    rm -rf kept
    mv before kept
fi
check 'cease' 0 "$kept" cease --yes
check 'collect after it: no' 1 "$kept" collect "$person" --function feedback --user-action message=x
says 'ceased' 'CEASED'
check 'consistent' 0 "$kept" ledger verify
finish
