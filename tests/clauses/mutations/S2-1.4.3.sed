# policy smart-home
# security serves campaigns, too
/^functions:/,/^recipients:/ {
/^  security:$/,/^    clause:/ s/purposes: \[security\]/purposes: [security, campaign]/
}
