# policy smart-home
# the network log goes with the person
/^  access-log:/,/clause:/ { s/retention_class: law/retention_class: ordinary/; /statute:/d; }
