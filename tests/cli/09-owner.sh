#!/bin/sh
# Goal: one process owns a store; a second one gets a clear answer and harms nothing.
. "$(dirname "$0")/aid.sh"
store
writer
command -v flock >/dev/null 2>&1 || { pass 'skipped: no flock here'; finish; }
flock kept/store/lock sh -c 'echo >owned; n=0; while [ ! -e done ] && [ $n -lt 600 ]; do sleep 0.05; n=$((n + 1)); done' &
n=0
while [ ! -e owned ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n + 1)); done
began=$(date +%s%N)
check 'a second process' 11 "$kept" stat
waited=$((($(date +%s%N) - began) / 100000000))
says 'is told' 'another process'
says 'how long it waited' 'after 2 s of waiting'
is 'so it did' "$([ "$waited" -ge 18 ] && [ "$waited" -le 60 ] && echo yes)" yes
# Who has the lock is the system's to tell: where it does not, nothing is said.
owner=$(awk -v i=":$(stat -c %i kept/store/lock)$" '$2 == "FLOCK" && $6 ~ i {print $5}' /proc/locks 2>/dev/null)
[ -n "$owner" ] && says 'and by whom it is owned' "(process $owner)"
began=$(date +%s%N)
check 'it need not wait' 11 "$kept" stat --wait 0 --json
is 'nor did it' "$([ $((($(date +%s%N) - began) / 100000000)) -le 15 ] && echo yes)" yes
json_error 'the error is JSON'
check 'collect too' 11 "$kept" collect "$person" --function feedback message=hello --wait 0
check 'the root key is not changed' 11 "$kept" key change --new second.key --wait 0
is 'and no new one is made' "$(ls second.key 2>/dev/null)" ''
check 'the ledger verifies all the same' 0 "$kept" ledger verify
says 'without the store' 'not checked against the ledger'
"$kept" stat --wait 60 >waited.out 2>&1 &
waiter=$!
sleep 0.3
touch done
wait "$waiter"
is 'who waited gets it' "$?" 0
wait
check 'a wait that is no number' 2 "$kept" stat --wait long
check 'nor a day and more' 2 "$kept" stat --wait 86401
check 'then it is free again' 0 "$kept" stat
for i in 1 2 3 4 5 6 7 8 9 10; do
    { "$kept" stat --wait 60 >/dev/null 2>&1; echo $? >>codes; } &
done
wait
is 'ten at once: each has its turn' "$(grep -c '^0$' codes)" 10
check 'nothing was harmed' 0 "$kept" ledger verify
finish
