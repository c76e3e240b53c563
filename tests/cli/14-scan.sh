#!/bin/sh
# Goal: personal data in a text is found without a store, named, shown masked only; or masked in place.
. "$(dirname "$0")/aid.sh"
cat >letter.txt <<'END'
Dear Ms Zhang, your order 13812345678 has shipped.
Call 13800138000 or write to ada@example.org.
身份证 11010519491231002X，卡 4111 1111 1111 1111
END
printf 'version 1.2.3.4 of 2026-11-22, total $13800138000\n' >clean.txt
check 'something is found: 1' 1 "$kept" scan letter.txt
says 'where and what, masked' 'letter.txt:2: byte 56, 11 bytes: phone 138****8000'
says 'an identity card' 'letter.txt:3: byte 107, 18 bytes: id-card 1***************2X'
lacks 'no value is shown' 13800138000
lacks 'an order is none' 'letter.txt:1'
check 'nothing is found: 0' 0 "$kept" scan clean.txt
is 'and nothing is said' "$(cat "$work/out" "$work/err")" ''
check 'as JSON' 1 "$kept" scan --json letter.txt
json 'findings are JSON'
says 'with position and length' '"at":56,"bytes":11'
check 'as JSON, none' 0 "$kept" scan clean.txt --json
json 'no findings are JSON'
check 'masked in place' 0 "$kept" scan --redact letter.txt
is 'the rest stays' "$(head -2 "$work/out")" "$(printf '%s\n' 'Dear Ms Zhang, your order 13812345678 has shipped.' \
    'Call 138****8000 or write to a**@example.org.')"
cp "$work/out" masked.txt
check 'of which nothing is found' 0 "$kept" scan masked.txt
is 'a clean text stays as it is' "$("$kept" scan --redact clean.txt)" "$(cat clean.txt)"
check 'from the standard input' 1 sh -c "$kept scan - <letter.txt"
says 'named -' '-:2:'
check 'no such file' 5 "$kept" scan none.txt
check 'no file named' 2 "$kept" scan
check 'text or findings, not both' 2 "$kept" scan --redact --json letter.txt
check 'bytes of any kind' 0 sh -c "head -c 300000 /dev/zero | $kept scan -"
finish
