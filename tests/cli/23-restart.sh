#!/bin/sh
# Goal: what a service is told stands in a file whose mistakes are told by line; a new process takes over from the one
# before while people ask, and nobody is refused or left without an answer; systemd's sockets are used; the units for it
# hold what they say.
. "$(dirname "$0")/aid.sh"
store
person
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
conf() { printf '%s\n' "$@" >kept.conf; chmod 600 kept.conf; }
# serve LOG ARGUMENT ...: in the background, until it serves.
serve() {
    log=$1
    shift
    "$kept" serve "$@" 2>"$log" &
    server=$!
    for _ in $(seq 200); do
        grep -q '"event":"serving"' "$log" && return
        sleep 0.1
    done
}
server=
trap 'kill -9 $server 2>/dev/null; rm -rf "$work"' EXIT INT TERM

conf '# ours' '' "http: 127.0.0.1:$port" 'workers: 2' "store: $work/kept/store"
check 'a file of options' 0 "$kept" serve --config kept.conf --check
conf "http: 127.0.0.1:$port" 'wrokers: 2'
check 'a misspelt one' 2 "$kept" serve --config kept.conf --check
says 'by its line' 'kept.conf:2: there is no option wrokers: did you mean workers?'
conf 'workers: 2' 'workers: 3'
check 'one said twice' 2 "$kept" serve --config kept.conf --check
says 'by its line, too' 'kept.conf:2: workers is said twice'
conf 'http 8080'
check 'no option at all' 2 "$kept" serve --config kept.conf --check
says 'it says what a line is' 'option: value'
conf 'person: 7'
check 'an option of something else' 2 "$kept" serve --config kept.conf --check
says 'is not for this file' 'person is not for this file'
conf 'http:'
check 'an option without its value' 2 "$kept" serve --config kept.conf --check
says 'that is empty' 'http is empty'
conf 'check: perhaps'
check 'neither yes nor no' 2 "$kept" serve --config kept.conf
says 'and says so' 'check is yes or no'
conf 'check: yes'
check 'a flag' 0 "$kept" serve --config kept.conf
says 'that was taken' 'nothing would keep it from starting'
conf "store: $work/nowhere"
check 'what the command line says wins' 0 "$kept" serve --config kept.conf --check --store "$work/kept/store"
printf 'store\0: x\n' >kept.conf
check 'no text' 2 "$kept" serve --config kept.conf --check
conf 'check: yes'
chmod 666 kept.conf
check 'open to others' 2 "$kept" serve --config kept.conf --check
check 'not there' 5 "$kept" serve --config other.conf --check

conf "http: 127.0.0.1:$port"
serve first.log --config kept.conf
first=$server
(
    while [ ! -e enough ]; do
        curl -s -m 30 -o reply -w '%{http_code}\n' "http://127.0.0.1:$port/v1/policies/widgets"
    done >codes
) &
asking=$!
sleep 0.5
check 'an address that is none: nobody is sent away for that' 2 "$kept" serve --http here --take-over
serve second.log --config kept.conf --take-over
second=$server
wait "$first"
is 'who served before went in peace' $? 0
check 'the new one serves' 0 "$kept" subject show "$person"
serve third.log --config kept.conf --take-over
third=$server
wait "$second"
is 'and once more' $? 0
sleep 0.5
touch enough
wait "$asking"
is 'who asked meanwhile was answered, each time' "$(sort -u codes | tr '\n' ' ')" '200 '
if [ "$(wc -l <codes)" -gt 20 ]; then pass 'many asked'; else fail 'many asked' "$(wc -l <codes)"; fi
kill -TERM "$third"
wait "$third"
serve fourth.log --config kept.conf --take-over
check 'nobody to take over from: it serves' 0 "$kept" subject show "$person"
kill -TERM "$server"
wait "$server"

# As systemd does it: the socket listens before kept does, and stays.
python3 - "$port" "$kept" <<'END' &
import os, socket, subprocess, sys, time, urllib.request
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen(64)
def start():
    pid = os.fork()
    if pid == 0:
        os.dup2(s.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
        os.execv(sys.argv[2], ["kept", "serve", "--config", "kept.conf"])
    return pid
def ask():
    return urllib.request.urlopen("http://127.0.0.1:%s/readyz" % sys.argv[1], timeout=30).status
for _ in range(2):
    pid = start()
    if ask() != 200: # the first question waits in the socket
        sys.exit(1)
    os.kill(pid, 15)
    if os.waitpid(pid, 0)[1] != 0:
        sys.exit(2)
END
wait $!
is 'a socket that systemd holds is taken, and outlives who served it' $? 0

if command -v systemd-analyze >/dev/null 2>&1; then
    for unit in kept.service kept.socket; do
        sed "s|/usr/local/bin/kept|$kept|; /^Documentation/d" "$top/deploy/$unit" >"$unit"
    done
    check 'the units are sound' 0 systemd-analyze verify ./kept.service ./kept.socket
    check 'the service can reach little' 0 systemd-analyze security --offline=true --threshold=20 ./kept.service
fi
sed -E "s|^(store\|keyring\|root-key): .*||; s|^http: .*|http: 127.0.0.1:$port|" "$top/deploy/kept.conf" >kept.conf
chmod 600 kept.conf
check 'the file of options that we give' 0 "$kept" serve --config kept.conf --check
finish
