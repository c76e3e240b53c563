#!/bin/sh
# Goal: a product's policy over its house's is checked, shown, published and obeyed like any other; each
# value says which file it stands in, and either of the two may hold.
. "$(dirname "$0")/aid.sh"
cp "$policies/widgets.yaml" group.yaml
write() {
    cat >shop.yaml <<END
extends: group.yaml
precedence: $1
kept: 1
app: shop
version: 1
issued: 2026-01-05
effective: 2026-02-01
items:
  device-name: {retain: 30 days, clause: P-1}
END
}
line=$(grep -n 'name of the device' group.yaml | cut -d: -f1)
write product
check 'the product holds' 0 "$kept" policy show shop.yaml
says 'its value, where it stands' 'items.device-name.retain: 30 days  (shop.yaml:9)'
says 'the rest comes from the base' "items.device-name.kind: text  (group.yaml:$line)"
check 'as JSON' 0 "$kept" policy show shop.yaml --json
json 'shown as JSON'
write base
check 'the base holds' 0 "$kept" policy show shop.yaml
says 'its value' "items.device-name.retain: 180 days  (group.yaml:$line)"
check 'resolved' 0 "$kept" policy resolve shop.yaml
cp out whole.yaml
check 'what is resolved is a policy' 0 "$kept" policy check whole.yaml
check 'resolved as JSON' 0 "$kept" policy resolve shop.yaml --json
json 'resolved is JSON'
sed -i 's/kind: device-id/kind: devise-id/' group.yaml
check 'a mistake in the base' 1 "$kept" policy check shop.yaml
says 'stands in the base' "group.yaml:$(grep -n devise-id group.yaml | head -1 | cut -d: -f1):"
cp "$policies/widgets.yaml" group.yaml
sed -i '/^precedence/d' shop.yaml
check 'no precedence: refused' 3 "$kept" policy check shop.yaml
says 'and why' 'shop.yaml:1:1: MISSING_KEY'
write product
sed -i 's/group.yaml/..\/group.yaml/' shop.yaml
check 'a file elsewhere: refused' 3 "$kept" policy check shop.yaml
write product
rm group.yaml
check 'a base that is not there' 5 "$kept" policy check shop.yaml
cp "$policies/widgets.yaml" group.yaml
check 'a store' 0 "$kept" init
check 'published' 0 "$kept" policy publish shop.yaml
says 'under its own name' 'shop, version 1 is published'
finish
