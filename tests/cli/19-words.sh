#!/bin/sh
# Goal: what a later policy changes is said in words, with what follows from it; and what a policy would
# decide, with the rule, its words, and what it would need.
. "$(dirname "$0")/aid.sh"
old=$policies/widgets.yaml
check 'compare with itself' 0 "$kept" policy compare "$old" "$old"
says 'nothing changed' 'Nothing changed.'
later='s/^version: 1$/version: 2/; s/^effective: 2026-02-01/effective: 2026-09-01/'
sed "$later" "$old" >number.yaml
check 'number and dates' 0 "$kept" policy compare "$old" number.yaml
says 'nothing else' 'but the number and the dates'
sed "$later; s/{text: your name,/{text: your own name,/" "$old" >text.yaml
check 'words only: not material' 0 "$kept" policy compare "$old" text.yaml
says 'it says so' 'Not material'
says 'and that somebody has to read them' 'kept judges no words'
says 'told in general, as promised' 'By site, as the version in force promises for other changes'
sed "$later; s/retain: 90 days, clause: S0-1.3/retain: 120 days, clause: S0-1.3/; s/optional: \[habits, profile\]/optional: [habits, profile, settings]/; s/within: 15 working/within: 30 working/" \
    "$old" >more.yaml
check 'a material change: no' 1 "$kept" policy compare "$old" more.yaml
says 'rule, key, both values' 'items.ip-address: retain was 90 days, and is 120 days'
says 'both lines and the clause' "line $(grep -n 'retain: 120' more.yaml | head -1 | cut -d: -f1), S0-1.3, before line"
says 'what it meets' 'M1 (how data is processed'
says 'rights are reduced' 'It reduces rights'
says 'it takes more' 'takes more than before'
says 'by which channels' 'By popup, site'
says 'before when: seven days of lead' 'Before 2026-08-23T16:00:00Z; it takes effect on 2026-08-31T16:00:00Z'
says 'who is asked again' 'function profiling: explicit consent, for it does more'
lacks 'and who is not' 'function feedback'
check 'in Chinese' 1 "$kept" policy compare "$old" more.yaml --language zh
says 'it is' '重大变更：M0'
check 'as JSON' 1 "$kept" policy compare "$old" more.yaml --json
json 'it is JSON'
says 'with what follows' '"going_on_accepts": false'
check 'one from the standard input' 1 sh -c "$kept policy compare $old - <more.yaml"
check 'both: no' 2 "$kept" policy compare - -
check 'a language there is not' 2 "$kept" policy compare "$old" more.yaml --language fr
sed 's/retain: 180 days/retian: 180 days/' "$old" >bad.yaml
check 'a later one with errors' 3 "$kept" policy compare "$old" bad.yaml
says 'says which' 'the later policy: '
check 'a former one, as JSON' 3 "$kept" policy compare bad.yaml "$old" --json
json_error 'the error is JSON'
check 'one file is none' 5 "$kept" policy compare "$old" none.yaml

explain() { "$kept" policy explain "$old" --at 2026-06-01 "$@"; }
check 'explain a denial: no' 1 explain --use collect --item location --function location-assist
says 'the reason' 'DENIED: the system permission is off'
says 'rule, line and clause' "by function location-assist (line $(grep -n '^  location-assist:' "$old" | cut -d: -f1), S0-3.1)"
says 'its words' 'The rule says: finds the place'
says 'what was passed' '9 the purpose'
says 'where it stopped' 'Stopped at: 13'
says 'what it needs' 'separate consent to the function location-assist'
says 'and then' 'Then: ALLOWED.'
check 'of a child, in Chinese' 1 explain --use collect --item location --function location-assist --age 12 --language zh
says 'a guardian' '监护人总体同意（书面）'
check 'of who agreed' 0 explain --use collect --item message --function feedback --user-action --consent explicit
is 'allowed, and no more is said of why' "$(head -1 "$work/out")" ALLOWED
check 'masked' 0 explain --use use --item contact-phone --function feedback --purpose support --as support --consent explicit
says 'by the role' 'ALLOWED, MASKED'
check 'what nothing helps' 1 explain --use disclose --item message --purpose support --recipient data-service
says 'says so' 'Nothing that a person or the app does allows it'
check 'an item there is not' 1 explain --use collect --item nonsense --function feedback
says 'is not declared' 'by section undeclared'
check 'as JSON' 1 explain --use collect --item location --function location-assist --json
json 'it is JSON'
says 'with its needs' '"kind": "permission"'
check 'a use there is not' 2 explain --use sell --item message
check 'a consent there is not' 2 explain --use use --item message --consent tacit
check 'an age there is not' 2 explain --use use --item message --age 500
check 'without an item' 2 explain --use use
check 'of a file with errors' 3 "$kept" policy explain bad.yaml --use use --item message

store
writer
check 'why names the rule' 0 "$kept" why "$person" contact-phone --function feedback --purpose marketing
says 'by its name' 'function feedback'
says 'and in its words' 'lets you write to us and get an answer'
check 'why as JSON' 0 "$kept" why "$person" contact-phone --function feedback --purpose marketing --json
json 'it is JSON'
says 'with the words' '"says": "lets you write to us and get an answer"'
finish
