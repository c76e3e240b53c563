#!/bin/sh
# Goal: the manual is whole - every command, option and public function has its place, with the words of
# the help and the header - and both formatters take it without a complaint.
. "$(dirname "$0")/aid.sh"
make -s -C "$top" man build/release/kept >/dev/null
man=$top/build/release/man
flat() { # PAGE: its text as one line
    if command -v mandoc >/dev/null 2>&1; then mandoc -Tutf8 -O width=200 "$man/$1"; else groff -man -K utf8 -Tutf8 "$man/$1"; fi |
        sed 's/.\x08//g' | tr -s ' \n' ' '
}
if command -v mandoc >/dev/null 2>&1; then
    for page in "$man"/*.[135]; do check "lint $(basename "$page")" 0 mandoc -T lint "$page"; done
fi
if command -v groff >/dev/null 2>&1; then
    for page in "$man"/*.[135]; do
        groff -man -ww -K utf8 -Tutf8 -z "$page" >"$work/out" 2>&1
        is "groff $(basename "$page")" "$(cat "$work/out")" ''
    done
fi
"$kept" help | sed -n '/^Commands/,/^Options/p' | grep '^  [a-z]' | sed 's/^  //' >list
flat kept.1 >kept.txt
while read -r first second _; do
    name=$first
    case $("$kept" help "$first" 2>/dev/null | head -1) in usage:*) ;; *) name="$first $second" ;; esac
    # shellcheck disable=SC2086 -- two words
    usage=$("$kept" help $name | sed -n 's/^usage: \(.*\)/\1/p' | sed 's/ \[options\]$//')
    cp kept.txt "$work/out"
    says "kept(1): $name" "$usage"
    # shellcheck disable=SC2086
    "$kept" help $name | sed -n '/^Options/,/^$/s/^  \(--[a-z-]*\) .*/\1/p' >options
    while read -r option; do
        grep -qF -- "$option " kept.txt || fail "kept(1): $name $option"
    done <options
done <list
says 'kept(1): an exit code' '17 The change stands'
says 'kept(1): the environment' 'KEPT_ROOT_KEY In place of --root-key'
sed -n 's/^KEPT_API .*[ *]\(kept_[a-z_]*\)(.*/\1/p' "$top/include/kept.h" >functions
is 'there are functions' "$(grep -c . functions)" "$(grep -c '^KEPT_API' "$top/include/kept.h")"
flat libkept.3 >libkept.txt
while read -r function; do
    flat "$function.3" >"$work/out" 2>"$work/err"
    says "$function(3)" "$function("
    says "$function(3) has a description" 'DESCRIPTION'
    grep -qF "$function(3)" libkept.txt || fail "libkept(3) lists $function"
done <functions
cp libkept.txt "$work/out"
says 'libkept(3): threads' 'Every function may be called from any thread; none from a signal handler.'
says 'libkept(3): errors' 'KEPT_E_ROLLBACK (-14)'
says 'libkept(3): types' 'struct kept_request {'
flat kept-policy.5 >"$work/out"
says 'kept-policy(5): the language' 'A policy is one YAML file in UTF-8'
says 'kept-policy(5): a kind' 'mainland mobile'
# A header that says something else makes a page that does, and one that says nothing makes none.
mkdir page
sed 's/Wipe and free a reply/Throw a reply away/' "$top/include/kept.h" >other.h
check 'from another header' 0 "$top/tools/man" "$man.txt" other.h "$top/docs/policy-language.md" 9.9 page
is 'another page' "$(grep -c 'Throw a reply away' page/kept_reply_free.3)" 1
sed '/Wipe and free a reply/d' "$top/include/kept.h" >other.h
check 'a function without a comment is refused' 1 "$top/tools/man" "$man.txt" other.h "$top/docs/policy-language.md" 9.9 page
says 'by name' 'a function without a comment: KEPT_API void kept_reply_free'
finish
