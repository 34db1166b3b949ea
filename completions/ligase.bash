# Completion of ligase for bash: eval "$(ligase completion bash)"
_ligase() {
  local current="${COMP_WORDS[COMP_CWORD]}" line
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      ':files .ts') _ligase_paths -d && _ligase_paths -f -X '!*.ts' ;;
      :files) _ligase_paths -f ;;
      :dirs) _ligase_paths -d ;;
      ?*) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  # A folder of a volume: more is to come.
  if [[ ${#COMPREPLY[@]} == 1 && "${COMPREPLY[0]}" == */ ]]; then compopt -o nospace 2>/dev/null || true; fi
}

_ligase_paths() {
  local path
  compopt -o filenames 2>/dev/null || true
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$@" -- "$current")
}

complete -F _ligase ligase
