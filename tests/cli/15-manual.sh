#!/bin/sh
# Goal: what policies/README.md lists is what the reader takes, and its whole policy is one.
. "$(dirname "$0")/aid.sh"
manual=$policies/README.md
sed -n '/^## A whole policy/,/^## Codes/p' "$manual" | sed -n '/^```yaml/,/^```$/p' | grep -v '^```' >whole.yaml
check 'the whole policy' 0 "$kept" policy check whole.yaml
says 'without an error, without a warning' '0 errors, 0 warnings'
"$kept" init >/dev/null
check 'it can be published' 0 "$kept" policy publish whole.yaml --at 2026-02-01
person
check 'and lived by: consent' 0 "$kept" consent grant "$person" --function account
check 'a mail address' 0 "$kept" collect "$person" --function account mail=zhang.san@example.org
check 'found again' 0 "$kept" subject find mail=zhang.san@example.org
check 'masked for the helper' 0 "$kept" use "$person" mail --purpose support --as helper
says 'so' 'z********@example.org'
check 'erased' 0 "$kept" erase subject "$person"

# listed HEADING N: what stands behind the Nth ` of a paragraph, a word a line.
listed() { sed -n "/^\*\*$1\*\*/,/^\$/p" "$manual" | tr '\n' ' ' | cut -d'`' -f"$(($2 + 1))" | tr ' ' '\n' | grep . ; }
listed Operations 3 >operations
"$kept" policy show whole.yaml --json | tr -d ' \n' |
    sed 's/.*"roles":\[{[^[]*"operations":\[\([^]]*\)\].*/\1,audit,/' | tr ',' '\n' | tr -d '"' >all
is 'operations: as many as there are' "$(wc -l <operations)" "$(wc -l <all)"
is 'and no other' "$(sort operations)" "$(sort all)"
listed 'App types' 3 >types
echo other >>types
is 'app types: all of them' "$(wc -l <types)" 40
while read -r type; do
    sed "s/^app_type: .*/app_type: $type/" whole.yaml >typed.yaml
    "$kept" policy check typed.yaml >typed.out
    grep -q 'BAD_VALUE' typed.out && fail "app type $type" "$(head -1 typed.out)"
    # Which of them may demand what: nothing is an error here, a phone number only a warning.
    case $(grep -oE 'error EXCESSIVE_MANDATORY|warning MORE_THAN_A_PHONE' typed.out) in
    error*) echo "$type" >>nothing ;;
    warning*) echo "$type" >>phone ;;
    esac
done <types
tr '\n' ' ' <"$manual" >"$work/out"
says 'those that may demand a phone number only' "\`$(tr '\n' ' ' <phone | sed 's/ $//')\` a phone number only"
is 'those that may demand nothing' "$(tr '\n' ' ' <nothing)" "womens-health $(sed -n '/^live-stream$/,/^utility$/p' types | tr '\n' ' ')"
finish
