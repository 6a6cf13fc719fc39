#!/bin/sh
# Proves the include table of docs/ARCHITECTURE.md with the compiler: for each pair of libraries a
# file with the include path of the one includes a header of the other. Where the table allows it,
# that must compile; where not, it must fail because the header is not found.
#
#     include_table.sh COMPILER LIBRARIES [NAME]
#
# LIBRARIES, written by CMake: a line "name|folder|include paths" each, paths separated by ';'.
# With NAME only tests whose name has it are run.

compiler=$1
libraries=$2
only=$3

# By hand, so that a LINK that was loosened in a CMakeLists.txt is noticed here.
table='
base:
cli:           base
hub:           base
firmware:      base
db:            base
drivers:       base
drivers_model:
drivers_sim:   drivers drivers_model base
drivers_linux: drivers base
config:        drivers_sim drivers base
rig:           drivers db firmware hub base
http:          hub base
web:
api:           http rig db firmware hub base web
'

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

report() # ok|FAIL sentence
{
	case $2 in *"$only"*) ;; *) return ;; esac
	printf '%-4s %s\n' "$1" "$2"
	[ "$1" = ok ] || failed=1
}

folder_of() { sed -n "s/^$1|\([^|]*\)|.*/\1/p" "$libraries"; }
paths_of() { sed -n "s/^$1|[^|]*|//p" "$libraries"; }
allowed() { printf '%s' "$table" | grep -qE "^$1:(.* )?$2( |\$)"; }
names() { cut -d '|' -f 1 "$libraries"; }

# The compiler's words about a file with the include path of $1 that includes $2.
compile()
{
	set -- "$2" $(paths_of "$1" | tr ';' '\n' | sed 's/^/-I/')
	header=$1
	shift
	printf '#include "%s"\n' "$header" > "$work/try.c"
	LC_ALL=C "$compiler" -std=c17 -D_GNU_SOURCE -fsyntax-only "$@" "$work/try.c" 2>&1
}

not_found() { printf '%s' "$1" | grep -qE "$2.*(No such file|file not found)"; }

check_pair() # library, other library, header of the other
{
	said=$(compile "$1" "$3")
	status=$?
	if allowed "$1" "$2"; then
		sentence="$1 may include $3 of $2"
		[ $status -eq 0 ]
	else
		sentence="$1 cannot include $3 of $2"
		[ $status -ne 0 ] && not_found "$said" "$3"
	fi && report ok "$sentence" && return
	report FAIL "$sentence"
	printf '%s\n' "$said" >&2
}

# What a library shows: the header of its name, else the first. (Headers that only its own files
# use may need more than others have.)
header_of()
{
	if [ -f "$(folder_of "$1")/$1.h" ]; then
		echo "$1.h"
	else
		ls "$(folder_of "$1")" | grep '\.h$' | head -n 1
	fi
}

check_library()
{
	if ! printf '%s' "$table" | grep -q "^$1:"; then
		report FAIL "$1 has a row in the include table"
		return
	fi
	for other in $(names); do
		header=$(header_of "$other")
		[ "$1" = "$other" ] || [ -z "$header" ] || check_pair "$1" "$other" "$header"
	done
}

# Two headers of one name would make the answers above mean nothing.
check_unique()
{
	twice=$(for l in $(names); do ls "$(folder_of "$l")"; done | grep '\.h$' | sort | uniq -d)
	if [ -z "$twice" ]; then
		report ok "no two libraries have a header of the same name"
	else
		report FAIL "no two libraries have a header of the same name"
		printf '%s\n' "$twice" >&2
	fi
}

[ -s "$libraries" ] || { echo "FAIL there are no libraries in $libraries"; exit 1; }
check_unique
for library in $(names); do
	check_library "$library"
done
exit $failed
