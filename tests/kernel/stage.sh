# The kernel stage of `./rig test`, sourced by tests/stages.sh: Debian kernels in QEMU, in each the
# bench of module/ behind a real spidev and a real gpiochip, and on that kernel_test and flashrigd.
# A world is a kernel and a file system that the guest sees as its own: `host` is this machine's,
# `trixie` a Debian 13 in a folder, with libgpiod 2. What it makes is kept in build/kernel.

kernel_packages="qemu-system-x86 linux-headers-amd64 busybox-static cpio kmod xz-utils zstd python3 python3-jsonschema python3-yaml flashrom"
trixie_packages="gcc libc6-dev make cmake ninja-build pkgconf python3 python3-jsonschema python3-yaml linux-headers-amd64 libgpiod-dev libmicrohttpd-dev libgnutls28-dev
	libcjson-dev libsqlite3-dev libzstd-dev zlib1g-dev nettle-dev libinih-dev libsystemd-dev libcurl4-gnutls-dev"
kernel_dir=build/kernel
kernel_timeout=${KERNEL_TIMEOUT:-600}

# What the guest needs to see the files that are shared with it.
kernel_guest_modules="virtio_pci 9pnet_virtio 9p"

kernel_can_run() {
	# shellcheck disable=SC2086
	(need $kernel_packages) && [ -n "$(kernel_version /)" ]
}

# The newest kernel that headers are there for.
kernel_version() { # ROOT
	ls -d "$1"/usr/src/linux-headers-*-amd64 2>/dev/null | sed 's/.*linux-headers-//' | sort -V | tail -n 1
}

# ---------------------------------------------------------------- worlds: vmlinux, modules, programs

# The kernel that this machine's headers belong to, unpacked, not installed.
kernel_host() {
	local version dir=$kernel_dir/host
	version=$(kernel_version /)
	mkdir -p "$dir/module"
	if [ ! -f "$dir/image/boot/vmlinuz-$version" ]; then
		rm -rf "$dir/image" "$dir/vmlinux"
		(cd "$dir" && apt-get download -qq "linux-image-$version" && dpkg -x linux-image-*.deb image && rm linux-image-*.deb) || return 1
		depmod -b "$dir/image" "$version" || return 1
	fi
	cp -u tests/kernel/module/* drivers/model/*.[ch] "$dir/module" &&
		make -C "/usr/src/linux-headers-$version" M="$PWD/$dir/module" CONFIG_DEBUG_INFO_BTF_MODULES= modules &&
		kernel_pack host "$version" "$dir/image"
}

# Runs a command in Debian 13, with this tree at the place where the guest will have it.
in_trixie() { # COMMAND...
	local root=$PWD/$kernel_dir/trixie/root
	unshare -m --propagation private sh -c '
		root=$1 tree=$2; shift 2
		mkdir -p "$root/tmp/tree" && mount --bind "$tree" "$root/tmp/tree" && mount -t proc proc "$root/proc" &&
			mount --rbind /dev "$root/dev" || exit 1
		exec chroot "$root" /usr/bin/env -i HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 sh -c "cd /tmp/tree && \"\$@\"" sh "$@"' \
		sh "$root" "$PWD" "$@"
}

trixie_can_run() {
	[ "$(id -u)" -eq 0 ] && (need debootstrap)
}

# The rest comes by apt, without manuals, without a wait for the disk after each package, and without
# the initramfs that a kernel's package makes.
trixie_root() {
	local dir=$kernel_dir/trixie
	[ ! -f "$dir/complete" ] || return 0
	rm -rf "$dir" && mkdir -p "$dir"
	debootstrap --variant=minbase trixie "$dir/root" || return 1
	printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' \
		'path-exclude=/usr/share/locale/*' >"$dir/root/etc/dpkg/dpkg.cfg.d/quick"
	# shellcheck disable=SC2086
	in_trixie env DEBIAN_FRONTEND=noninteractive INITRD=No apt-get install -y -qq --no-install-recommends $trixie_packages || return 1
	touch "$dir/complete"
}

kernel_trixie() {
	local version dir=$kernel_dir/trixie
	trixie_root || return 1
	version=$(kernel_version "$dir/root")
	mkdir -p "$dir/module"
	cp -u tests/kernel/module/* drivers/model/*.[ch] "$dir/module"
	in_trixie make -C "/usr/src/linux-headers-$version" M="/tmp/tree/$dir/module" CONFIG_DEBUG_INFO_BTF_MODULES= modules &&
		kernel_pack trixie "$version" "$dir/root"
}

trixie_build() {
	in_trixie cmake -S . -B "$kernel_dir/trixie/build" -G Ninja -DCMAKE_C_FLAGS=-O1 -DHOUSE_WERROR=OFF -DHOUSE_HEADERS=OFF &&
		in_trixie ninja -C "$kernel_dir/trixie/build" all kernel_test
}

# Paths of the guest's modules and of what they stand on, in the order in which they load.
kernel_module_order() { # VERSION IMAGE
	local name
	for name in $kernel_guest_modules; do
		/sbin/modprobe -d "$2" -S "$1" --show-depends "$name"
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++'
}

# vmlinux and initramfs.gz of a world.
kernel_pack() { # WORLD VERSION IMAGE
	local dir=$kernel_dir/$1 ram=$kernel_dir/$1/initramfs path
	[ "$dir/vmlinux" -nt "$3/boot/vmlinuz-$2" ] ||
		$python tests/kernel/vmlinux.py "$3/boot/vmlinuz-$2" "$dir/vmlinux" || return 1
	rm -rf "$ram" && mkdir -p "$ram/bin" "$ram/modules"
	cp /bin/busybox "$ram/bin" && cp tests/kernel/init "$ram/init" && chmod 755 "$ram/init"
	for path in $(kernel_module_order "$2" "$PWD/$3"); do
		cp "$path" "$ram/modules" && basename "${path%.xz}" >>"$ram/modules/order"
	done
	find "$ram/modules" -name '*.xz' -exec unxz {} +
	cp "$dir/module/flashrig_bench.ko" "$ram/modules" || return 1
	(cd "$ram" && find . | cpio -o -H newc --quiet | gzip -1) >"$dir/initramfs.gz"
}

# ---------------------------------------------------------------- boots

kernel_share() { # TAG PATH OPTIONS
	echo "-fsdev local,id=$1,path=$2,security_model=none,multidevs=remap$3 -device virtio-9p-pci,fsdev=$1,mount_tag=$1"
}

# One boot. What the guest says stays in its folder, for kernel_report.
kernel_boot() { # WORLD NAME KERNEL_OPTIONS PART...
	local world=$1 name=$2 options=$3 root=/ build=build/release out=$kernel_dir/$1/out.$2 parts
	shift 3
	parts=$(printf '%s,' "$@")
	[ "$world" = host ] || { root=$PWD/$kernel_dir/$world/root build=$kernel_dir/$world/build; }
	rm -rf "$out" && mkdir -p "$out"
	# shellcheck disable=SC2046
	timeout "$kernel_timeout" qemu-system-x86_64 -accel tcg,thread=multi -M q35 -cpu max -smp 2 -m 768 \
		-nodefaults -no-reboot -display none -serial stdio \
		-kernel "$kernel_dir/$world/vmlinux" -initrd "$kernel_dir/$world/initramfs.gz" \
		-append "console=ttyS0 quiet oops=panic panic=-1 parts=${parts%,} build=$build $options" \
		-chardev "socket,id=near,path=flashrig-$$-$world-$name,abstract=on,server=on,wait=off" -chardev "socket,id=far,path=flashrig-$$-$world-$name,abstract=on" \
		-device pci-serial-2x,chardev1=near,chardev2=far \
		$(kernel_share root "$root" ,readonly=on) $(kernel_share tree "$PWD" ,readonly=on) $(kernel_share out "$PWD/$out" "") \
		</dev/null >"$out/console" 2>&1
}

# What the guest of a boot has said; one that says nothing has failed.
kernel_report() { # WORLD NAME
	local out=$kernel_dir/$1/out.$2 status
	status=$(cat "$out/status" 2>/dev/null)
	[ ! -f "$out/log" ] || cat "$out/log"
	if [ "$status" = 0 ]; then
		echo "ok   the guest came to its end [$1, $2]"
	else
		tail -n 20 "$out/console"
		echo "FAIL the guest came to its end [$1, $2]: ${status:-no result}"
		return 1
	fi
}

# Debian 13 is made and built while the guests of this machine's kernel run.
stage_kernel() {
	local status=0 name trixie small
	if ! kernel_can_run; then
		echo "skip THE LINUX BACKEND IS NOT TESTED ON A KERNEL: QEMU or kernel headers cannot be installed here"
		return 0
	fi
	mkdir -p "$kernel_dir"
	trixie_prepare >"$kernel_dir/trixie.log" 2>&1 &
	trixie=$!
	if cmake --preset release && cmake --build --preset release --target flashrigd kernel_test && kernel_host; then
		kernel_boot host small spidev.bufsiz=4096 unit daemon &
		small=$!
		kernel_boot host large spidev.bufsiz=65536 unit bytes
		kernel_boot host no_cs bench=no_cs=0 refusal flashrom last
		wait "$small"
		for name in small large no_cs; do kernel_report host "$name" || status=1; done
	else
		echo "FAIL the bench is built for this machine's kernel" && status=1
	fi
	wait "$trixie" || { tail -n 40 "$kernel_dir/trixie.log" && echo "FAIL flashrig is built on Debian 13"; return 1; }
	stage_kernel_trixie || status=1
	$python tests/kernel/table.py "$kernel_dir"/*/out.*/log
	return $status
}

trixie_prepare() {
	! trixie_can_run || { kernel_trixie && trixie_build; }
}

stage_kernel_trixie() {
	local status=0
	if ! trixie_can_run; then
		echo "skip THE DEBIAN 13 BUILD IS NOT TESTED: debootstrap needs root"
		return 0
	fi
	kernel_boot trixie small spidev.bufsiz=4096 unit daemon last &
	in_trixie ctest --test-dir "$kernel_dir/trixie/build" --verbose || status=1
	wait
	kernel_report trixie small || status=1
	return $status
}
