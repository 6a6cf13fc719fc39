# bash completion for flashrig: commands, then slots where a slot is wanted, then files.
_flashrig()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=() slots
	[ "$COMP_CWORD" -gt 1 ] && before=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
	if [ ${#before[@]} -eq 0 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(flashrig --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')" -- "$word")
		return
	fi
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(flashrig "${before[0]}" --help 2>/dev/null | sed -n 's/^  \(-[a-z-]*\).*/\1/p') --json --quiet --url --token" -- "$word")
		return
	fi
	case ${before[0]} in
	slot | reset | sim | identify | backup | verify | blank-check | write | restore | erase | bootlog | log)
		if [ ${#before[@]} -eq 1 ]; then
			slots=$(timeout 2 flashrig slots 2>/dev/null | sed '1d; s/ .*//')
			mapfile -t COMPREPLY < <(compgen -W "$slots" -- "$word")
			return
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
complete -o filenames -F _flashrig flashrig
