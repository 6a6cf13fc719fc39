#!/usr/bin/env bash
# What ./rig install puts where, tried in a folder of its own. usage: install.sh BUILD-DIR
set -u
build=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
failed=0

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$root/out" 2>&1; then
		echo "ok   $name"
	else
		echo "FAIL $name"
		cat "$root/out" >&2
		failed=1
	fi
}

exposure() { # at most 1.5
	local score
	score=$(systemd-analyze security --offline=true "$root/usr/lib/systemd/system/flashrigd.service" | awk '/Overall exposure/ { print $(NF - 2) }')
	echo "exposure: $score"
	awk -v s="$score" 'BEGIN { exit !(s != "" && s <= 1.5) }'
}

announced() {
	python3 - "$root" <<-'EOF'
		import configparser, sys, xml.etree.ElementTree as tree
		service = tree.parse(sys.argv[1] + "/etc/avahi/services/flashrig.service").getroot().find("service")
		conf = configparser.ConfigParser(inline_comment_prefixes=(" ;",), comment_prefixes=(";",))
		conf.read(sys.argv[1] + "/etc/flashrig/flashrig.conf")
		assert conf["http"]["listen"].split(";")[0].strip().endswith(":" + service.find("port").text), "port"
		assert service.find("type").text == "_http._tcp" and "path=/" in [t.text for t in service.findall("txt-record")]
	EOF
}

check "release is installed" env DESTDIR="$root" cmake --install "$build"
for file in usr/bin/flashrigd usr/bin/flashrig usr/share/man/man1/flashrig.1 usr/share/bash-completion/completions/flashrig usr/lib/systemd/system/flashrigd.service usr/lib/udev/rules.d/60-flashrig.rules \
	usr/lib/sysusers.d/flashrig.conf etc/flashrig/flashrig.conf etc/avahi/services/flashrig.service usr/share/doc/flashrig/docs/grafana.json; do
	check "$file is there" test -f "$root/$file"
done
check "installed daemon takes the installed configuration" \
	"$root/usr/bin/flashrigd" --config "$root/etc/flashrig/flashrig.conf" --check-config
check "man page is one that man can format" bash -c "man --warnings -l '$root/usr/share/man/man1/flashrig.1' 2>&1 >/dev/null | (! grep .)"
check "bash completes the installed command line" bash -c ". '$root/usr/share/bash-completion/completions/flashrig' && PATH='$root/usr/bin':\$PATH && COMP_WORDS=(flashrig back) COMP_CWORD=1 && _flashrig && [[ \${COMPREPLY[*]} == *backup-archive* ]]"
check "the page is announced at the port and the path where it is" announced
echo "; mine" >>"$root/etc/flashrig/flashrig.conf"
check "installing again" env DESTDIR="$root" cmake --install "$build"
check "a configuration that is there is left alone" grep -q "; mine" "$root/etc/flashrig/flashrig.conf"
if command -v systemd-analyze >/dev/null; then
	check "unit is hardened: exposure of 1.5 or less" exposure
else
	echo "skip unit is hardened: no systemd-analyze here"
fi
exit $failed
