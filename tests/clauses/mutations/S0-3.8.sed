# policy widgets
# quick-launch collects whether in use or not
/^  quick-launch:/,/^    clause:/ s/in_use: required/in_use: any/
