# What follows knows kept by the tables above alone. Names of a policy come from the file in KEPT_POLICY.

# _kept_fill WORD: what may stand where the usage says WORD.
_kept_fill() {
    local alternative
    case $1 in
    *'|'*) for alternative in ${(s:|:)1}; do _kept_fill $alternative; done ;;
    DIR | FOLDER) _path_files -/ ;;
    FILE | POLICY | WHERE) _files ;;
    ITEM=VALUE) _kept_name items -S= ;;
    ITEM | FUNCTION | PURPOSE | PERMISSION | RECIPIENT | EXEMPTION) _kept_name ${(L)1}s ;;
    ROLE) _kept_name roles ;;
    COMMAND) _kept_commands "${(@)words_given[given + 1,-1]}" ;;
    *[A-Z]*) _message $1 ;; # a number, a time, an id: nobody can guess it
    *) compadd -- $1 ;;
    esac
}

# _kept_name KIND [-S=]
_kept_name() {
    [[ -n ${KEPT_POLICY-} ]] || return
    compadd ${2-} -- ${(f)"$($kept policy names $1 $KEPT_POLICY 2>/dev/null)"}
}

# _kept_commands WORD...: the next words of the commands that begin with these.
_kept_commands() {
    local row rest before="${*}${1:+ }"
    local -A next=()
    for row in $_kept_command_rows; do
        rest=${row%%;*}
        [[ "$rest " == "$before"* && $rest != ${before% } ]] || continue
        rest=${rest#$before}
        if [[ $rest == *' '* ]]; then next[${rest%% *}]='...'; else next[$rest]=${row##*;}; fi
    done
    local -a lines=()
    for rest in ${(ok)next}; do lines+=("$rest:${next[$rest]}"); done
    _describe command lines
}

_kept() {
    local kept=$words[1] cur=$words[CURRENT] row word argument='' own='' takes='' command='' used=' '
    local -a words_given=() places=() lines=()
    local given=0 i
    for word in "${(@)words[2,CURRENT - 1]}"; do
        if [[ -n $argument ]]; then
            argument=
        elif [[ $word == --* ]]; then
            used+="${word%%=*} "
            row=${_kept_option_rows[(r)${word%%=*};*]}
            [[ $word == *=* || -z $row ]] || argument=${${row#*;}%%;*}
        else
            words_given+=("$word")
        fi
    done
    for row in $_kept_command_rows; do
        word=${row%%;*}
        if [[ "$words_given " == "$word "* ]]; then
            command=$word
            row=${row#*;}
            takes=${row%%;*}
            row=${row#*;}
            own=${row%%;*}
            given=${#${(z)command}}
            break
        fi
    done
    if [[ -n $argument ]]; then
        _kept_fill $argument
    elif [[ $cur == --*=* ]]; then
        row=${_kept_option_rows[(r)${cur%%=*};*]}
        compset -P '*='
        [[ -z $row ]] || _kept_fill ${${row#*;}%%;*}
    elif [[ $cur == -?* ]]; then
        for row in $_kept_option_rows; do
            word=${row%%;*}
            [[ $used != *" $word "* ]] || continue
            [[ $row != *';own;'* || " $own " == *" $word "* ]] && lines+=("$word:${row##*;}")
        done
        _describe option lines
    elif [[ -z $command ]]; then
        _kept_commands "${(@)words_given}"
    else
        places=(${(s: :)takes})
        i=$(($#words_given - given + 1))
        [[ $#places -eq 0 || $i -le $#places || $places[-1] != *... ]] || i=$#places
        [[ $i -gt $#places || $cur == *=* ]] || _kept_fill ${places[i]%...}
    fi
}
_kept "$@"
