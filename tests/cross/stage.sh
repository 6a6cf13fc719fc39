# The cross stage of `./rig test`, sourced by tests/stages.sh: flashrigd for 64-bit and 32-bit
# Raspberry Pis, built in a Debian 12 of its own in build/cross (foreign libraries next to this
# machine's would fight over versions), and its unit tests under qemu-user.

cross_libraries="libmicrohttpd-dev libgnutls28-dev libcjson-dev libsqlite3-dev libzstd-dev zlib1g-dev nettle-dev libinih-dev libsystemd-dev libgpiod-dev libcurl4-gnutls-dev"
cross_dir=build/cross

in_cross() { # COMMAND...
	local root=$PWD/$cross_dir/root
	unshare -m --propagation private sh -c '
		root=$1 tree=$2; shift 2
		mkdir -p "$root/tmp/tree" && mount --bind "$tree" "$root/tmp/tree" && mount -t proc proc "$root/proc" &&
			mount --rbind /dev "$root/dev" || exit 1
		exec chroot "$root" /usr/bin/env -i HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
			DEBIAN_FRONTEND=noninteractive sh -c "cd /tmp/tree && \"\$@\"" sh "$@"' \
		sh "$root" "$PWD" "$@"
}

cross_root() {
	local arch library packages=
	[ ! -f "$cross_dir/complete" ] || return 0
	rm -rf "$cross_dir" && mkdir -p "$cross_dir"
	debootstrap --variant=minbase --include=ninja-build,pkgconf,cmake,make,python3,qemu-user,crossbuild-essential-arm64,crossbuild-essential-armhf,gcc,libc6-dev \
		bookworm "$cross_dir/root" || return 1
	for arch in arm64 armhf; do
		in_cross dpkg --add-architecture "$arch"
		for library in $cross_libraries; do packages="$packages $library:$arch"; done
	done
	# shellcheck disable=SC2086
	in_cross apt-get update -qq && in_cross apt-get install -y -qq --no-install-recommends $packages || return 1
	touch "$cross_dir/complete"
}

# Tests of the tree itself, and benchmarks, are not for an emulated processor.
cross_test() { # ARCH
	in_cross cmake -S . -B "$cross_dir/$1" -G Ninja "-DCMAKE_TOOLCHAIN_FILE=cmake/$1.cmake" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
		"-DCMAKE_C_FLAGS_RELWITHDEBINFO=-O2 -g" -DHOUSE_WERROR=OFF || return 1
	in_cross ninja -C "$cross_dir/$1" || return 1
	in_cross ctest --test-dir "$cross_dir/$1" --verbose -j "$(nproc)" -E '^(include_table|only_here)$|bench' --timeout 600
}

stage_cross() {
	local status=0 arch
	if [ "$(id -u)" -ne 0 ] || ! (need debootstrap); then
		echo "skip THE BUILDS FOR ARM ARE NOT TESTED: debootstrap needs root"
		return 0
	fi
	cross_root || return 1
	for arch in arm64 armhf; do
		if cross_test "$arch"; then echo "ok   the $arch build passes its unit tests"; else echo "FAIL the $arch build passes its unit tests" && status=1; fi
	done
	return $status
}
