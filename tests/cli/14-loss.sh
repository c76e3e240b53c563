#!/bin/sh
# Goal: after a restore of store.db an administrator accepts the loss, by name and with a reason; what
# people are owed is replayed, never dismissed.
. "$(dirname "$0")/aid.sh"
store
writer
first=$person
writer
second=$person
cp kept/store/store.db backup.db
"$kept" consent withdraw "$first" --function feedback >/dev/null
"$kept" collect "$second" --function feedback --user-action message=again >/dev/null
cp backup.db kept/store/store.db
chmod 600 kept/store/store.db
rm -f kept/store/store.db-wal kept/store/store.db-shm
check 'the check misses what was lost' 1 "$kept" stat --check
says 'and says what to do' 'kept store accept-loss'
check 'without saying whose' 2 "$kept" store accept-loss --because 'restored'
check 'without a reason' 2 "$kept" store accept-loss --all
check 'one and all' 2 "$kept" store accept-loss "$first" --all --because 'restored'
check 'by a role: no' 4 "$kept" store accept-loss --all --because 'restored' --as officer
check 'of nobody' 5 "$kept" store accept-loss 00000000000000000000000000000001 --because 'restored'
check 'of no id' 2 "$kept" store accept-loss someone --because 'restored'
check 'still missed' 1 "$kept" stat --check
check 'accepted' 0 "$kept" store accept-loss --all --because 'disk failed' --actor ops-2
says 'one person' 'people who lost changes  1'
says 'what it was' 'lost: collect'
check 'whole again' 0 "$kept" stat --check
check 'verified' 0 "$kept" ledger verify
check 'the withdrawal stands' 1 "$kept" use "$first" message --purpose support
says 'withdrawn' 'WITHDRAWN'
check 'the other one goes on' 0 "$kept" use "$second" message --purpose support
check 'it is in the trail' 0 "$kept" trail "$second"
says 'who' 'ops-2'
says 'why' 'disk failed'
check 'again' 0 "$kept" store accept-loss --all --because 'restored' --json
json 'as JSON'
says 'nothing more' '"accepted": 0'
finish
