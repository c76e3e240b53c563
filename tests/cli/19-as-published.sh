#!/bin/sh
# Goal: a policy as somebody published it is looked at: what it is silent on and where it is below its law; it
# is never loaded. One that is weaker than its law is refused with the article.
. "$(dirname "$0")/aid.sh"
seeds=$top/tests/as-published
for name in widgets smart-home messenger wallpaper media; do
    check "$name as published: no" 1 "$kept" policy check --as-published "$seeds/$name.yaml"
    says "$name: where nobody is told" 'no end: it may be kept no longer'
done
check 'one that is mended' 0 "$kept" policy check --as-published "$policies/wallpaper.yaml"
"$kept" init >/dev/null
check 'none is published' 3 "$kept" policy publish "$seeds/wallpaper.yaml"
check 'nothing was' 5 "$kept" stat
sed 's/{from: 14, mode: self/{from: 13, mode: self/; s/below: 14/below: 13/' "$policies/wallpaper.yaml" >young.yaml
check 'a child of 13 who decides alone' 1 "$kept" policy check young.yaml
says 'names the floor' 'FLOOR_AGE'
says 'and the article' 'a guardian consents (PIPL 31)'
check 'and is not published' 3 "$kept" policy publish young.yaml
sed 's/^incident:/without:/; /^without:/,/^log:/{/^log:/!d;}' "$policies/wallpaper.yaml" >silent.yaml
check 'what the law fills in is shown' 0 "$kept" policy show silent.yaml
says 'as from the profile' 'from the profile cn: incidents, to the authority: within 4 hours'
check 'as JSON' 0 "$kept" policy show silent.yaml --json
json 'which is JSON'
says 'with its source' '"read_by_lawyer":'
