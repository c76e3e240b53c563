# policy smart-home
# what a campaign collected outlives it
/^  campaign:/,/clause:/ s/withdrawal: delete/withdrawal: collect_and_use/
