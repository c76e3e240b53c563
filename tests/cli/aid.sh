# aid.sh - what the scenarios share. Each runs in a new folder with defaults of its own; a check
# prints `ok NAME` or `FAILED NAME` and the scenario goes on.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
kept=${KEPT:-$top/build/release/kept}
policies=$top/policies
scenario=$(basename "$0" .sh)
unset KEPT_STORE KEPT_KEYRING KEPT_ROOT_KEY
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work" || exit 2
failures=0

pass() { echo "ok $scenario: $1"; }
fail() {
    echo "FAILED $scenario: $1"
    shift
    for line in "$@"; do echo "    $line"; done
    failures=$((failures + 1))
}

# check NAME CODE command ... : its exit code; what it said stays in $work/out and $work/err.
check() {
    check_name=$1 want=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ "$got" -eq "$want" ]; then pass "$check_name"; else
        fail "$check_name" "exit $got, not $want" "$(head -3 "$work/err")" "$(head -3 "$work/out")"
    fi
}
# says NAME WORDS / lacks NAME WORDS: in the last output, or the last error.
says() {
    if grep -qF -- "$2" "$work/out" "$work/err"; then pass "$1"; else
        fail "$1" "nothing says: $2" "$(head -5 "$work/out")" "$(head -5 "$work/err")"
    fi
}
lacks() {
    if grep -qF -- "$2" "$work/out" "$work/err"; then fail "$1" "something says: $2"; else pass "$1"; fi
}
# is NAME A B
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "'$2' is not '$3'"; fi; }
# json NAME: the last output is one JSON document.
json() {
    if command -v python3 >/dev/null 2>&1; then
        if python3 -c 'import json,sys; json.load(sys.stdin)' <"$work/out" 2>"$work/why"; then
            pass "$1"
        else
            fail "$1" "$(tail -1 "$work/why")" "$(head -3 "$work/out")"
        fi
    else
        case $(head -c 1 "$work/out") in '{') pass "$1" ;; *) fail "$1" "no JSON" ;; esac
    fi
}
# json_error NAME: the last error is one JSON document on stderr, said once; stdout is empty.
json_error() {
    cp "$work/out" "$work/answer"
    cp "$work/err" "$work/out"
    json "$1"
    is "$1: nothing else is said" "$(wc -c <"$work/answer") $(grep -c '^  "error"' "$work/err") \
$(grep -c '^kept:' "$work/err")" '0 1 0'
}
# A store with the widgets' policy in force; a person who has seen the notice: $person.
store() {
    "$kept" init >/dev/null && "$kept" policy publish "$policies/widgets.yaml" --at 2026-02-01 \
        >/dev/null || echo "FAILED $scenario: no store"
}
person() {
    person=$("$kept" subject new)
    "$kept" consent acknowledge "$person" >/dev/null
}
# ... who wrote to the support.
writer() {
    person
    "$kept" consent grant "$person" --function feedback >/dev/null
    "$kept" collect "$person" --function feedback --user-action message='Please call me.' \
        contact-phone=13800001111 contact-mail=ada@example.org >/dev/null
}
finish() { [ "$failures" -eq 0 ]; exit; }
