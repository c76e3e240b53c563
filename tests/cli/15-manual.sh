#!/bin/sh
# Goal: docs/policy-language.md is the language: its tables are those of the reader, its tutorial writes a
# policy that passes check and can be lived by, and every kind of item is shown masked.
. "$(dirname "$0")/aid.sh"
page=$top/docs/policy-language.md
check 'the page from the table' 0 "$kept" policy schema --markdown
cp "$work/out" made.md
sed -n '/^## Every key$/,$p' "$page" >committed.md
check 'is what is committed: kept policy schema --markdown' 0 cmp made.md committed.md
sed 's/`retain`/`retian`/' committed.md >other.md
check 'one that says something else is seen' 1 cmp made.md other.md

sed -n '/^## A policy in ten minutes/,/^## How/p' "$page" | sed -n '/^```yaml$/,/^```$/p' | grep -v '^```' >whole.yaml
check 'the policy of the tutorial' 0 "$kept" policy check whole.yaml
says 'without an error, without a warning' '0 errors, 0 warnings'
sed 's/values: many/values: many, sensitive: true/' whole.yaml >sensitive.yaml
check 'what it says to try: a sensitive note' 1 "$kept" policy check sensitive.yaml
says 'is found' SENSITIVE_WITHOUT_SEPARATE_CONSENT
sed 's/retain: account, values/values/' whole.yaml >endless.yaml
check 'and one without an end' 1 "$kept" policy check endless.yaml
says 'is found' NO_RETENTION
"$kept" init >/dev/null
check 'it can be published' 0 "$kept" policy publish whole.yaml --at 2026-02-01
person
check 'and lived by: consent' 0 "$kept" consent grant "$person" --function account
check 'a mail address' 0 "$kept" collect "$person" --function account mail=zhang.san@example.org
check 'found again' 0 "$kept" subject find mail=zhang.san@example.org
check 'masked for the helper' 0 "$kept" use "$person" mail --purpose support --as helper
says 'so' 'z********@example.org'
check 'erased' 0 "$kept" erase subject "$person"

listed() { # the bullets below `Words of KEY`, which end at the next paragraph that is none
    awk -v key="Words of \`$1\`:" '$0 == key { on = 1; next } on && /^\*/ { print } on && /^[^*]/ { exit }' committed.md
}
"$kept" policy show whole.yaml --json | tr -d ' \n' |
    sed 's/.*"roles":\[{[^[]*"operations":\[\([^]]*\)\].*/\1,audit,approval_grant,approval_refuse,/' | tr ',' '\n' | tr -d '"' | grep . >all
listed operations | sed 's/^\* `\([^`]*\)`.*/\1/' >operations
is 'operations: those there are, and no other' "$(sort operations)" "$(sort all)"
listed app_type | grep -o '`[^`]*`' | tr -d '`' >types
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
demands() { listed app_type | sed -n "s/^\* \`\([^\`]*\)\`: a basic function may demand $1\$/\1/p"; }
is 'those that may demand nothing are said to' "$(cat nothing)" "$(demands nothing)"
is 'those that may demand a phone number only, too' "$(cat phone)" "$(demands 'a phone number only')"
sed -n '/^## Kinds of item/,/^## /s/^| `\([^`]*\)` .*/\1/p' committed.md | sort >kinds
sed -n '/^## How kinds look when masked/,/^## /s/^| \(`.*\) | .*/\1/p' "$page" | sed 's/ | .*//' |
    grep -o '`[^`]*`' | tr -d '`' | sort >masked
is 'every kind is shown masked, and no other' "$(cat masked)" "$(cat kinds)"

# The codes: every one is on the page, with its severity.
check 'every finding there is' 0 "$kept" policy check --codes --json
json 'as JSON'
grep '"code"' "$work/out" | cut -d'"' -f4 >codes
sed -n '/^## Findings/,$s/^| `\([A-Z_0-9]*\)` .*/\1/p' committed.md >coded
is 'is on the page' "$(cat coded)" "$(cat codes)"
is 'and no code twice' "$(sort -u codes | wc -l)" "$(wc -l <codes)"
finish
