#!/bin/sh
# Goal: of lines of a web server what is declared is kept, and comes out for a purpose of the log; a line that is none is told by its
# number; pages go on; who may not read is told so.
. "$(dirname "$0")/aid.sh"
"$kept" init >/dev/null
"$kept" policy publish "$policies/widgets.yaml" >/dev/null
for n in 1 2 3; do
    echo "203.0.113.$n - - [10/Jan/2026:10:00:0$n +0000] \"GET /notes/$n?phone=13800138000 HTTP/1.1\" 200 17 \"-\" \"Browser/$n\""
done >access.log
echo 'no line of a log' >>access.log
check 'lines come in, all but one' 20 "$kept" log take web access.log --quiet
says 'which one' 'line 4: not of the format'
check 'from the standard input, too' 0 sh -c "head -1 access.log | '$kept' log take web - --quiet"
check 'they are shown for a purpose' 0 "$kept" log show web --purpose security
says 'of an address the network' '203.0.113.0'
says 'of a page no query' '/notes/2'
grep -q 13800138000 "$work/out" && echo 'FAILED 28-logs: a number of a query is kept' || echo 'ok no number of a query'
is 'four lines' "$(wc -l <"$work/out")" 4
check 'as JSON' 0 "$kept" --json log show web --purpose security --limit 3
next=$(jq -r .report.next "$work/out")
check 'the next page' 0 "$kept" log show web --purpose security --from "$next"
is 'has the last' "$(wc -l <"$work/out")" 1
check 'of a day to come: none' 0 "$kept" log show web --purpose security --at 2100-01-01
is 'none' "$(wc -l <"$work/out")" 0
check 'for what it is not for: no' 1 "$kept" log show web --purpose payment
check 'a time that is none' 2 "$kept" log show web --purpose security --at yesterday
check 'a log that is none' 4 "$kept" log take nothing access.log --quiet
check 'a file that is none' 5 "$kept" log take web nothing.log --quiet
finish
