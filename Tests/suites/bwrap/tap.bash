# Read by bubblewrap's test scripts in place of what ends them at the first thing that goes wrong: a case that fails is
# noted, and the next one is tried. Prints a line for each: its name, TAB, passes|skips|idle|needs|fails, TAB, why.
set +eux
set -E
first_failure=
: >"$MEWS_SHIM_NOTES/runs"
trap 'first_failure=${first_failure:-$BASH_COMMAND}' ERR

fatal() {
    first_failure=${first_failure:-$*}
}

report() { # NAME
    local result=passes why=
    if [[ $1 == *'# SKIP'* ]]; then
        result=skips
    elif [[ -s $MEWS_SHIM_NOTES/unmet ]]; then
        result=needs
        why=$(sort -u "$MEWS_SHIM_NOTES/unmet" | tr '\n' ';')
    elif [[ ! -s $MEWS_SHIM_NOTES/runs ]]; then
        # What nothing was run for hasn't passed.
        result=idle
    elif [[ -n $first_failure ]]; then
        result=fails
        why=${first_failure//[$'\t\n']/ }
    fi
    builtin printf '%s\t%s\t%s\n' "$1" "$result" "$why" >&9
    : >"$MEWS_SHIM_NOTES/unmet"
    : >"$MEWS_SHIM_NOTES/runs"
    first_failure=
}

echo() {
    if [[ ${1-} == ok* ]]; then report "$*"; else builtin echo "$@"; fi
}
