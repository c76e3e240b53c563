#!/bin/sh
# Goal: kept policy new writes a policy to begin with, for every kind of app and in each language, from flags or
# from questions; it passes check, can be published and lived by; nothing is written over or half written.
. "$(dirname "$0")/aid.sh"
new() { "$kept" policy new --app notebook --controller 'Notebook Ltd.' --contact privacy@example.org "$@"; }

# Every kind, in each language.
"$kept" policy schema --markdown | awk '$0 == "Words of `app_type`:" { on = 1; next } on && /^\*/ { print } on && /^[^*]/ { exit }' |
    grep -o '`[^`]*`' | tr -d '`' >types
is 'there are forty kinds' "$(wc -l <types)" 40
while read -r type; do
    for language in en zh zh,en; do
        new --type "$type" --languages "$language" --quiet >one.yaml 2>one.err </dev/null || fail "new $type $language" "$(cat one.err)"
        grep -q "^app_type: $type\$" one.yaml || fail "$type: its own kind"
        "$kept" policy check one.yaml >one.out || fail "check $type $language" "$(head -3 one.out)"
        grep -q ' 0 errors, 0 warnings' one.out || fail "$type $language: not a warning" "$(head -3 one.out)"
    done
done <types
pass 'every kind passes check in every language'

# Lived by: published, agreed to, collected, used.
lived() { # TYPE FUNCTION PURPOSE ITEM VALUE [option ...]
    type=$1 function=$2 purpose=$3 item=$4 value=$5
    shift 5
    rm -rf kept && "$kept" init >/dev/null
    new --type "$type" --out "$type.yaml" "$@" >/dev/null </dev/null
    check "$type is published" 0 "$kept" policy publish "$type.yaml"
    person=$("$kept" subject new --birth-date 1990-01-01)
    check "$type: nothing before the notice" 1 "$kept" collect "$person" --function "$function" "$item=$value"
    says 'says so' NO_NOTICE
    "$kept" consent acknowledge "$person" >/dev/null
    check "$type: agreed" 0 "$kept" consent grant "$person" --function "$function" --kind explicit
    check "$type: collected" 0 "$kept" collect "$person" --function "$function" --user-action "$item=$value"
    check "$type: used" 0 "$kept" use "$person" --purpose "$purpose" "$item"
    says 'is there' "$value"
    check "$type: what is not declared is not taken" 1 "$kept" collect "$person" --function "$function" --user-action shoe-size=43
    "$kept" consent withdraw "$person" --function "$function" >/dev/null
    check "$type: withdrawn, it is used no more" 1 "$kept" use "$person" --purpose "$purpose" --function "$function" "$item"
}
lived community account account phone 13800001111
lived news personalised personalisation habits politics
lived other feedback support message hello --functions feedback,sign-in --recipients hosting --languages zh,en
new --type game --quiet >game.yaml </dev/null
"$kept" policy publish game.yaml --app notebook >/dev/null 2>&1
check 'it is rendered, too' 0 "$kept" policy render game.yaml --as text
says 'with its words' 'lets you play and keeps your progress'

# Needed where nobody can be asked; each by its name.
for flag in app controller contact type; do
    set -- --app notebook --controller N --contact privacy@example.org --type news --
    args=
    while [ "$1" != -- ]; do
        [ "$1" = "--$flag" ] || args="$args $1 $2"
        shift 2
    done
    # shellcheck disable=SC2086 -- words
    check "without --$flag" 2 "$kept" policy new $args
    says 'says which' "--$flag is needed where nobody can be asked"
    is 'and writes nothing' "$(wc -c <"$work/out")" 0
done
check 'an answer that cannot be' 2 new --type gam
says 'names its flag, and what was meant' "--type: 'gam' is no kind of app: did you mean 'game'?"
check 'of the free ones, too' 2 new --type news --retention soon
says 'as check says it' "--retention: 'soon' is not a length of time"
check 'which functions there are' 2 new --type news --functions '?'
says 'says them all' 'say sign-in, profile, pictures, nearby, health-diary, purchases, delivery, personalised, notifications, advertising, crash-reports, feedback'
check 'a line break' 2 new --type news --title "$(printf 'a\nkept: 2')"
says 'is refused' 'a line break'
check 'what YAML would read otherwise' 0 "$kept" policy new --app n --controller 'No' --contact a@example.org --type news --quiet --title "a: # 'x' \"y\""
says 'is quoted: the title' "title: \"a: # 'x' \\\"y\\\"\""
says 'the name' 'name: "No"'
cp "$work/out" quoted.yaml
check 'and passes' 0 "$kept" policy check quoted.yaml

# Files.
check 'into a file' 0 new --type news --out news.yaml2
says 'says what is next' 'kept policy render news.yaml2'
is 'which others may read' "$(umask 022; rm -f o.yaml; new --type news --out o.yaml >/dev/null; stat -c %a o.yaml)" 644
echo mine >mine.yaml
check 'never over another' 6 new --type news --out mine.yaml
says 'says so' 'mine.yaml is there already: nothing is written over'
is 'it is as it was' "$(cat mine.yaml)" mine
check 'into a folder that is none' 5 new --type news --out nowhere/x.yaml
is 'nothing is left' "$(ls | grep -c part)" 0
check 'as JSON' 0 new --type news --json
json 'is one document'
check 'an error as JSON' 2 new --type gam --json
json_error 'it is'
check 'an error that is cut, as JSON' 2 new --type 中文中文中文中文中文中文中文中文 --json
says 'says it still' 'is no kind of app'

# Questions, at a terminal.
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    asked() { # keys; what is asked and answered is in $work/out
        printf "$1" | timeout 60 script -qec "$kept policy new ${2:-}" /dev/null >"$work/out" 2>"$work/err"
    }
    asked 'Note Book\nnotes\n\nNotes Ltd.\nnobody\nprivacy@example.org\nutility\nen,zh\n\n\n\n\n\n\n\n'
    says 'why it is asked, and what it becomes' '(controller: contact; --contact)'
    says 'a wrong answer is told' "That cannot be: 'Note Book' cannot be the name of an app"
    says 'and asked again' "That cannot be: 'contact' is not a mail address"
    says 'at the end, what is next' 'kept policy publish notes.yaml'
    check 'the file passes' 0 "$kept" policy check notes.yaml
    grep -q '^languages: {authority: en, also: \[zh\]}' notes.yaml && pass 'with what was answered' || fail 'with what was answered' "$(head -20 notes.yaml)"
    grep -q '^title: {en: notes, zh: notes}' notes.yaml && pass 'and the defaults' || fail 'and the defaults'
    "$kept" policy new --app notes --controller 'Notes Ltd.' --contact privacy@example.org --type utility --languages en,zh --quiet >flags.yaml </dev/null
    is 'flags make the same file' "$(cat flags.yaml)" "$(cat notes.yaml)"
    rm notes.yaml
    asked 'notes\n\nNotes Ltd.\n'
    says 'an end before the last question' 'nothing is written'
    asked 'notes\n\nNotes Ltd.\nprivacy@example.org\nutility\n\003'
    is 'and Ctrl-C leave nothing' "$(ls notes.yaml notes.yaml.part 2>/dev/null)" ''
    asked '' '--app notes --controller N --contact a@example.org --type news --yes --out yes.yaml'
    lacks 'with --yes nothing is asked' '1/12'
    check 'and the file is there' 0 "$kept" policy check yes.yaml
    asked '\n\n\n\n\n\n\n\n' '--app notes --controller N --contact a@example.org --type news --languages zh --out part.yaml'
    lacks 'what a flag says is not asked' '(controller: name'
    says 'the rest is' '(functions; --functions)'
    check 'and comes out' 0 "$kept" policy check part.yaml
else
    pass 'no terminal here to ask at'
fi
finish
