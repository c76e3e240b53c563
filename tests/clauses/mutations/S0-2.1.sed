# code src/engine/change.c
# every value is said to come of use, whatever the policy says of its item
s/kept_source_named(item->source)/KEPT_SOURCE_GENERATED/
