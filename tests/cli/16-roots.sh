#!/bin/sh
# Goal: the root key in other hands than a file's: a passphrase, a program; from one to the other and
# back; each refusal says what to do; and the paper opens everything when all else is lost.
. "$(dirname "$0")/aid.sh"
words='correct horse battery staple'
printf '%s\n' "$words" >words
printf 'another battery, another horse' >others
echo short >short
chmod 600 words others short

check 'a short passphrase: refused' 2 "$kept" --root-key passphrase:short init
says 'how long' 'at least 12 bytes'
check 'nobody to ask' 2 setsid -w "$kept" --root-key passphrase init
says 'what to say' 'passphrase:FILE or passphrase:fd:N'
is 'nothing says who has a key that is not there' "$(ls kept/keyring)" ''
check 'a passphrase from the beginning' 0 "$kept" --root-key passphrase:words init
is 'no file of a key' "$(ls kept)" "$(printf 'keyring\nstore')"
"$kept" policy publish "$policies/widgets.yaml" --at 2026-02-01 >/dev/null
writer
check 'the keyring knows whom to ask' 0 "$kept" use "$person" message --purpose support
check 'key show' 0 "$kept" key show
says 'who' 'in passphrase:'
says 'what a guess costs' 'Argon2id, 3 rounds over 256 MiB'
lacks 'not the words' "$words"
check 'from a descriptor' 0 sh -c "exec 3<words; exec $kept --root-key passphrase:fd:3 stat"
find kept -type f -exec sha256sum {} + | sort >before
check 'the wrong words' 9 "$kept" --root-key passphrase:others stat
says 'it says that alone' 'that is not the passphrase of this keyring'
find kept -type f -exec sha256sum {} + | sort >after
check 'and leaves everything as it was' 0 cmp before after
check 'no words: a closed descriptor' 8 "$kept" --root-key passphrase:fd:9 stat
chmod 640 words
check 'words that others may read' 2 "$kept" stat
says 'how to mend it' 'chmod 600'
chmod 600 words
if command -v script >/dev/null 2>&1; then
    # At a terminal, when it asks: what is typed is not shown.
    type_at() { # FILE-OF-ANSWERS command: each prompt gets a line
        answers=$1
        shift
        mkfifo keys
        script -qefc "$*" typed <keys >"$work/out" 2>&1 &
        exec 4>keys
        n=0
        while read -r line; do
            n=$((n + 1))
            for i in $(seq 600); do
                [ "$(grep -oE '(passphrase|once more): ' typed 2>/dev/null | wc -l)" -ge "$n" ] && break
                sleep 0.1
            done
            printf '%s\n' "$line" >&4
        done <"$answers"
        wait $!
        code=$?
        exec 4>&-
        rm keys
        return $code
    }
    printf '%s\n' "$words" >answers
    type_at answers "$kept --root-key passphrase stat"
    is 'typed' $? 0
    lacks 'and not shown' "$words"
    says 'the answer' 'people ever'
    printf 'six words that nobody guesses\nsix words that nobody guessed\n' >answers
    type_at answers "$kept key change --new passphrase"
    is 'typed twice, not the same' $? 2
    says 'and nothing done' 'were not the same'
    check 'the former still opens' 0 "$kept" stat
fi

check 'to another passphrase' 0 "$kept" key change --new passphrase:others
says 'what becomes of the former' 'The former passphrase still opens older copies'
check 'which opens' 0 "$kept" use "$person" message --purpose support
check 'and the former does not' 9 "$kept" --root-key passphrase:words stat
check 'recovery' 0 "$kept" key recovery
cp "$work/out" paper

key=$(od -An -vtx1 -N32 /dev/urandom | tr -d ' \n')
printf '#!/bin/sh\necho "asked $*" >&2\necho %s\n' "$key" >hsm
chmod 700 hsm
check 'to a program' 0 "$kept" key change --new "command:$work/hsm slot 7"
says 'what it says is passed on' 'asked slot 7'
lacks 'what it prints is not' "$key"
check 'it is asked' 0 "$kept" use "$person" message --purpose support
check 'a program needs its whole path' 2 "$kept" --root-key 'command:hsm' stat
printf '#!/bin/sh\necho the token is locked >&2\nexit 7\n' >hsm
check 'it fails' 8 "$kept" stat
says 'its own words' 'the token is locked'
says 'its exit code' 'exit code 7'
printf '#!/bin/sh\necho Welcome to the vault\n' >hsm
check 'it prints something else' 10 "$kept" stat
lacks 'which is not repeated' 'Welcome'
printf '#!/bin/sh\nprintf %%064d 7\n' >hsm
check 'it prints another key' 9 "$kept" stat
says 'both are named' 'this keyring is under'
chmod 720 hsm
check 'others may write it' 2 "$kept" stat
says 'how to mend that' 'chmod go-w'
rm hsm
check 'it is gone' 5 "$kept" stat

check 'the paper of before the change does not open' 1 "$kept" key recovery --check paper
printf '#!/bin/sh\necho %s\n' "$key" >hsm
chmod 700 hsm
"$kept" key recovery >paper
rm hsm
check 'the paper of today does' 0 "$kept" key recovery --check paper
check 'all is lost but the paper: into which file?' 2 "$kept" key restore paper
says 'it says what to say' 'say where with --root-key FILE'
check 'restored' 0 "$kept" --root-key restored.key key restore paper
check 'opens' 0 "$kept" --root-key restored.key use "$person" message --purpose support
check 'given to a passphrase' 0 "$kept" --root-key restored.key key change --new passphrase:words
check 'which opens by itself' 0 "$kept" use "$person" message --purpose support
check 'and the restored one does not any more' 9 "$kept" --root-key restored.key stat

check 'a mirror, and back to a file' 0 "$kept" --mirror mirror stat
check 'together' 0 "$kept" --mirror mirror key change --new kept/root.key
rm -r kept/keyring && cp -r mirror kept/keyring
check 'the mirror in its place opens' 0 "$kept" use "$person" message --purpose support
check 'a mirror that was away' 0 "$kept" key change --new passphrase:others
check 'has its former key till then' 0 "$kept" --keyring mirror --root-key kept/root.key key show
says 'and opens whole' 'state                opens'
check 'and follows' 0 "$kept" --mirror mirror stat
finish
