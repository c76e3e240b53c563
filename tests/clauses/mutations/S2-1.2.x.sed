# policy smart-home
# statistics of use ask for nothing
/^  usage-statistics:$/,/^    clause:/ s/consent: explicit/consent: notice/
