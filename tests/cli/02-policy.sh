#!/bin/sh
# Goal: a policy is checked like a program: every mistake with its place; one with a mistake is never
# published, and a version is published once.
. "$(dirname "$0")/aid.sh"
for name in widgets smart-home; do
    check "check $name" 0 "$kept" policy check "$policies/$name.yaml"
    says "$name has no error" '0 errors'
    check "show $name" 0 "$kept" policy show "$policies/$name.yaml"
    check "show $name as JSON" 0 "$kept" policy show "$policies/$name.yaml" --json
    json "$name is JSON"
done
sed 's/retain: 180 days/retian: 180 days/; s/optional: \[habits, profile\]/optional: [habits, prfile]/' \
    "$policies/widgets.yaml" >bad.yaml
check 'check a bad one: no' 1 "$kept" policy check bad.yaml
says 'file:line:column' "bad.yaml:$(grep -n retian bad.yaml | head -1 | cut -d: -f1):"
says 'how to mend it' 'mend:'
is 'all mistakes in one run' "$(grep -c ': error ' "$work/out" | sed 's/[0-9][0-9]*/many/')" many
check 'as JSON' 1 "$kept" policy check bad.yaml --json
json 'findings are JSON'
printf 'kept: 1\napp: [\n' >broken.yaml
check 'not even YAML' 1 "$kept" policy check broken.yaml
printf '' >empty.yaml
check 'empty' 1 "$kept" policy check empty.yaml
# One slip is one finding, however much depends on it.
slip() {
    sed "$2" "$policies/widgets.yaml" >slip.yaml
    check "$1" 1 "$kept" policy check slip.yaml
    says "$1: one finding" ': 1 error,'
    says "$1: which says what was meant" "${3:-did you mean}"
}
slip 'a section misspelt' 's/^items:/itmes:/'
slip 'another' 's/^functions:/funktions:/'
slip 'a name misspelt where it is declared' 's/^  profile:/  prfile:/'
slip 'and where it is used' 's/optional: \[habits, profile\]/optional: [habits, prfile]/'
slip 'a region that is none' 's/stored: \[CN\]/stored: [China]/' 'ISO 3166'
slip 'a key of one item' '/^  os-version:/,/retain/s/retain: 180/retian: 180/'
slip 'a value' '0,/kind: device-id/s//kind: device_id/'
slip 'a key that is near to none' '/^  os-version:/,/retain/s/retain: 180/keep: 180/' 'remove it'
{
    printf '\357\273\277'
    cat "$policies/widgets.yaml"
} >mark.yaml
check 'a byte order mark at the start' 0 "$kept" policy check mark.yaml
cat "$policies/widgets.yaml" mark.yaml >marks.yaml
check 'one further inside' 1 "$kept" policy check marks.yaml
says 'where it is' "marks.yaml:$(($(wc -l <"$policies/widgets.yaml") + 1)):1: error BYTE_ORDER_MARK"
printf '\377\376k\000' >wide.yaml
check 'UTF-16' 1 "$kept" policy check wide.yaml
says 'is called by its name' 'the file is UTF-16'
mkdir folder
check 'a folder' 2 "$kept" policy check folder
says 'is told from a file' 'folder is a folder: name a file in it'
check 'no such file' 5 "$kept" policy check none.yaml
check 'from the standard input' 0 sh -c "$kept policy check - <$policies/widgets.yaml"

# What `operations: all` gives is shown as it is: audit is never the app's, upkeep never a role's.
sed 's/^    operations: \[subject_new.*/    operations: all/; s/^    operations: \[audit.*/    operations: all/' \
    "$policies/widgets.yaml" >all.yaml
check 'show all' 0 "$kept" policy show all.yaml
sed -n '/^  role app /,/may:/p' "$work/out" | grep 'may:' >app.txt
sed -n '/^  role auditor /,/may:/p' "$work/out" | grep 'may:' >auditor.txt
is 'the app may cease' "$(grep -cw service_cease app.txt)" 1
is 'and not audit' "$(grep -cw audit app.txt)" 0
is 'the auditor may audit' "$(grep -cw audit auditor.txt)" 1
is 'and not cease' "$(grep -cw service_cease auditor.txt)" 0
sed 's/^    operations: \[audit.*/    operations: [audit, tick]/' "$policies/widgets.yaml" >tick.yaml
check 'show what is listed and not open' 0 "$kept" policy show tick.yaml
says 'as such' 'may not, for the app alone may: tick'

"$kept" init >/dev/null
check 'nothing works without a policy' 5 "$kept" subject new
check 'publish a bad one' 3 "$kept" policy publish bad.yaml
says 'says where' 'bad.yaml:'
check 'publish a bad one, as JSON' 3 "$kept" policy publish bad.yaml --json
json_error 'the error is JSON'
says 'with its findings' '"mend":'
check 'nothing was published' 5 "$kept" stat
check 'publish' 0 "$kept" policy publish "$policies/widgets.yaml"
says 'says what' 'widgets, version 1 is published'
check 'the same version again: conflict' 6 "$kept" policy publish "$policies/widgets.yaml"
check 'show the versions' 0 "$kept" policy show
says 'version 1 is in force' 'yes'
sed 's/^version: 1$/version: 2/' "$policies/widgets.yaml" >two.yaml
check 'publish by a role that may not: no' 1 "$kept" policy publish two.yaml --as support
lacks 'nothing was published by it' 'is published'
sed -e 's/^version: 1$/version: 3/' -e '/^  device-model:/,/retain/s/retain: 180 days/retain: 360 days/' \
    "$policies/widgets.yaml" >three.yaml
check 'a material change at once: no' 6 "$kept" policy publish three.yaml --at 2026-01-01
says 'by whose promise, and when it may' "promises 7 days' notice"
check 'publish for later, as JSON' 0 "$kept" policy publish two.yaml --at 2099-01-01 --json
json 'publication is JSON'
check 'the text of version 1, for ever' 0 "$kept" policy resolve @1
is 'is the file, to the byte' "$(sha256sum <"$work/out")" "$(sha256sum <"$policies/widgets.yaml")"
check 'the version in force as it is understood' 0 "$kept" policy show @current
says 'is version 1' 'version 1'
check 'a version there is not' 5 "$kept" policy render @7
check 'no number' 2 "$kept" policy compare @x two.yaml
check 'the version in force and a file' 0 "$kept" policy compare @current two.yaml
check 'explained of a version' 0 "$kept" policy explain @1 --use collect --item device-model --function device-adaptation
check 'dry: what would be' 1 "$kept" policy publish three.yaml --dry-run --at 2026-01-01
says 'who is told' 'Who is told'
says 'and that it would not' 'It would not be published'
check 'dry, in time' 0 "$kept" policy publish three.yaml --dry-run --at 2099-02-01
says 'it would, from midnight where the policy is' 'would be published, effective 2099-01-31T16:00:00Z'
check 'dry, as JSON' 0 "$kept" policy publish three.yaml --dry-run --at 2099-02-01 --json
json 'is JSON'
check 'nothing of it was published' 0 "$kept" policy show
lacks 'no version 3' '2099-01-31'
check 'a time that is none' 2 "$kept" policy publish two.yaml --at tomorrow
check 'a second app' 0 "$kept" policy publish "$policies/smart-home.yaml"
check 'now the app must be named' 2 "$kept" stat
says 'it says so' 'app'
check 'and is found by its name' 0 "$kept" --app smart-home stat
check 'an app there is not' 5 "$kept" --app other stat
finish
