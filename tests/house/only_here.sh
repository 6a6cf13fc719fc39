#!/bin/sh
# Some things of the world outside have one door each: which headers and calls may stand where.
#
#     only_here.sh SOURCE_FOLDER [NAME]
#
# With NAME only tests whose name has it are run.

root=$1
only=$2

# what: pattern: folders where it may stand
doors='
microhttpd.h:include.*[<"]microhttpd\.h:daemon/http
gnutls.h:include.*[<"]gnutls/:daemon/http
sqlite3.h:include.*[<"]sqlite3\.h:db
cJSON.h:include.*[<"](cjson/)?cJSON\.h:daemon/api cli
zstd.h:include.*[<"]zstd\.h:db
ini.h:include.*[<"]ini\.h:daemon/config
pthread_create:pthread_create:daemon/rig daemon/http daemon/api drivers/linux
spidev.h:include.*[<"]linux/spi/spidev\.h:drivers/linux
gpiod.h:include.*[<"]gpiod\.h:drivers/linux
termios.h:include.*[<"](asm/)?termios\.h:drivers/linux
curl.h:include.*[<"]curl/curl\.h:cli
'
folders='base daemon db drivers cli web'

failed=0

report() # ok|FAIL sentence
{
	case $2 in *"$only"*) ;; *) return ;; esac
	printf '%-4s %s\n' "$1" "$2"
	[ "$1" = ok ] || failed=1
}

# Lines of $1's sources that match $2 and are in none of the folders after it.
strays()
{
	top=$1
	pattern=$2
	shift 2
	(cd "$top" && grep -rnE --include='*.[ch]' "$pattern" $folders 2> /dev/null) |
		grep -vE "^($(printf '%s/|' "$@" | sed 's/|$//'))"
}

check_door() # what, pattern, folders
{
	found=$(strays "$root" "$2" $3)
	if [ -z "$found" ]; then
		report ok "$1 only in $3"
	else
		report FAIL "$1 only in $3"
		printf '%s\n' "$found" >&2
	fi
}

# The search itself: a stray in a tree of its own must be found, a rightful use not.
check_search()
{
	work=$(mktemp -d) || exit 1
	mkdir -p "$work/db" "$work/base"
	printf '#include <sqlite3.h>\n' | tee "$work/db/a.c" > "$work/base/b.h"
	found=$(strays "$work" 'include.*[<"]sqlite3\.h' db)
	rm -rf "$work"
	case $found in
	base/b.h:1:*) report ok "a stray is found, a rightful use is not" ;;
	*) report FAIL "a stray is found, a rightful use is not" ;;
	esac
}

[ -f "$root/base/err.h" ] || { echo "FAIL $root is the source folder"; exit 1; }
check_search
while IFS=: read -r what pattern where; do
	[ -z "$what" ] || check_door "$what" "$pattern" "$where"
done << END
$doors
END
exit $failed
