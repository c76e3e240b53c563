#!/bin/sh
# Goal: every command has help with examples, and every example is a command.
. "$(dirname "$0")/aid.sh"
"$kept" help | sed -n '/^Commands/,/^Options/p' | grep '^  [a-z]' >list
is 'there are commands' "$(wc -l <list | sed 's/^ *[1-9][0-9]*$/some/')" some
while read -r first second _; do
    name=$first
    case $first in policy | subject | consent | guardian | minor | permission | account | caller | erase | ledger | key | store | log | order | provider | staff | approval) name="$first $second" ;; esac
    # shellcheck disable=SC2086 -- two words
    check "help $name" 0 "$kept" help $name
    says "$name: usage" "usage: kept $name"
    sed -n '/^Examples/,/^$/p' "$work/out" | grep 'kept' >examples.txt
    # shellcheck disable=SC2086
    check "$name --help" 0 "$kept" $name --help
    while read -r line; do
        case $line in
        *"$name"*) pass "$name: an example of itself" ;;
        *) fail "$name: an example of something else" "$line" ;;
        esac
    done <examples.txt
    [ -s examples.txt ] || fail "$name: no example"
done <list
check 'help on a group' 0 "$kept" help consent
check 'help on nothing there is' 2 "$kept" help nothing
finish
