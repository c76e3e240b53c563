# policy smart-home
# what is installed is not sensitive and its function asks for nothing
/^  installed-apps:$/,/clause:/ { /sensitive:/ d
}
/^  running-processes:$/,/clause:/ { /sensitive:/ d
}
/^  anti-malware:$/,/^    clause:/ s/consent: separate/consent: notice/
