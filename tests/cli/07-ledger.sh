#!/bin/sh
# Goal: the ledger verifies from its files alone, and whatever is done to them is found.
. "$(dirname "$0")/aid.sh"
store
writer
"$kept" use "$person" message --purpose support --as support --actor clerk-7 --json >use.json 2>/dev/null
entry=$(sed -n 's/.*"entry": "\([0-9a-f]*\)".*/\1/p' use.json)
check 'verify' 0 "$kept" ledger verify
says 'entries' 'widgets: verified:'
says 'the store too' 'checked against the ledger: 0 problems'
check 'as JSON' 0 "$kept" ledger verify --json
json 'verification is JSON'
check 'prove by id' 0 "$kept" ledger prove "$entry"
says 'a C2SP proof' 'c2sp.org/tlog-proof@v1'
check 'prove by index' 0 "$kept" ledger prove 0
check 'prove as JSON' 0 "$kept" ledger prove 0 --json
json 'proof is JSON'
check 'prove what is not there' 5 "$kept" ledger prove 00000000000000000000000000000000
check 'an index behind the end' 5 "$kept" ledger prove 999999
check 'no entry at all' 2 "$kept" ledger prove latest
check 'checkpoint' 0 "$kept" ledger checkpoint
says 'signed' '— kept.example/'
check 'export' 0 "$kept" ledger export log --entries
is 'checkpoint and tiles' "$(ls log)" "$(printf 'checkpoint\ntile')"
check 'export on top' 0 "$kept" ledger export log
check 'export where nothing can be' 8 "$kept" ledger export /proc/log
check 'no store' 5 "$kept" --store none ledger verify
check 'no such app' 5 "$kept" ledger verify --app other

cp -R kept good
mv kept/root.key away
check 'without the root key' 0 "$kept" ledger verify
says 'said so' 'not checked against the ledger'
check 'from files alone' 0 "$kept" ledger verify --files
mv away kept/root.key

back() { rm -rf kept; cp -R good kept; }
log=kept/store/ledger/widgets
size=$(stat -c %s $log/segment-00000000)
for at in 100 $((size / 2)) $((size - 5)); do
    printf 'KEPT' | dd of=$log/segment-00000000 bs=1 seek="$at" conv=notrunc 2>/dev/null
    check "four bytes changed at $at" 1 "$kept" ledger verify --files
    back
done
says 'not verified' 'NOT VERIFIED'
truncate -s $((size / 2)) $log/segment-00000000
check 'half of it gone' 1 "$kept" ledger verify
check 'the store does not open then' 10 "$kept" stat
back
sed 's/^[0-9]*$/3/' $log/checkpoint >x && cp x $log/checkpoint
check 'another checkpoint' 1 "$kept" ledger verify --files
back
printf 'kept.example/0/widgets+00000000+AAAA\n' >$log/verifier
check 'another verifier key' 1 "$kept" ledger verify --files
back
rm kept/keyring/widgets/anchor
check 'without the anchor' 0 "$kept" ledger verify --files
says 'rollback is not excluded' 'rollback not excluded'
back
"$kept" subject new >/dev/null
cp -R kept newer
back
cp newer/keyring/widgets/anchor kept/keyring/widgets/anchor
check 'an older ledger and store, a newer anchor' 1 "$kept" ledger verify --files
says 'rolled back' 'rolled back'
check 'it does not open' 14 "$kept" stat
finish
