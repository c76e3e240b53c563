#!/bin/sh
# Goal: an export that was cut short, also by kill -9, goes on and is to the byte what it would have been; a
# full disk stops an import with a clear word and loses nothing; what was refused is mended and comes in.
. "$(dirname "$0")/aid.sh"
store
cat >many.yaml <<'M'
kept-mapping: 1
source: many
person: {key: contact-phone}
consents:
  - {kind: acknowledgement, given: {value: 2026-02-02}, version: {value: "1"}, evidence: {value: list}}
  - {kind: explicit, function: feedback, given: {value: 2026-02-02}, version: {value: "1"}, evidence: {value: list}}
collect:
  - {function: feedback, facts: [user-action], items: {contact-phone: phone, contact-name: name, message: text}}
M
rows=7000
awk -v n=$rows 'BEGIN { print "phone,name,text"; for (i = 0; i < n; i++)
    printf "%s,\"P%d, or so\",text %d\n", i % 1000 == 7 ? "none" : sprintf("13%09d", i), i, i }' >many.csv
size() { "$kept" stat | sed -n "s/^$1  *//p"; }
import() { "$kept" import many.csv --mapping many.yaml --consents "$@"; }

# ---- refused, mended, in ----
check 'import: in part' 20 import --rejects bad.csv
is 'what was refused stands in a file' "$(grep -c 'not of kind phone' bad.csv)" 7
is 'which is closed' "$(stat -c %a bad.csv)" 600
is 'and holds no value of anybody' "$(grep -c 'none\|or so\|text ' bad.csv)" 0
# Its lines lead to the rows: here none has a line end in a cell.
tail -n +2 bad.csv | cut -d, -f2 | while read -r line; do sed -n "${line}p" many.csv; done >rows.txt
{ head -1 many.csv; awk '{ sub(/^none/, sprintf("139%08d", NR)); print }' rows.txt; } >mended.csv
check 'mended, they come in' 0 "$kept" import mended.csv --mapping many.yaml --consents
says 'all of them' '7 rows: 7 taken'
is 'and nobody twice' "$(size 'people ever')" $rows

# ---- an export, cut short ----
export_to() { "$kept" export "$1" --items contact-phone,contact-name,message --purpose support; }
for format in csv jsonl; do
    check "$format: an export that nothing cuts" 0 export_to whole.$format
    killed=0
    for n in 1 2 3 4 5 6 7 8 9 10; do
        [ -e cut.$format ] && rm cut.$format # it was faster than we
        former=$(cat cut.$format.mark 2>/dev/null)
        "$kept" export cut.$format --items contact-phone,contact-name,message --purpose support \
            >/dev/null 2>&1 & # itself: a function would be a shell of its own
        pid=$!
        # Until another page is done.
        while kill -0 $pid 2>/dev/null; do
            now=$(cat cut.$format.mark 2>/dev/null)
            [ -n "$now" ] && [ "$now" != "$former" ] && break
            sleep 0.005
        done
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
        [ $? -eq 137 ] && killed=$((killed + 1))
        [ $killed -ge 2 ] && [ ! -e cut.$format ] && break
    done
    is "$format: killed twice" "$([ $killed -ge 2 ] && [ ! -e cut.$format ] && echo yes)" yes
    is "$format: part and mark are closed" "$(stat -c %a cut.$format.part cut.$format.mark | sort -u)" 600
    is "$format: the mark holds no value" "$(grep -c '13[0-9]\{9\}\|or so' cut.$format.mark)" 0
    check "$format: other items: no" 6 "$kept" export cut.$format --items message --purpose support
    says "$format: it says why" 'another export that was cut short'
    printf 'half a row of the run that was killed' >>cut.$format.part
    check "$format: it goes on" 0 export_to cut.$format
    says "$format: behind whom" 'went on behind '
    says "$format: all its people are counted" "$rows people, $rows rows"
    check "$format: and is the same to the byte" 0 cmp whole.$format cut.$format
    is "$format: nothing is left beside it" "$(echo cut.$format*)" cut.$format
done

# ---- a part that does not fit its mark ----
cut_short() { # a mark is there
    rm -f part.csv*
    "$kept" export part.csv --items contact-phone,contact-name,message --purpose support >/dev/null 2>&1 &
    pid=$!
    while kill -0 $pid 2>/dev/null && [ ! -s part.csv.mark ]; do sleep 0.005; done
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
}
cut_short
cp part.csv.mark saved.mark
: >part.csv.part
check 'a part that lost something: no' 6 export_to part.csv
says 'it says what to do' '--again begins anew'
is 'and nothing is touched' "$(cmp saved.mark part.csv.mark && wc -c <part.csv.part)" 0
echo '{' >part.csv.mark
check 'a mark that is none: no' 6 export_to part.csv
sed 's/"rows":[0-9]*/"rows":"x"/' saved.mark >part.csv.mark
check 'a mark that is damaged: no' 6 export_to part.csv
check 'anew' 0 "$kept" export part.csv --items contact-phone,contact-name,message --purpose support --again
check 'is whole' 0 cmp whole.csv part.csv
cut_short
rm part.csv.mark
check 'a part without a mark is written anew' 0 export_to part.csv
lacks 'from the first person' 'went on behind'
check 'and is whole' 0 cmp whole.csv part.csv
cut_short
other="$kept --store other/store --keyring other/keyring --root-key other/root.key"
mkdir other && $other init >/dev/null && $other policy publish "$policies/widgets.yaml" --at 2026-02-01 >/dev/null
head -1501 many.csv | grep -v '^none' >few.csv
$other import few.csv --mapping many.yaml --consents >/dev/null
check 'another store does not go on with it: no' 6 $other export part.csv \
    --items contact-phone,contact-name,message --purpose support
says 'it says so' 'or store'
check 'the store is whole' 0 "$kept" stat --check

# ---- a full disk ----
full() { # in a file system of 8 MB of its own, where that can be had
    unshare -rm sh -c "mkdir -p disk && mount -t tmpfs -o size=8m none disk && cd disk &&
        cp ../many.csv ../many.yaml . && rows=$rows &&
        kept='$kept' policies='$policies' && $1"
}
if full true 2>/dev/null; then
    full '
        "$kept" init >/dev/null && "$kept" policy publish "$policies/widgets.yaml" --at 2026-02-01 >/dev/null
        import() { "$kept" import many.csv --mapping many.yaml --consents "$@"; }
        import >../full.out 2>../full.err
        echo "first $?"
        import >/dev/null 2>../again.err
        echo "second $?"
        mount -o remount,size=200m . || exit 1
        import >../then.out 2>&1
        echo "then $?"
        "$kept" stat --check >/dev/null && echo whole
        "$kept" ledger verify >/dev/null && echo verified
        echo "people $("$kept" stat | sed -n "s/^people ever  *//p")"' >full.said 2>&1
    is 'a full disk stops it, and again; with room it goes on' "$(head -3 full.said | tr '\n' ' ')" \
        'first 8 second 8 then 20 '
    is 'a clear word' "$(grep -c 'is full: make room' full.err)" 1
    is 'and no value in it' "$(cat full.err again.err | grep -c '13[0-9]\{9\}\|or so')" 0
    is 'each row once, store and ledger whole' "$(tail -n +4 full.said | tr '\n' ' ')" \
        "whole verified people $((rows - 7)) "
    # What the first run said it took is what the last did not take again.
    stayed=$(sed -n 's/.*stopped behind \([0-9]*\) rows.*/\1/p' full.err)
    rest=$(sed -n 's/.* \([0-9]*\) people are new.*/\1/p' then.out)
    before=$(sed -n 's/.*goes on behind row \([0-9]*\).*/\1/p' then.out)
    is 'what was acknowledged stayed' "$([ "$stayed" -gt 0 ] && [ "$before" -ge "$stayed" ] && echo yes)" yes
    is 'and is not taken again' "$rest" "$(tail -n +$((before + 2)) many.csv | grep -vc '^none')"
else
    pass 'skipped: no file system of its own here (tests/transfer/test_full has it)'
fi
finish
