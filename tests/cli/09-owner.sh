#!/bin/sh
# Goal: one process owns a store; a second one gets a clear answer and harms nothing.
. "$(dirname "$0")/aid.sh"
store
writer
command -v flock >/dev/null 2>&1 || { pass 'skipped: no flock here'; finish; }
flock kept/store/lock sh -c 'echo >owned; n=0; while [ ! -e done ] && [ $n -lt 600 ]; do sleep 0.05; n=$((n + 1)); done' &
n=0
while [ ! -e owned ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n + 1)); done
check 'a second process' 11 "$kept" stat
says 'is told' 'another'
check 'as JSON' 11 "$kept" stat --json
json_error 'the error is JSON'
check 'collect too' 11 "$kept" collect "$person" --function feedback message=hello
check 'the root key is not changed' 11 "$kept" key change --new second.key
is 'and no new one is made' "$(ls second.key 2>/dev/null)" ''
check 'the ledger verifies all the same' 0 "$kept" ledger verify
says 'without the store' 'not checked against the ledger'
touch done
wait
check 'then it is free again' 0 "$kept" stat
for i in 1 2 3 4 5 6 7 8 9 10; do
    { "$kept" stat >/dev/null 2>&1; echo $? >>codes; } &
done
wait
is 'ten at once: each done or refused' "$(grep -cvE '^(0|11)$' codes)" 0
is 'and at least one done' "$(grep -c '^0$' codes | sed 's/^[1-9][0-9]*/some/')" some
check 'nothing was harmed' 0 "$kept" ledger verify
finish
