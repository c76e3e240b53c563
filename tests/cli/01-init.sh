#!/bin/sh
# Goal: a store is made where it is said, once, and nothing is overwritten; words that are no command
# are answered with what was probably meant.
. "$(dirname "$0")/aid.sh"
check 'init' 0 "$kept" init
check 'again: conflict' 6 "$kept" init
says 'it says why' 'is a store already'
is 'the root key is closed to others' "$(stat -c %a kept/root.key)" 600
is 'the folders too' "$(stat -c %a kept/store) $(stat -c %a kept/keyring)" '700 700'
check 'places by options' 0 "$kept" --store a --keyring b --root-key c init
KEPT_STORE=d KEPT_KEYRING=e KEPT_ROOT_KEY=f
export KEPT_STORE KEPT_KEYRING KEPT_ROOT_KEY
check 'places by environment' 0 "$kept" init
unset KEPT_STORE KEPT_KEYRING KEPT_ROOT_KEY
check 'init as JSON' 0 "$kept" --store g --keyring h --root-key i init --json
json 'it is JSON'
check 'keyring inside the store: refused' 2 "$kept" --store j --keyring j/k --root-key l init
is 'and nothing is there' "$(ls -d j 2>/dev/null)" ''
check 'root key inside the store: refused' 2 "$kept" --store j --keyring k --root-key j/l init
echo text >file
check 'a file in place of the folder' 8 "$kept" --store file/store --keyring k --root-key l init
check 'where nothing can be made' 8 "$kept" --store /proc/kept --keyring k --root-key l init
check 'no store' 5 "$kept" --store none stat
says 'it names the folder' 'none'

check 'no words: the help, and 2' 2 "$kept"
check 'help' 0 "$kept" help
says 'with the exit codes' 'another process owns the store'
says 'and that --as is not checked' 'UNAUTHENTICATED'
check 'version' 0 "$kept" --version
check 'an unknown command' 2 "$kept" colect x
says 'did you mean' 'did you mean collect?'
check 'an unknown second word' 2 "$kept" consent grnat
says 'did you mean two words' 'did you mean consent grant?'
check 'half a command' 2 "$kept" policy
check 'an unknown option' 2 "$kept" stat --jsno
says 'did you mean an option' 'did you mean --json?'
check 'a mistake before --json' 2 "$kept" stat --jsno --json
json_error 'its error is JSON'
says 'with the same words' 'did you mean --json?'
check 'no command, as JSON' 2 "$kept" --json
json_error 'its error is JSON, too'
check 'an option of another command' 2 "$kept" stat --birth-date 1990-01-01
check 'an option twice' 2 "$kept" stat --app a --app b
check 'an option without its argument' 2 "$kept" stat --app
check 'a flag with an argument' 2 "$kept" stat --json=yes
check 'an argument missing' 2 "$kept" subject show
check 'an argument too many' 2 "$kept" stat now
check 'a word that may be personal' 2 "$kept" 13800001111
lacks 'is not repeated' 13800001111
check 'an option that may be personal' 2 "$kept" stat --13800001111
lacks 'is not repeated either' 13800001111
check 'full answer channel' 8 sh -c "$kept help >/dev/full"
finish
