# policy widgets
# settings are kept as if a law demanded it
/^  settings:/,/clause:/ s/retain: account/retention_class: law, statute: none, retain: 184 days/
