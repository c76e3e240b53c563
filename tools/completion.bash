# What follows knows kept by the tables above alone. Names of a policy come from the file in KEPT_POLICY.

# _kept_fill WORD: what may stand where the usage says WORD, into COMPREPLY.
_kept_fill() {
    local line alternative
    case $1 in
    *'|'*) for alternative in ${1//|/ }; do _kept_fill "$alternative"; done ;;
    DIR | FOLDER) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$cur")
        compopt -o filenames 2>/dev/null ;;
    FILE | POLICY | WHERE) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
        compopt -o filenames 2>/dev/null ;;
    ITEM=VALUE) _kept_name items =; compopt -o nospace 2>/dev/null ;;
    ITEM | FUNCTION | PURPOSE | PERMISSION | RECIPIENT | EXEMPTION) _kept_name "$(tr '[:upper:]' '[:lower:]' <<<"$1")s" '' ;;
    ROLE) _kept_name roles '' ;;
    COMMAND) _kept_commands "${words[@]:given}" ;;
    *[A-Z]*) ;; # a number, a time, an id: nobody can guess it
    *) [[ $1 != "$cur"* ]] || COMPREPLY+=("$1") ;;
    esac
}

# _kept_name KIND SUFFIX
_kept_name() {
    local name
    [[ -n ${KEPT_POLICY-} ]] || return
    while IFS= read -r name; do
        [[ $name != "$cur"* ]] || COMPREPLY+=("$name$2")
    done < <("$kept" policy names "$1" "$KEPT_POLICY" 2>/dev/null)
}

# _kept_commands WORD...: the next words of the commands that begin with these.
_kept_commands() {
    local row rest before="${*}${1:+ }"
    for row in "${_kept_command_rows[@]}"; do
        row=${row%%;*}
        [[ "$row " == "$before"* && "$row" != "${before% }" ]] || continue
        rest=${row#"$before"}
        rest=${rest%% *}
        [[ $rest != "$cur"* || " ${COMPREPLY[*]} " == *" $rest "* ]] || COMPREPLY+=("$rest")
    done
}

# _kept_option WORD: the row of an option, in row.
_kept_option() {
    for row in "${_kept_option_rows[@]}"; do
        [[ ${row%%;*} != "$1" ]] || return 0
    done
    row=
    return 1
}

_kept() {
    local kept=$1 cur row word argument='' own='' takes='' command='' joined='' used=' ' i
    local -a all=() words=()
    local given=0
    COMPREPLY=()
    # bash cuts --option=value and item=value at the =: put together what belongs together.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ ($word == '=' || -n $joined) && ${#all[@]} -gt 0 ]]; then
            all[${#all[@]} - 1]+=$word
        else
            all+=("$word")
        fi
        [[ $word == '=' ]] && joined=yes || joined=
    done
    cur=${all[${#all[@]} - 1]}
    for ((i = 0; i < ${#all[@]} - 1; i++)); do
        word=${all[i]}
        if [[ -n $argument ]]; then
            argument=
        elif [[ $word == --* ]]; then
            used+="${word%%=*} "
            if _kept_option "${word%%=*}" && [[ $word != *=* ]]; then
                argument=${row#*;}
                argument=${argument%%;*}
            fi
        else
            words+=("$word")
        fi
    done
    for row in "${_kept_command_rows[@]}"; do
        word=${row%%;*}
        if [[ "${words[*]} " == "$word "* ]]; then
            command=$word
            row=${row#*;}
            takes=${row%%;*}
            row=${row#*;}
            own=${row%%;*}
            word=${command//[^ ]/}
            given=$((${#word} + 1))
            break
        fi
    done
    if [[ -n $argument ]]; then
        _kept_fill "$argument"
    elif [[ $cur == --*=* ]] && _kept_option "${cur%%=*}"; then
        local option=${cur%%=*}
        argument=${row#*;}
        cur=${cur#*=}
        _kept_fill "${argument%%;*}"
        # Where = does not part words, the whole of it is one.
        [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/$option=}")
    elif [[ $cur == -?* ]]; then
        for row in "${_kept_option_rows[@]}"; do
            word=${row%%;*}
            [[ $word == "$cur"* && $used != *" $word "* ]] || continue
            [[ $row != *';own;'* || " $own " == *" $word "* ]] && COMPREPLY+=("$word")
        done
    elif [[ -z $command ]]; then
        _kept_commands "${words[@]}"
    else
        local -a places
        read -ra places <<<"$takes"
        i=$((${#words[@]} - given))
        if [[ ${#places[@]} -gt 0 && $i -ge ${#places[@]} && ${places[${#places[@]} - 1]} == *... ]]; then
            i=$((${#places[@]} - 1))
        fi
        [[ $i -ge ${#places[@]} || $cur == *=* ]] || _kept_fill "${places[i]%...}"
    fi
}
complete -F _kept kept
