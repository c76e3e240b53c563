# policy widgets
# the auditor may read phone numbers
/^  auditor:/,/^    clause:/ {
s/operations: \[audit,/operations: [audit, use,/
s/purposes: \[\]/purposes: [support]/
/purposes:/ a\
    raw: [contact-phone]
}
