#!/bin/sh
# Goal: rotation, upkeep, numbers, and the end of the service.
. "$(dirname "$0")/aid.sh"
store
writer
check 'rotate' 0 "$kept" rotate
says 'a new epoch' 'epoch                2'
check 'values open after it' 0 "$kept" use "$person" message --purpose support
check 'rotate by a role: no' 1 "$kept" rotate --as officer
check 'tick' 0 "$kept" tick
check 'tick as JSON' 0 "$kept" tick --json
json 'tick is JSON'
check 'tick by a role: no' 1 "$kept" tick --as officer
check 'stat' 0 "$kept" stat
says 'one person' 'people ever          1'
check 'stat --check as JSON' 0 "$kept" stat --check --json
json 'stat is JSON'
check 'stat by a role that may not: no' 1 "$kept" stat --as support
check 'cease by a role: no' 1 "$kept" cease --as officer
check 'cease' 0 "$kept" cease
check 'collect after it: no' 1 "$kept" collect "$person" --function feedback --user-action message=x
says 'ceased' 'CEASED'
check 'consistent' 0 "$kept" ledger verify
finish
