
# Names from the service and from the stored contexts, where commands and options do not fit.
function _nexus_complete() {
  _complete_nexus "$@"
  local words word typed breaks cut= name
  read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
  [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=("")
  word=${words[${#words[@]} - 1]}
  (( ${#words[@]} > 3 )) || return 0
  [[ $word == -* && $word != --*=* ]] && return 0
  typed=$word
  [[ $word == --*=* ]] && typed=${word#*=}
  breaks=${COMP_WORDBREAKS//[^@:=]/} # readline replaces only what stands after the last of these
  [[ -n $breaks && $typed == *[$breaks]* ]] && cut=${typed%"${typed##*[$breaks]}"}
  while IFS= read -r name; do
    COMPREPLY+=("${name#"$cut"}")
  done < <("${words[0]}" oauth complete -- "${words[@]:1}" 2>/dev/null </dev/null)
  return 0
}
complete -F _nexus_complete -o default nexus
