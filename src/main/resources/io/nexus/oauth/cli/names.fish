function __nexus_names
  set -l typed (commandline -ct)
  set -l words (commandline -opc)
  $words[1] oauth complete -- $words[2..-1] "$typed" 2>/dev/null </dev/null
end
