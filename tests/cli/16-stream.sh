#!/bin/sh
# Goal: a value of any size comes from a file and goes into one, whole or not at all; nothing is
# written over, and nobody gets by this way what they would not get by the other.
. "$(dirname "$0")/aid.sh"
store
person
collect() { "$kept" collect "$person" --function service-log "$@"; }
use() { "$kept" use "$person" --function service-log --purpose bug-analysis "$@"; }
none() { if [ -e "$2" ]; then fail "$1" "$2 is there"; else pass "$1"; fi; }
head -c 5000001 /dev/urandom >value.bin
check 'for a function that may not have it: no' 1 "$kept" collect "$person" \
    --function device-adaptation crash-report --file value.bin
says 'why' FUNCTION
check 'an item that is none: no' 1 collect shoe-size --file value.bin
says 'why' UNDECLARED
check 'text comes whole' 2 collect browser-type --file value.bin
says 'it says so' 'come whole'
check 'no item' 2 collect --file value.bin
check 'two items' 2 collect crash-report browser-type --file value.bin
check 'a value beside the file' 1 collect crash-report=x --file value.bin
check 'a file there is not' 5 collect crash-report --file none.bin
check 'nothing is held: no' 1 use crash-report --out got.bin
none 'and no file is made' got.bin
check 'from a file' 0 collect crash-report --file value.bin
says 'allowed' allowed
check 'into a file' 0 use crash-report --out got.bin
if cmp -s value.bin got.bin; then pass 'the same bytes'; else fail 'the same bytes'; fi
is 'closed to others' "$(stat -c %a got.bin)" 600
check 'nothing is written over' 6 use crash-report --out got.bin
says 'it says so' 'there already'
check 'two items into one file' 2 use crash-report browser-type --out two.bin
none 'and none is made' two.bin
check 'from the standard input' 0 sh -c \
    "head -c 70000 value.bin | $kept collect $person --function service-log crash-report --file - --json"
json 'the answer is JSON'
check 'the second of two values' 0 use crash-report --record 2 --out second.bin --json
json 'the answer is JSON, too'
lacks 'without the value' value_hex
is 'as long as it came' "$(stat -c %s second.bin)" 70000
check 'by a role that may not: no' 1 use crash-report --as auditor --out other.bin
none 'and no file' other.bin
check 'by a role that has it masked: no file' 1 "$kept" use "$person" crash-report --as officer \
    --purpose security --function service-log --out other.bin
none 'as said' other.bin
says 'but the masked form' '****'
# A byte on the disk is another: what came before it is taken back.
if command -v sqlite3 >/dev/null 2>&1; then
    sqlite3 kept/store/store.db "UPDATE chunk SET body = (SELECT body FROM chunk WHERE number = 60 \
        LIMIT 1) WHERE number = 61" >/dev/null
    check 'a damaged value' 10 use crash-report --out damaged.bin
    none 'leaves nothing' damaged.bin
fi
check 'every read and write is in the trail' 0 "$kept" trail "$person"
says 'with the item' crash-report
finish
