#!/bin/sh
# Goal: who is erased is gone at once, with a certificate that has both dates; a record too.
. "$(dirname "$0")/aid.sh"
store
writer
check 'erase a record' 0 "$kept" erase record "$person" contact-mail
check 'find by it: no' 1 "$kept" subject find contact-mail=ada@example.org
check 'erase it again: no' 1 "$kept" erase record "$person" contact-mail
says 'nothing is held' 'NO_VALUE'
check 'an item there is not: no' 1 "$kept" erase record "$person" hair
check 'by a role that may not: no' 1 "$kept" erase record "$person" message --as support
check 'erase' 0 "$kept" erase subject "$person"
says 'the certificate' 'certificate'
says 'when the keys went' 'keys destroyed       20'
says 'when the rows went' 'rows swept           20'
says 'when it is final' 'final                20'
check 'use: no' 1 "$kept" use "$person" message --purpose support
says 'erased' 'ERASED'
check 'find: no' 1 "$kept" subject find contact-phone=13800001111
check 'collect: no' 1 "$kept" collect "$person" --function feedback message=hello
check 'why still says what became of it' 0 "$kept" why "$person"
says 'with the date' 'final                20'
check 'again: the same certificate' 0 "$kept" erase subject "$person"
check 'nobody' 5 "$kept" erase subject 00020000000000000000000000000000
writer
check 'by a role that may not: no' 1 "$kept" erase subject "$person" --as support
check 'with the sweep left for later' 0 "$kept" erase subject "$person" --later --json
json 'the certificate is JSON'
check 'why' 0 "$kept" why "$person"
says 'the sweep is pending' 'pending'
check 'stat' 0 "$kept" stat
says 'one sweep pending' 'sweeps pending       1'
check 'the store is consistent meanwhile' 0 "$kept" stat --check
check 'tick' 0 "$kept" tick
check 'swept' 0 "$kept" why "$person"
lacks 'not pending any more' 'pending'
is 'no byte of the phone number in any file' "$(grep -rl 13800001111 kept | wc -l)" 0
check 'consistent afterwards' 0 "$kept" ledger verify
finish
