#!/bin/sh
# Goal: what the shells complete is what the command takes: commands, options, values, files, and the names
# of a policy; made from the command's tables, and tried in bash and in zsh themselves.
. "$(dirname "$0")/aid.sh"
make -s -C "$top" completion man build/release/kept >/dev/null
export KEPT_POLICY="$policies/widgets.yaml"
mkdir bin sub && ln -s "$kept" bin/kept && touch policy.yaml sub/inner.yaml 'with space'
export PATH="$work/bin:$PATH"

# The words behind kept, cut as bash cuts them; what is offered stands in $offers, sorted.
cat >ask.bash <<'END'
. "$1"
shift
COMP_WORDS=(kept "$@")
COMP_CWORD=$#
_kept kept "${@: -1}" "${@: -2:1}"
printf '%s\n' "${COMPREPLY[@]}" | sort
END
offer() { offers=$(bash ask.bash "$top/build/release/completion/kept" "$@" 2>&1 | tr '\n' ' '); offers=${offers% }; }
check 'bash takes the script' 0 bash -n "$top/build/release/completion/kept"
offer ''
groups=$("$kept" help | sed -n '/^Commands/,/^Options/s/^  \([a-z][a-z]*\) .*/\1/p' | sort -u | tr '\n' ' ')
is 'all first words' "$offers " "$groups"
offer con
is 'a first word' "$offers" 'consent contacts'
offer consent ''
is 'second words' "$offers" 'acknowledge grant refuse withdraw'
offer policy p
is 'one of them' "$offers" publish
offer help consent g
is 'commands behind help' "$offers" grant
offer --json erase s
is 'behind an option' "$offers" subject
offer --store /srv/x erase s
is 'behind an option and its argument' "$offers" subject
offer --store = /srv/x erase s
is 'behind an option=argument' "$offers" subject
offer consent grant --l
is 'an option of the command' "$offers" '--language --launch --legacy'
offer consent refuse 0123 --k
is 'not those of another command' "$offers" --keyring
offer init --fu
is 'nor where there are none' "$offers" ''
offer init --ro
is 'an option of every command' "$offers" --root-key
offer init --root-key x --ro
is 'each once' "$offers" ''
offer consent grant 0123 --kind ''
is 'what an option may be' "$(echo " $offers " | grep -c ' explicit .*separate ')" 1
offer consent grant 0123 --kind = s
is 'behind = too' "$offers" separate
offer policy names p
is 'what a word may be' "$offers" 'partitions permissions purposes'
offer policy check p
is 'a file' "$offers" policy.yaml
offer policy check with
is 'with a space in it' "$offers" 'with space'
offer policy names items sub/
is 'a file in a folder, second place' "$offers" sub/inner.yaml
offer init --store s
is 'a folder' "$offers" sub
offer collect 0123 contact
is 'items to be collected' "$offers" 'contact-mail= contact-name= contact-phone='
offer collect 0123 message = x contact-m
is 'and again' "$offers" contact-mail=
offer use 0123 message contact-p
is 'items to be used' "$offers" contact-phone
offer use 0123 --function fee
is 'a function' "$offers" feedback
offer use 0123 --purpose = supp
is 'a purpose' "$offers" support
offer stat --as sup
is 'a role' "$offers" support
offer permission on 0123 loc
is 'a permission' "$offers" location
offer subject show ''
is 'of people nothing' "$offers" ''
KEPT_POLICY= offer use 0123 --function fee
is 'without a policy no names' "$offers" ''
KEPT_POLICY=$work/nowhere offer use 0123 --function fee
is 'nor from one that is not there, without a word' "$offers" ''

# Every command and option there is can be completed to its end.
"$kept" help | sed -n '/^Commands/,/^Options/s/^  \([a-z].*\)/\1/p' >lines
while read -r first second _; do
    offer "$first"
    case " $offers " in *" $first "*) ;; *) fail "completes $first" "$offers" ;; esac
    case $second in
    [a-z]*[a-z]) grep -q "^$first $second" lines && offer "$first" "$second" &&
        case " $offers " in "  " | *" $second"*) ;; *) fail "completes $first $second" "$offers" ;; esac ;;
    esac
done <lines
pass 'every command'
check 'names of a policy' 0 "$kept" policy names roles "$KEPT_POLICY"
says 'one a line' support
check 'as JSON' 0 "$kept" policy names functions "$KEPT_POLICY" --json
json 'is one document'
check 'of what a policy has not' 2 "$kept" policy names shoes "$KEPT_POLICY"
check 'of no policy' 5 "$kept" policy names items nowhere.yaml

if command -v zsh >/dev/null 2>&1; then
    check 'zsh takes the script' 0 zsh -n "$top/build/release/completion/_kept"
    cat >ask.zsh <<'END'
# Type $2 and a tabulator into a zsh of its own, and print what then stands on its screen.
zmodload zsh/zpty
zpty tried zsh -f -i
zpty -w tried "PS1=; unsetopt beep; fpath=($1 \$fpath); autoload -U compinit; compinit -u -d $PWD/dump; zstyle ':completion:*' list-prompt ''; LISTMAX=1000; clear; echo rea''dy"
line=
until [[ $line == *ready* ]]; do zpty -r tried line || exit 1; done
zpty -w -n tried "$2"$'\t'
sleep ${3:-1}
zpty -w -n tried $'\t'
sleep ${3:-1}
text=
while zpty -rt tried line; do text+=$line; done
zpty -d tried
print -r -- $text
END
    zoffer() { timeout 60 zsh -f ask.zsh "$top/build/release/completion" "$@" >"$work/out" 2>"$work/err" </dev/null; }
    zoffer 'kept consent '
    says 'zsh: second words' withdraw
    says 'with what they do' 'the person takes consent back'
    zoffer 'kept policy publish --root'
    says 'zsh: an option' 'root-key'
    zoffer 'kept use 0123 --function fee'
    says 'zsh: a name of the policy' feedback
    zoffer 'kept policy check pol'
    says 'zsh: a file' policy.yaml
    zoffer 'kept consent grant 0123 --kind sep'
    says 'zsh: a value' separate
fi
finish
