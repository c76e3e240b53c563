#!/bin/sh
# Who may ask the service: made on the machine, told its token once, limited, listed, reviewed, revoked for good.
. "$(dirname "$0")/aid.sh"
store
check 'a caller' 0 "$kept" caller add back-end
says 'is told its token' kept_
says 'this once' 'told this once'
check 'a name is somebody once' 6 "$kept" caller add back-end
check 'of a role' 0 "$kept" caller add desk --roles support --purposes support --expires 2999-01-01
check 'that there is' 5 "$kept" caller add nobody --roles queen
check 'operations are spelt as they are' 2 "$kept" caller add nobody --operations collekt
check 'who manages reads nothing' 2 "$kept" caller add nobody --operations caller.list,use
check 'who there is' 0 "$kept" --json caller list
says 'the one' '"back-end"'
says 'and what it is limited to' '"support"'
lacks 'no token' kept_
check 'who sees what in the clear' 0 "$kept" --json caller review
says 'that role' '"role": "support"'
says 'by that caller' '"desk"'
check 'a person of staff' 0 "$kept" caller add ann --staff --roles support
says 'what goes into an authenticator' 'otpauth://totp/'
says 'this once' 'told this once'
lacks 'and no token' kept_
check 'never as the app itself' 2 "$kept" caller add eve --staff
check 'who there is' 0 "$kept" --json caller list
says 'a person logs in' '"shows": "password"'
lacks 'no secret' otpauth
check 'an agreement is put on file' 0 "$kept" --json staff attest ann confidentiality --evidence 'file 2026/12' --expires 2999-01-01
says 'until when' 2999-01-01
check 'with what shows it' 2 "$kept" staff attest ann training
check 'of staff, and nobody else' 5 "$kept" staff attest back-end training --evidence 'course 7'
check 'what there is' 2 "$kept" staff attest ann beauty --evidence 'a mirror'
check 'not by themselves' 1 "$kept" --actor ann staff attest ann training --evidence 'course 7'
check 'it stands in the review' 0 "$kept" --json caller review
says 'with what shows it' 'file 2026/12'
check 'taken back' 0 "$kept" staff retract ann confidentiality
check 'once' 5 "$kept" staff retract ann confidentiality
check 'who leaves' 0 "$kept" caller revoke ann --because 'left; reminded, file 2026/31'
check 'and what they were told' 0 "$kept" --json caller review
says 'stays on file' 'file 2026/31'
check 'revoked' 0 "$kept" caller revoke desk
check 'once' 5 "$kept" caller revoke desk
check 'and gone from the review' 0 "$kept" --json caller review
lacks 'it is' '"desk"'
check 'it is on record' 0 "$kept" --as auditor --json audit app
says 'who came' 'caller back-end; roles app'
says 'and who went' caller.revoke
check 'and all of it holds' 0 "$kept" ledger verify
finish
