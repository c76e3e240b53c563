#!/bin/sh
# Goal: a policy becomes the documents that people, regulators and other machines read; templates can be
# replaced by reviewed ones, and a mistake in one names its line.
. "$(dirname "$0")/aid.sh"
for name in widgets smart-home messenger wallpaper media; do
    for document in notice text collected recipients cookies summary ropa-csv; do
        check "$name as $document" 0 "$kept" policy render "$policies/$name.yaml" --as $document
    done
    for document in ropa-json dpv; do
        check "$name as $document" 0 "$kept" policy render "$policies/$name.yaml" --as $document
        json "$name as $document is JSON"
    done
done
check 'the notice is what is rendered unless one says else' 0 "$kept" policy render "$policies/widgets.yaml"
says 'HTML' '<!DOCTYPE html>'
says 'every sentence has its rule' 'data-rule="functions/feedback" data-clause="S0-12.2"'
lacks 'no word of roles' 'UNAUTHENTICATED'
lacks 'no script' '<script'
lacks 'nothing from elsewhere' 'src='
check 'text' 0 "$kept" policy render "$policies/smart-home.yaml" --as text --language en
says 'in the language that was asked for' 'Privacy policy of a smart-home app (example)'
says 'which text holds' 'where two differ, the Chinese one holds'
check 'the language of authority is the default' 0 "$kept" policy render "$policies/smart-home.yaml" --as text
says 'Chinese' '第1版，2026年1月12日发布，2026年2月15日生效。'
says 'dates, lists and lengths as Chinese has them' '蓝牙、NFC和无线网络状态'
check 'the same twice' 0 sh -c "'$kept' policy render '$policies/media.yaml' >one; '$kept' policy render '$policies/media.yaml' >two; cmp one two"

check 'into a file' 0 "$kept" policy render "$policies/widgets.yaml" --out notice.html
is 'all of it' "$(tail -1 notice.html)" '</html>'
lacks 'and nothing on the standard output' '<html'
is 'which others may read' "$(umask 022; "$kept" policy render "$policies/widgets.yaml" --out notice.html; stat -c %a notice.html)" 644
check 'in place of the former one' 0 "$kept" policy render "$policies/widgets.yaml" --as text --out notice.html
is 'whole' "$(head -1 notice.html)" 'Privacy notice of Box Widgets (example)'
check 'into a folder that is none' 5 "$kept" policy render "$policies/widgets.yaml" --out nowhere/notice.html

check 'a document that is none' 2 "$kept" policy render "$policies/widgets.yaml" --as poem
says 'says which there are' 'notice, text, collected, recipients, cookies, summary, ropa-json, ropa-csv or dpv'
check 'a language the policy has not' 5 "$kept" policy render "$policies/widgets.yaml" --language zh --out none.html
says 'says which it has' "the policy has no texts in 'zh'; it has en"
says 'says how to mend it' "write 'also: [zh]' under 'languages'"
sed 's/^languages: .*/languages: {authority: en, also: [zh]}/' "$policies/widgets.yaml" >both.yaml
check 'what it says is so' 1 "$kept" policy check both.yaml
says 'the check names the texts that lack one' 'both.yaml:16:9: error WRONG_TYPE: a text in several languages'
is 'nothing is written' "$(ls none.html 2>/dev/null)" ''
sed 's/retain: 180 days/retian: 180 days/' "$policies/widgets.yaml" >bad.yaml
check 'a policy with a mistake' 3 "$kept" policy render bad.yaml
says 'says who tells' 'kept policy check'
check 'no such file' 5 "$kept" policy render none.yaml
check 'as JSON, the error is JSON' 2 "$kept" policy render "$policies/widgets.yaml" --as poem --json
json_error 'it is'

# Sentences of one's own.
sed 's/^What we collect$/All we gather/' "$top/templates/en.txt" >en.txt
check 'with reviewed sentences' 0 "$kept" policy render "$policies/widgets.yaml" --templates en.txt
says 'which are said' '<h2 id="items">All we gather</h2>'
mistake() { # NAME SED WORDS
    sed "$2" "$top/templates/en.txt" >mine.txt
    check "$1" 3 "$kept" policy render "$policies/widgets.yaml" --templates mine.txt
    says "$1: where, and what" "$3"
    lacks "$1: nothing is rendered" '<html'
}
line=$(grep -n '^\[time.backup\]' "$top/templates/en.txt" | cut -d: -f1)
mistake 'a value that is none' 's/at the latest {time}/at the latest {tme}/' "mine.txt:$line: this sentence has no value of the name 'tme'"
mistake 'a value left out' 's/at the latest {time}/soon/' "mine.txt:$line: the sentence leaves out a value it must speak of: write {...} for 'time'"
mistake 'a sentence left out' '/^\[skip\]/,+1d' "a sentence is missing; add [...] with 'skip'"
mistake 'a sentence too many' 's/^\[skip\]/[skap]/' "there is no sentence of the name 'skap'"
mistake 'an {if} without end' 's/{if written}, in writing{end}/{if written}, in writing/' 'out of order'
finish
