# policy smart-home
# operation serves campaigns, too
/^functions:/,/^recipients:/ {
/^  operation:$/,/^    clause:/ s/purposes: \[operation\]/purposes: [operation, campaign]/
}
