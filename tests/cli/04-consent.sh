#!/bin/sh
# Goal: consent is bound to what was shown; a withdrawal works at once, with no more words than the
# grant; permissions come from the app.
. "$(dirname "$0")/aid.sh"
store
person=$("$kept" subject new)
check 'grant before the notice: conflict' 6 "$kept" consent grant "$person" --function feedback
check 'acknowledge in a language there is not' 2 "$kept" consent acknowledge "$person" --language fr
check 'acknowledge a version there is not' 5 "$kept" consent acknowledge "$person" --policy-version 7
check 'acknowledge' 0 "$kept" consent acknowledge "$person" --language en --policy-version 1
check 'acknowledge for nobody' 5 "$kept" consent acknowledge 00020000000000000000000000000000
check 'grant' 0 "$kept" consent grant "$person" --function feedback
check 'grant with an end' 0 "$kept" consent grant "$person" --purpose marketing --kind separate \
    --expires 2099-12-31T23:59:59Z
check 'an end in the past' 2 "$kept" consent grant "$person" --purpose push --expires 2020-01-01
check 'an end that is no time' 2 "$kept" consent grant "$person" --purpose push --expires 2099-02-30
check 'a kind there is not' 2 "$kept" consent grant "$person" --purpose push --kind silent
check 'two scopes at once' 2 "$kept" consent grant "$person" --purpose push --function feedback
check 'a scope there is not' 5 "$kept" consent grant "$person" --function feedbak
check 'grant by a role that may not: no' 1 "$kept" consent grant "$person" --function feedback --as auditor
check 'grant, as JSON' 0 "$kept" consent grant "$person" --function feedback --json
json 'grant is JSON'
check 'collect' 0 "$kept" collect "$person" --function feedback --user-action message=hello
check 'withdraw' 0 "$kept" consent withdraw "$person" --function feedback
check 'collect after it: no' 1 "$kept" collect "$person" --function feedback --user-action message=hello
says 'because of the withdrawal' 'WITHDRAWN'
says 'with clause and line' 'clause S0-12.2, line'
check 'use after it: no' 1 "$kept" use "$person" message --purpose support
check 'withdraw again: fine' 0 "$kept" consent withdraw "$person" --function feedback
check 'withdraw what never was: fine' 0 "$kept" consent withdraw "$person" --function profiling
check 'withdraw what there is not' 5 "$kept" consent withdraw "$person" --function feedbak
check 'refuse' 0 "$kept" consent refuse "$person" --function feedback
check 'collect what was refused: no' 1 "$kept" collect "$person" --function feedback --user-action message=x
says 'because of the refusal' 'REFUSED'
check 'refuse everything' 0 "$kept" consent refuse "$person"
check 'then nothing: no' 1 "$kept" collect "$person" --function device-adaptation os-version=14
check 'permission on' 0 "$kept" permission on "$person" location
check 'permission off' 0 "$kept" permission off "$person" location
check 'a permission there is not: no' 1 "$kept" permission on "$person" microphone
says 'undeclared' 'UNDECLARED'
check 'permission by a role: no' 1 "$kept" permission on "$person" location --as support
check 'permission without its name' 2 "$kept" permission on "$person"
finish
