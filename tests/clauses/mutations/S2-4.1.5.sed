# policy smart-home
# support serves compliance, too
/^roles:/,/^exemptions:/ {
/^  support:$/,/^    clause:/ s/purposes: \[support\]/purposes: [support, compliance]/
}
