
# Names from the service and from the stored contexts, where commands and options do not fit.
function _nexus_names() {
  local -a names line
  line=("${(@)words[1,CURRENT]}")
  if (( CURRENT > 3 )) && [[ $line[-1] != -* || $line[-1] == --*=* ]]; then
    names=(${(f)"$($line[1] oauth complete -- "${(@)line[2,-1]}" 2>/dev/null </dev/null)"})
    [[ $line[-1] == --*=* ]] && compset -P '*='
    (( $#names )) && compadd -a names && return 0
  fi
  _bash_complete -o default -F _complete_nexus
}
compdef _nexus_names nexus
