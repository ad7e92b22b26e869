# Completion of logtrace for bash. The program is asked for each word; what it knows not it leaves to bash.

_logtrace() {
    local value help
    COMPREPLY=()
    while IFS=$'\t' read -r value help; do
        case $value in
            :files) compopt -o bashdefault -o default ;;
            :folders) compopt -o dirnames ;;
            *) COMPREPLY+=("$value") ;;
        esac
    done < <(_LOGTRACE_COMPLETE=bash "$1" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}

complete -o nosort -F _logtrace logtrace 2>/dev/null || complete -F _logtrace logtrace
