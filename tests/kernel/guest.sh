# In the guest, on the host's files: the parts named on the command line. Exit status 0 when all is
# well. BUILD is the folder of the programs.
here=/tmp/tree/tests/kernel
build=$BUILD
test=$build/tests/kernel/kernel_test
where="kernel $(uname -r), $($test --library), bufsiz $(cat /sys/module/spidev/parameters/bufsiz)"
status=0

# Each check's line gets where it ran.
tell() { sed -u "s/^\(ok  \|FAIL\|skip\) .*/& [$where]/"; }

run() {
	{ "$@" 2>&1 || echo failed >/tmp/failed; } | tell
	[ ! -e /tmp/failed ] || status=1
}

for part in "$@"; do
	case $part in
	unit | refusal | last) run "$test" "$part" ;;
	daemon) run python3 -B "$here/guest.py" --daemon "$build/daemon/flashrigd" ;;
	bytes) run python3 -B "$here/guest.py" --daemon "$build/daemon/flashrigd" --bytes ;;
	flashrom) run python3 -B "$here/guest.py" --daemon "$build/daemon/flashrigd" --flashrom ;;
	esac
done
exit $status
