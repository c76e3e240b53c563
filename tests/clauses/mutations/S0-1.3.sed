# policy widgets
# service-log serves marketing, too
/^  service-log:/,/^    clause:/ s/purposes: \[security,/purposes: [security, marketing,/
