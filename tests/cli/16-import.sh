#!/bin/sh
# Goal: people, values and earlier consents come in from files through the same decisions as any other;
# a bad row is told by number and reason, and never by value; each row is taken once, also over kill -9;
# what goes out goes out as the policy says, and comes in again the same.
. "$(dirname "$0")/aid.sh"
store
cat >map.yaml <<'M'
kept-mapping: 1
source: the customer database of 2019
person:
  key: contact-phone
  birth_date: {column: born, date: DD.MM.YYYY}
  region: {value: CN}
consents:
  - {kind: acknowledgement, given: {column: agreed, date: DD.MM.YYYY}, version: {value: "1"}, evidence: form}
  - {kind: explicit, function: feedback, given: {column: agreed, date: DD.MM.YYYY}, version: {value: "1"}, language: {value: en}, evidence: form, when: {column: ok, is: "yes"}}
collect:
  - function: feedback
    purpose: support
    facts: [user-action]
    items:
      contact-name: name
      contact-phone: phone
      contact-mail: mail
      shoe-size: shoe
      message: {value: from the old system}
M
printf '\357\273\277phone,name,mail,born,agreed,form,ok,shoe\r\n' >c.csv
printf '13800001111,"Zhang, San",zs@example.org,01.02.1990,05.03.2024,form 17,yes,\r\n' >>c.csv
printf '13800002222,"Li\r\nSi",notmail,01.02.1991,05.03.2024,form 18,yes,43\r\n' >>c.csv
printf ',Nobody,x@example.org,01.02.1991,05.03.2024,form 19,yes,\r\n' >>c.csv
printf '13800003333,Wang,w@example.org,31.02.1991,05.03.2024,form 20,yes,\r\n' >>c.csv
printf '13800004444,"Lao ""X""",l@example.org,11.02.1991,05.03.2024,form 21,yes,\r\n' >>c.csv
printf '13800005555,Refuser,r@example.org,11.02.1991,05.03.2024,form 22,no,\r\n' >>c.csv
printf '13800006666,Short\r\n' >>c.csv
printf '13800007777,Bad "quote",q@example.org,11.02.1991,05.03.2024,form 24,yes,\r\n' >>c.csv
printf '13800008888,N\377me,q@example.org,11.02.1991,05.03.2024,form 25,yes,\r\n' >>c.csv
printf '13800001111,"Zhang, San",zs2@example.org,01.02.1990,05.03.2024,form 17,yes,\r\n' >>c.csv
import() { "$kept" import c.csv --mapping map.yaml "$@"; }
size() { "$kept" stat | sed -n "s/^$1  *//p"; }

# ---- dry run ----
before=$(size 'ledger entries')
check 'dry run: in part' 20 import --consents --dry-run
says 'which says so' 'nothing was written'
says 'what would be taken, item by item' 'contact-mail       feedback'
says 'refused, and why' 'INVALID 1'
says 'a bad row by number, line and column' 'row 3 (line 5), column phone: no value to find the person by'
says 'a day that is none' 'row 4 (line 6), column born: the date is not written'
says 'a row too short' 'row 7 (line 9): it has fewer columns'
says 'a stray quote' 'row 8 (line 10): a quote stands inside'
says 'no UTF-8' 'row 9 (line 11), column name: the value is not UTF-8'
for value in notmail 31.02.1991 13800003333 Nobody; do lacks "not $value" "$value"; done
is 'nobody came' "$(size 'people ever')" 0
is 'no entry but of the looks' "$(($(size 'ledger entries') - before))" 2
check 'without --consents nobody agreed: no' 1 import --dry-run
says 'it says so' 'NO_NOTICE'
says 'and that consents were left out' 'without --consents they are left out'

# ---- the import ----
check 'import: in part' 20 import --consents --rejects bad.csv --json
json 'the summary is JSON'
says 'with its numbers' '"people_new": 3'
says 'who is there is found' '"people_found": 1'
says 'what is undeclared is stripped' '"stripped": 1'
is 'nothing else is said' "$(wc -c <"$work/err")" 0
is 'the bad rows stand in a file' "$(grep -c "" bad.csv)" 9
is 'which is closed' "$(stat -c %a bad.csv)" 600
is 'and has no value' "$(grep -c 'notmail\|1991\|Nobody\|13800' bad.csv)" 0
check 'once more: nothing' 0 import --consents
says 'it says so' 'imported before'
is 'nobody new' "$(size 'people ever')" 3
check 'found by the key' 0 "$kept" subject find contact-phone=13800001111
id=$(cat "$work/out")
check 'the second row of the same person counts' 0 "$kept" use "$id" contact-mail message --purpose support
says 'their newer mail' zs2@example.org
is 'each message once' "$(grep -c '^  message' "$work/out")" 2
check 'subject show' 0 "$kept" subject show "$id" --json
says 'the consent is a legacy' '"origin": "legacy"'
says 'of its day' '2024-03-05T00:00:00Z'
says 'with its evidence' 'form 17'
check 'the trail' 0 "$kept" trail "$id" --json
says 'knows it too' '"origin": "legacy"'
says 'and that values were imported' '"imported": true'
check 'who said no was not taken' 1 "$kept" subject find contact-phone=13800005555
check 'the ledger says what was imported' 0 "$kept" audit import --as auditor --json
says 'from where' 'the customer database of 2019'
says 'and how it ended' 'of 10 rows 3 taken, 1 in part, 6 refused'

# ---- a legacy consent is a consent ----
check 'it is withdrawn like any other' 0 "$kept" consent withdraw "$id" --function feedback
check 'and then nothing is released' 1 "$kept" use "$id" contact-mail --purpose support --function feedback
check 'an older yes does not undo a newer no' 20 import --consents --again
says 'it says why' 'WITHDRAWN'
check 'nothing is released still' 1 "$kept" use "$id" contact-mail --purpose support --function feedback

# ---- refusals ----
bad() { # NAME WORDS: of the mapping in bad.yaml
    check "$1" 3 "$kept" import c.csv --mapping bad.yaml
    says "$1: where" "$2"
}
sed 's/purpose: support/porpose: support/' map.yaml >bad.yaml
bad 'a misspelt key' 'bad.yaml:12:5: error UNKNOWN_KEY'
says 'and what was meant' "did you mean 'purpose'?"
sed 's/key: contact-phone/key: contact-fax/' map.yaml >bad.yaml
bad 'a key that is not collected' 'bad.yaml:4:8: error DANGLING_REFERENCE'
sed 's/DD.MM.YYYY}$/DD.MM.}/' map.yaml >bad.yaml
bad 'no date' 'bad.yaml:5:36: error BAD_DATE'
sed '/^source/d' map.yaml >bad.yaml
bad 'no source' 'MISSING_KEY'
sed 's/evidence: form, when/when/' map.yaml >bad.yaml
bad 'no evidence' "'evidence' is missing"
printf 'kept-mapping: [1' >bad.yaml
bad 'no YAML' 'YAML_SYNTAX'
check 'as JSON' 3 "$kept" import c.csv --mapping bad.yaml --json
json_error 'the error is JSON'
says 'with the findings' '"findings"'
sed 's/mail: mail$/mail: e-mail/' map.yaml >bad.yaml
check 'a column there is not' 12 "$kept" import c.csv --mapping bad.yaml
says 'is named' "has no column 'e-mail'"
check 'no mapping' 2 "$kept" import c.csv
check 'no file' 5 "$kept" import none.csv --mapping map.yaml
check 'a pipe' 2 "$kept" import /dev/null --mapping map.yaml
check 'no format' 2 "$kept" import map.yaml --mapping map.yaml
check 'a role that may not: no' 4 import --again --as auditor
check '--consents without any' 2 sh -c "sed '/^consents/,/^collect/{/^collect/!d}' map.yaml >few.yaml; \
    $kept import c.csv --mapping few.yaml --consents"
: >empty.csv
check 'an empty file' 12 "$kept" import empty.csv --mapping map.yaml
says 'it says so' 'has no heading'
is 'nobody new' "$(size 'people ever')" 3

# ---- out, and in again ----
check 'export, but for who withdrew: in part' 20 "$kept" export out.csv --items contact-phone,contact-name,message --purpose support
is 'the file is closed' "$(stat -c %a out.csv)" 600
is 'nothing is left beside it' "$(ls out.csv* | wc -l)" 1
check 'again over it: no' 6 "$kept" export out.csv --items message --purpose support
check 'a purpose there is not: no' 1 "$kept" export no.csv --items message --purpose marketing
check 'to the standard output' 20 "$kept" export - --format jsonl --items contact-name,message --purpose support
says 'what one has' '"contact-name":"Lao \"X\""'
check 'masked, to a clerk, one person' 0 "$kept" export - --format csv --where "$("$kept" subject find \
    contact-phone=13800004444)" --items contact-phone --purpose support --as support
says 'masked' '138****4444'
lacks 'not whole' 13800004444
check 'everyone, to a clerk who may not list: no' 4 "$kept" export all.csv --items contact-phone \
    --purpose support --as support
is 'and no file' "$(ls all.csv* 2>/dev/null | wc -l)" 0
check 'an export leaves entries' 0 "$kept" audit export --as auditor --json
says 'of each use' '"operation": "use"'
cat >back.yaml <<'M'
kept-mapping: 1
source: an export
person: {key: contact-phone}
consents:
  - {kind: acknowledgement, given: {value: 2026-02-02}, version: {value: "1"}, evidence: {value: the other store}}
  - {kind: explicit, function: feedback, given: {value: 2026-02-02}, version: {value: "1"}, evidence: {value: the other store}}
collect:
  - function: feedback
    facts: [user-action]
    items: {contact-phone: contact-phone, contact-name: contact-name, message: message}
M
for format in csv jsonl; do
    rm -f out.$format again.$format
    "$kept" export out.$format --items contact-phone,contact-name,message --purpose support >/dev/null
    other="$kept --store other-$format/store --keyring other-$format/keyring --root-key other-$format/root.key"
    mkdir other-$format && $other init >/dev/null && $other policy publish "$policies/widgets.yaml" >/dev/null
    check "$format: into another store" 0 $other import out.$format --mapping back.yaml --consents
    $other export again.$format --items contact-phone,contact-name,message --purpose support >/dev/null
    is "$format: the same values" "$(sed 's/[0-9a-f]\{32\}/ID/' again.$format | cksum)" \
        "$(sed 's/[0-9a-f]\{32\}/ID/' out.$format | cksum)"
done

# ---- kill -9, and on ----
rm -rf kept && store
cat >many.yaml <<'M'
kept-mapping: 1
source: many
person: {key: contact-phone}
consents:
  - {kind: acknowledgement, given: {value: 2026-02-02}, version: {value: "1"}, evidence: {value: list}}
  - {kind: explicit, function: feedback, given: {value: 2026-02-02}, version: {value: "1"}, evidence: {value: list}}
collect:
  - {function: feedback, facts: [user-action], items: {contact-phone: phone, message: text}}
M
rows=20000
awk -v n=$rows 'BEGIN { print "phone,text"; for (i = 0; i < n; i++)
    printf "%s,text %d\n", i % 100 == 7 ? "none" : sprintf("13%09d", i), i }' >many.csv
killed=0
for wait in 0.1 0.2 0.3 0.4 0.5 0.6 0.7; do
    timeout -s KILL $wait "$kept" import many.csv --mapping many.yaml --consents --rejects many-bad.csv \
        >/dev/null 2>&1
    [ $? -eq 137 ] && killed=$((killed + 1))
done
cp many.csv whole.csv
taken=$(size 'people ever')
if [ "$killed" -gt 0 ] && [ "$taken" -lt $((rows - rows / 100)) ]; then
    echo '13999999999,late' >>many.csv
    check 'a file that changed in between: no' 6 "$kept" import many.csv --mapping many.yaml --consents
    says 'it says what waits' 'stopped'
    cp whole.csv many.csv
fi
"$kept" import many.csv --mapping many.yaml --consents --rejects many-bad.csv >"$work/out" 2>"$work/err"
is 'killed at least once' "$([ $killed -gt 0 ] && echo yes)" yes
check 'then finished' 0 "$kept" import many.csv --mapping many.yaml --consents
says 'it says so' 'imported before'
"$kept" export many-out.csv --items contact-phone,message --purpose support >/dev/null
is 'every good row once' "$(tail -n +2 many-out.csv | tr -d '\r' | cut -d, -f2- | sort | cksum)" \
    "$(tail -n +2 many.csv | grep -v '^none' | sort | cksum)"
is 'nobody else' "$(size 'people ever')" $((rows - rows / 100))
is 'every bad row was told' "$(cut -d, -f1 many-bad.csv | grep -v row | sort -un | wc -l)" $((rows / 100))
check 'the store is whole' 0 "$kept" stat --check
check 'and the ledger' 0 "$kept" ledger verify

# ---- help ----
check 'the help' 0 "$kept" help import
says 'has an example' 'kept import customers.csv'
check 'the help of the other' 0 "$kept" help export
finish
