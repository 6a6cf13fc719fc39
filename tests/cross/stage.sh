# The cross stage of `./rig test`, sourced by tests/stages.sh: flashrigd for 64-bit and 32-bit
# Raspberry Pis by Debian's cross compilers. The foreign architecture's libraries are unpacked into
# build/cross/ARCH/root, where those of this machine do not fight with them over versions; nothing
# of them is installed. The 64-bit build runs the unit tests under qemu-user.

cross_packages="gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf qemu-user"
cross_dir=build/cross

# Not for an emulated processor: benchmarks, which measure nothing here; campaigns by seed and by
# fork, and the longest tests of writes and of the archive (20 s of emulation and more each), which are
# the same plain C on every processor; and limits_test, whose count of a socket's bytes (TCP_INFO) qemu-user
# does not bring.
cross_leave_out="entry_bench_test nor_bench_test campaign_test ingest_crash_test half_done_test nor_fault_test uart_trouble_test
	nor_write_test nor_cancel_test write_test audit_test collect_test diff_test ingest_test job_list_test reserve_test limits_test"

# apt for another architecture: lists, archives and an empty state of its own.
cross_apt() { # ARCH COMMAND...
	local arch=$1 dir=$PWD/$cross_dir/$1/apt
	shift
	apt-get -qq -o APT::Architecture="$arch" -o APT::Architectures::="$arch" -o APT::Install-Recommends=false \
		-o Dir::State="$dir" -o Dir::State::status="$dir/status" -o Dir::Cache="$dir" \
		-o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=- -o APT::Sandbox::User="$(id -un)" \
		-o Debug::NoLocking=true "$@"
}

cross_root() { # ARCH
	local dir=$cross_dir/$1 codename packages
	[ ! -f "$dir/complete" ] || return 0
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	packages=$(printf '%s\n' $build_packages | grep -e '-dev$')
	rm -rf "$dir" && mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial" "$dir/root" && : >"$dir/apt/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $codename main" >"$dir/apt/sources.list"
	# shellcheck disable=SC2086
	cross_apt "$1" update && cross_apt "$1" install --download-only -y $packages || return 1
	find "$dir/apt/archives" -name '*.deb' -print0 | xargs -0 -P "$(nproc)" -I {} dpkg -x {} "$dir/root" || return 1
	[ -e "$dir/root/lib" ] || ln -s usr/lib "$dir/root/lib" # Debian 13 packs nothing there
	rm -rf "$dir/apt" && touch "$dir/complete"
}

cross_build() { # ARCH TARGET...
	local arch=$1
	shift
	cross_root "$arch" || return 1
	cmake -S . -B "$cross_dir/$arch/build" -G Ninja "-DCMAKE_TOOLCHAIN_FILE=cmake/$arch.cmake" -DCMAKE_C_FLAGS=-O1 -DHOUSE_WERROR=OFF -DHOUSE_HEADERS=OFF \
		-DHOUSE_TEST_TIMEOUT=600 &&
		ninja -C "$cross_dir/$arch/build" "$@"
}

cross_test() { # ARCH
	ctest --test-dir "$cross_dir/$1/build" --verbose -j "$(nproc)" -E "^($(echo $cross_leave_out | tr ' ' '|'))$"
}

stage_cross() {
	local status=0
	# shellcheck disable=SC2086
	if ! (need $cross_packages); then
		echo "skip THE BUILDS FOR ARM ARE NOT TESTED: Debian's cross compilers cannot be installed here"
		return 0
	fi
	check "flashrigd and flashrig are built for armhf" cross_build armhf flashrigd flashrig || status=1
	check "everything is built for arm64" cross_build arm64 all || return 1
	check "the arm64 build passes its unit tests" cross_test arm64 || status=1
	return $status
}
