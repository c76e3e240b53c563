#!/bin/sh
# Goal: what is wrong with a policy is said in the form that each reader takes: people, programs, code
# scanning, a workflow of GitHub; to the letter, and with the same answer.
. "$(dirname "$0")/aid.sh"
cat >'a: 100%, b.yaml' <<'END'
kept: 1
app: notebook
version: 1
issued: 2026-01-15
effective: 2026-02-01
app_type: other
jurisdiction: CN
time_zone: "+08:00"
languages: {authority: en}
controller: {name: Notebook Ltd., contact: privacy@example.org}
notice: {sentences: [{text: We keep your notes.}]}
withdrawal: {effect: collect_and_use}
regions: {stored: [CN]}
rotation: 7 days
backup_window: 30 days
evidence: 2 years
purposes: {notes: {text: keep your notes}}
items:
  note: {text: 笔记, kind: txet, information: content, source: user, retain: account}
functions:
  notes: {text: keeps, kind: basic, consent: explicit, purposes: [notes], optional: [noet], refusing_costs: All.}
roles:
  app: {operations: all}
END
file='a: 100%, b.yaml'
same() { # NAME: what was said is what stands in `want`
    if cmp -s want "$work/out"; then pass "$1"; else fail "$1" "$(diff want "$work/out" | head -5)"; fi
}

cat >want <<'END'
a: 100%, b.yaml:16:11: warning SHORT_EVIDENCE: records of processing are kept three years or longer (PIPL 56)
    mend: keep it 3 years
a: 100%, b.yaml:19:26: error BAD_VALUE: 'txet' is not a value of 'kind'
    mend: did you mean 'text'?
a: 100%, b.yaml:21:86: error DANGLING_REFERENCE: no item 'noet' is declared: this rule would allow nothing
    mend: did you mean 'note'?
a: 100%, b.yaml: 2 errors, 1 warning
END
check 'without a format' 1 "$kept" policy check "$file"
same 'people get text'
check 'text' 1 "$kept" policy check "$file" --format text
same 'is the same'

cat >want <<'END'
::warning file=a%3A 100%25%2C b.yaml,line=16,col=11,title=SHORT_EVIDENCE::records of processing are kept three years or longer (PIPL 56)%0Amend: keep it 3 years
::error file=a%3A 100%25%2C b.yaml,line=19,col=26,title=BAD_VALUE::'txet' is not a value of 'kind'%0Amend: did you mean 'text'?
::error file=a%3A 100%25%2C b.yaml,line=21,col=86,title=DANGLING_REFERENCE::no item 'noet' is declared: this rule would allow nothing%0Amend: did you mean 'note'?
END
check 'github' 1 "$kept" policy check "$file" --format github
same 'commands of a workflow'

cat >want <<'END'
{
  "errors": 2,
  "warnings": 1,
  "findings": [
    {
      "severity": "warning",
      "code": "SHORT_EVIDENCE",
      "line": 16,
      "column": 11,
      "text": "records of processing are kept three years or longer (PIPL 56)",
      "mend": "keep it 3 years"
    },
    {
      "severity": "error",
      "code": "BAD_VALUE",
      "line": 19,
      "column": 26,
      "text": "'txet' is not a value of 'kind'",
      "mend": "did you mean 'text'?"
    },
    {
      "severity": "error",
      "code": "DANGLING_REFERENCE",
      "line": 21,
      "column": 86,
      "text": "no item 'noet' is declared: this rule would allow nothing",
      "mend": "did you mean 'note'?"
    }
  ],
  "file": "a: 100%, b.yaml"
}
END
check 'json' 1 "$kept" policy check "$file" --format json
same 'one document'
check 'as --json' 1 "$kept" policy check "$file" --json
same 'says it, too'
check 'and both' 1 "$kept" policy check "$file" --json --format json
same 'are no contradiction'

check 'sarif' 1 "$kept" policy check "$file" --format sarif
json 'is JSON'
rule() { # ID TEXT LEVEL [BEHIND]
    printf '            {\n              "id": "%s",\n              "shortDescription": {\n' "$1"
    printf '                "text": "%s"\n              },\n' "$2"
    printf '              "defaultConfiguration": {\n                "level": "%s"\n              }' "$3"
    [ -z "${4-}" ] || printf ',\n              "properties": {\n                "behind": "%s"\n              }' "$4"
    printf '\n            }'
}
result() { # ID INDEX LEVEL MESSAGE LINE COLUMN
    printf '        {\n          "ruleId": "%s",\n          "ruleIndex": %s,\n          "level": "%s",\n' "$1" "$2" "$3"
    printf '          "message": {\n            "text": "%s"\n          },\n          "locations": [\n            {\n' "$4"
    printf '              "physicalLocation": {\n                "artifactLocation": {\n'
    printf '                  "uri": "a%%3A%%20100%%25%%2C%%20b.yaml"\n                },\n                "region": {\n'
    printf '                  "startLine": %s,\n                  "startColumn": %s\n' "$5" "$6"
    printf '                }\n              }\n            }\n          ]\n        }'
}
{
    printf '{\n  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n  "version": "2.1.0",\n  "runs": [\n    {\n'
    printf '      "tool": {\n        "driver": {\n          "name": "kept",\n          "version": "%s",\n          "rules": [\n' \
        "$("$kept" --version | awk '{ print $2 }')"
    rule SHORT_EVIDENCE 'Records of processing are kept for less than three years.' warning 'PIPL 56'
    echo ,
    rule BAD_VALUE 'A value is none of those that may stand there.' error
    echo ,
    rule DANGLING_REFERENCE 'A name is used that nothing declares: the rule would allow nothing.' error
    printf '\n          ]\n        }\n      },\n      "columnKind": "unicodeCodePoints",\n      "results": [\n'
    result SHORT_EVIDENCE 0 warning 'records of processing are kept three years or longer (PIPL 56) (mend: keep it 3 years)' 16 11
    echo ,
    result BAD_VALUE 1 error "'txet' is not a value of 'kind' (mend: did you mean 'text'?)" 19 26
    echo ,
    result DANGLING_REFERENCE 2 error "no item 'noet' is declared: this rule would allow nothing (mend: did you mean 'note'?)" 21 86
    printf '\n      ]\n    }\n  ]\n}\n'
} >want
same 'and to the letter'

# Nothing wrong: every format says so in its own way, and the answer is yes.
sed 's/txet/text/; s/noet/note/; s/evidence: 2/evidence: 3/' "$file" >good.yaml
check 'a good one, sarif' 0 "$kept" policy check good.yaml --format sarif
says 'no result' '"results": []'
check 'github' 0 "$kept" policy check good.yaml --format github
is 'no line' "$(wc -l <"$work/out")" 0
check 'from the standard input' 1 sh -c "$kept policy check - --format sarif <'$file'"
says 'which has a name' '"uri": "stdin"'

check 'a format that is none' 2 "$kept" policy check good.yaml --format xml
says 'is told from those there are' 'say --format text, json, sarif or github'
check 'two formats' 2 "$kept" policy check good.yaml --json --format sarif
check 'no file' 2 "$kept" policy check
says 'says what is missing' 'which file?'
check 'no such file' 5 "$kept" policy check none.yaml --format sarif
is 'and no document' "$(wc -c <"$work/out")" 0
check 'every finding there is' 0 "$kept" policy check --codes
says 'with its severity and what is behind it' 'SHORT_EVIDENCE                      warning   Records of processing are kept for less than three years.'
finish
