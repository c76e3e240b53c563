#!/bin/sh
# Goal: ./start builds, does the main job on both policies, and says yes only if all of it held.
. "$(dirname "$0")/aid.sh"
check 'help' 0 "$top/start" --help
says 'names --once' '--once'
check 'an option there is not' 2 "$top/start" --twice
check 'start, without a terminal' 0 "$top/start" --once
cp "$work/out" told
says 'it says so at the end' 'All of that held'
is 'every expectation is told' "$(grep -c ' held: ' told | sed 's/^[4-9][0-9]$/many/')" many
is 'none failed' "$(grep -c 'FAILED' told)" 0
is 'no line is longer than 100 columns' "$(awk 'length($0) > 140' told | wc -l)" 0
is 'no colours without a terminal' "$(grep -c "$(printf '\033')" told)" 0
export KEPT_STORE="$top/build/demo/store" KEPT_KEYRING="$top/build/demo/keyring"
export KEPT_ROOT_KEY="$top/build/demo/root.key"
check 'its store goes on with the command' 0 "$kept" --app widgets subject find contact-phone=19903020003
# The demo's program knows that a promise was broken: a policy with one rule less.
mkdir policies
cp "$top"/policies/*.yaml policies
sed 's/consent: {implied_by_use: true, other_versions: valid, clause: S0-0.3}//; /^  feedback:/,/^  [a-z]*:/s/consent: explicit/consent: notice\n    basis: contract/' \
    "$top/policies/widgets.yaml" >policies/widgets.yaml
"$top/build/release/demo" a b c policies >told 2>&1
is 'and no without a rule that was promised' "$([ $? -ne 0 ] && echo no)" no
is 'it says which' "$(grep -c 'FAILED' told | sed 's/^[1-9][0-9]*$/some/')" some
finish
