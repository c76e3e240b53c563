#!/bin/sh
# Goal: the root key opens everything and nothing else does; it can be changed and written down; no
# command but `key recovery` ever shows one.
. "$(dirname "$0")/aid.sh"
store
writer
key=$(cat kept/root.key)
check 'show' 0 "$kept" key show
lacks 'not the key' "$key"
check 'show as JSON' 0 "$kept" key show --json
json 'show is JSON'
lacks 'nor here' "$key"
chmod 644 kept/root.key
check 'open to others: refused' 2 "$kept" stat
says 'how to mend it' 'chmod 600'
lacks 'no key in the error' "$key"
chmod 600 kept/root.key
cp kept/root.key right
printf '%064d\n' 7 >kept/root.key
check 'another root key' 9 "$kept" stat
check 'show it' 0 "$kept" key show
says 'does not open' 'another root key'
check 'change from a wrong one' 9 "$kept" key change --new kept/root-2.key
is 'no new key is left behind' "$(ls kept)" "$(printf 'keyring\nroot.key\nstore')"
check 'verify all the same' 0 "$kept" ledger verify
echo nonsense >kept/root.key
check 'no root key at all' 10 "$kept" stat
rm kept/root.key
check 'none' 5 "$kept" stat
ln -s ../right kept/root.key
check 'a link: refused' 2 "$kept" stat
rm kept/root.key
cp right kept/root.key

check 'recovery' 0 "$kept" key recovery
cp "$work/out" paper
check 'restore over the key: refused' 6 "$kept" key restore paper
rm kept/root.key
check 'restore' 0 "$kept" key restore paper
is 'the same key' "$(cat kept/root.key)" "$key"
rm kept/root.key
sed '3s/[0-9a-f]\(  [0-9a-f]*\)$/x\1/' paper >typo
check 'a slip of the pen' 10 "$kept" key restore typo
says 'its line is named' 'line 2'
is 'and nothing is made' "$(ls kept/root.key 2>/dev/null)" ''
check 'from the standard input' 0 sh -c "$kept key restore - <paper"

check 'a copy is checked' 0 "$kept" key recovery --check paper
says 'and opens' 'which opens this keyring'
lacks 'without showing it' "$(sed -n 's/^1  \([0-9a-f]* [0-9a-f]*\).*/\1/p' paper)"
check 'a typo is found' 10 "$kept" key recovery --check typo
says 'with its line' 'line 2'
check 'what is to be checked?' 2 "$kept" key recovery --check
check 'and why?' 2 "$kept" key recovery paper

check 'change, without saying where the new one goes' 2 "$kept" key change
says 'it says what to say' '--new is not given: say --new WHERE'
is 'nothing was changed' "$(cat kept/root.key)" "$key"
check 'change' 0 "$kept" key change --new kept/root-2.key
lacks 'no key is shown' "$(cat kept/root-2.key)"
says 'that the keyring knows it' 'The keyring names it'
says 'and that the former stays' 'kept/root.key, was left as it is'
is 'the former is as it was' "$(cat kept/root.key)" "$key"
is 'the new one is another' "$([ "$(cat kept/root-2.key)" != "$key" ] && echo yes)" yes
is 'closed to others' "$(stat -c %a kept/root-2.key)" 600
check 'the store opens with the new one' 0 "$kept" --root-key kept/root-2.key use "$person" message \
    --purpose support
check 'which the keyring names' 0 "$kept" stat
check 'and not with the former' 9 "$kept" --root-key kept/root.key stat
says 'both are named' 'this keyring is under'
check 'the former copy does not open any more' 1 "$kept" key recovery --check paper
says 'and why' 'copy of another root key'
check 'nor can the former change it' 9 "$kept" --root-key kept/root.key key change --new kept/root-3.key
is 'no new key is left behind' "$(ls kept/root-3.key 2>/dev/null)" ''
cp -r kept moved
check 'all moved together' 0 "$kept" --store moved/store --keyring moved/keyring stat
rm -r moved
mv kept/root-2.key kept/root-4.key
check 'moved alone: not found' 5 "$kept" stat
says 'and what to say' 'if it was moved, say --root-key FILE'
check 'it is noted where it is' 0 "$kept" --root-key kept/root-4.key key change --new kept/root-4.key
says 'the same key' 'It is the same key'
check 'and found' 0 "$kept" stat
check 'again: known already' 2 "$kept" key change --new kept/root-4.key
check 'change into a file' 0 "$kept" key change --new second.key
check 'the store opens with it' 0 "$kept" --root-key second.key stat
check 'as JSON' 0 "$kept" key change --new third.key --json
json 'the change is JSON'
mv third.key second.key
check 'into the store: refused' 2 "$kept" --root-key second.key key change --new kept/store/third.key
check 'nor into the keyring' 2 "$kept" --root-key second.key key change --new "$work/kept/keyring/third.key"
check 'consistent after it all' 0 "$kept" --root-key second.key stat --check
export KEPT_ROOT_KEY=second.key
check 'a mirror of the keyring' 0 "$kept" --mirror mirror stat
check 'holds the same' 0 cmp kept/keyring/widgets/journal mirror/widgets/journal
check 'a mirror in the store: refused' 2 "$kept" --mirror kept/store/mirror stat
cp -r mirror older
person
"$kept" --mirror mirror erase subject "$person" --later >/dev/null
person
"$kept" --mirror mirror erase subject "$person" --later >/dev/null
check 'an older mirror: refused' 14 "$kept" --mirror older stat
says 'and how to settle it' 'move the mirror away'
cp -r kept/keyring newest
rm -r kept/keyring && cp -r older kept/keyring
check 'an older keyring: refused' 14 "$kept" --mirror mirror stat
says 'and how to settle that' "in the keyring's place"
rm -r kept/keyring && cp -r mirror kept/keyring
check 'settled' 0 "$kept" --mirror mirror stat --check
finish
