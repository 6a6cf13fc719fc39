# The stages of `./rig test`; sourced by rig. Every test prints a line that begins with "ok   ",
# "FAIL " or "skip "; a stage that ends badly without a FAIL line counts as one failure.
#
# They run in two lanes side by side, of about the same length, since half of them wait (for kernels,
# browsers, daemons that are killed) while others compile; what is measured runs alone, at the end.

lane_compile="format dev clang tsan browser tidy fuzz cross"
lane_run="openapi release install system kernel"
lane_alone="speed"
stages="$lane_compile $lane_run $lane_alone"

. tests/kernel/stage.sh
. tests/cross/stage.sh

python=/usr/bin/python3 # the one that Debian's packages are for
results=build/test

# The stages whose builds a stage uses.
stage_needs() { # NAME
	case $1 in
	fuzz) echo clang ;;
	install | browser | speed) echo release ;;
	system) echo dev release ;;
	esac
}

count() { # PATTERN FILE
	grep -cE "^([0-9]+: )?$1" "$2" || true
}

# Runs one stage, tells about it, and leaves its numbers in NAME.count.
stage() { # NAME COMMAND...
	local name=$1 log=$results/$1.log status=0 start=$SECONDS ok bad skip
	shift
	("$@") >"$log" 2>&1 || status=$?
	ok=$(count 'ok   ' "$log") bad=$(count 'FAIL ' "$log") skip=$(count 'skip ' "$log")
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
		echo "FAIL stage $name ended with status $status" >>"$log"
	fi
	{ flock 9 && stage_report "$name" "$log" "$ok passed, $bad failed, $skip skipped in $((SECONDS - start)) s"; } 9>"$results/lock"
	echo "$ok $bad $skip" >"$results/$name.count"
}

stage_report() { # NAME LOG SUMMARY
	printf '\n== %s\n' "$1"
	if grep -qE '^([0-9]+: )?FAIL ' "$2"; then
		tail -n 80 "$2"
		grep -E '^([0-9]+: )?FAIL ' "$2" || true
	fi
	grep -E '^([0-9]+: )?skip ' "$2" || true
	grep -E '^([0-9]+: )?(table|bench): ' "$2" | sed -E 's/^([0-9]+: )?(table|bench): //' | awk '!seen[$0]++' || true
	printf '%s: %s (%s)\n' "$1" "$3" "$2"
}

# A check that is one command: silence is success.
check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@"; then echo "ok   $name"; else echo "FAIL $name"; return 1; fi
}

stage_format() {
	check "clang-format leaves every C file as it is" bash -c 'git ls-files "*.c" "*.h" | xargs clang-format --dry-run -Werror'
}

# Long programs of a single thread: the thread sanitizer can only make them slow.
single_threads="uart_trouble_test beken_uart_test beken_uart_sumless_test nor_cancel_test nor_write_test nor_fault_test nor_bench_test
	reserve_test ingest_crash_test"

# The suite of C tests, in one variant.
stage_ctest() { # PRESET [LEFT_OUT...]
	local preset=$1 out
	shift
	out=$(echo "$@" | tr ' ' '|')
	cmake --preset "$preset" && cmake --build --preset "$preset" &&
		ctest --test-dir "build/$preset" --verbose -j "$(nproc)" -E "^(${out:-none})$"
}

# The other compiler: its warnings, and the fuzz targets. The suite runs with the same sanitizers in dev.
stage_clang() {
	check "everything is built by clang without a warning" bash -c 'cmake --preset clang && cmake --build --preset clang'
}

stage_tidy() {
	check "clang-tidy is silent" bash -c 'cmake --preset tidy && '"$python"' tests/house/tidy.py build/tidy'
}

stage_fuzz() {
	local target status=0
	for target in build/clang/tests/fuzz/fuzz_*; do
		[ -x "$target" ] && [ -f "$target" ] || continue
		check "$(basename "$target") finds nothing in ${FUZZ_SECONDS:-5} s" fuzz_one "$target" || status=1
	done
	return $status
}

fuzz_one() { # PROGRAM
	local seeds=tests/fuzz/$(basename "$1") found
	found=$(mktemp -d)
	"$1" -max_total_time="${FUZZ_SECONDS:-5}" -timeout=5 -rss_limit_mb=1024 -print_final_stats=0 -verbosity=0 \
		-artifact_prefix="$results/" "$found" $([ -d "$seeds" ] && echo "$seeds")
	local status=$?
	rm -rf "$found"
	return $status
}

stage_system() {
	local status=0
	$python tests/system/run.py --daemon build/release/daemon/flashrigd --release || status=1
	$python tests/system/run.py --daemon build/dev/daemon/flashrigd || status=1
	return $status
}

stage_speed() {
	$python tests/system/run.py --daemon build/release/daemon/flashrigd --release --speed
}

# Redocly's rules for descriptions of APIs.
stage_openapi() {
	command -v npm >/dev/null || need nodejs npm
	(cd tests/openapi && npm ci --no-audit --no-fund --ignore-scripts) && node tests/openapi/lint.mjs web/openapi.yaml
}

stage_browser() {
	command -v npm >/dev/null || need nodejs npm
	(cd tests/browser && npm ci --no-audit --no-fund --ignore-scripts) &&
		node tests/browser/run.mjs --daemon build/release/daemon/flashrigd --out "$results/browser"
}

run_stage() {
	case $1 in
	format) stage format stage_format ;;
	dev) stage dev stage_ctest dev ;;
	# shellcheck disable=SC2086
	tsan) stage tsan stage_ctest tsan $single_threads ;;
	clang) stage clang stage_clang ;;
	tidy) stage tidy stage_tidy ;;
	fuzz) stage fuzz stage_fuzz ;;
	release) stage release stage_ctest release ;;
	install) stage install bash tests/install.sh build/release ;;
	system) stage system stage_system ;;
	openapi) stage openapi stage_openapi ;;
	browser) stage browser stage_browser ;;
	kernel) stage kernel stage_kernel ;;
	cross) stage cross stage_cross ;;
	speed) stage speed stage_speed ;;
	esac
}

# Of a list of stages those that were asked for, in its order; what they need goes first.
run_lane() { # ASKED STAGE...
	local asked=" $1 " name need
	shift
	for name in "$@"; do
		[[ $asked == *" $name "* ]] || continue
		for need in $(stage_needs "$name"); do
			[[ $asked != *" $need "* ]] || until [ -f "$results/$need.count" ]; do sleep 0.2; done
		done
		run_stage "$name"
	done
}

# All packages before the lanes begin: there is one apt at a time. Stages that can do without theirs say so themselves.
install_for_tests() { # STAGE...
	# shellcheck disable=SC2086
	need $build_packages $test_packages
	case " $* " in *" browser "* | *" openapi "*) command -v npm >/dev/null || (need nodejs npm) || true ;; esac
	# shellcheck disable=SC2086
	case " $* " in *" kernel "*) (need $kernel_packages debootstrap) || true ;; esac
	# shellcheck disable=SC2086
	case " $* " in *" cross "*) (need $cross_packages) || true ;; esac
}

run_lanes() { # ASKED
	local lanes=()
	set -m # each lane is a process group, so that all of it can be stopped
	# shellcheck disable=SC2086
	{
		run_lane "$1" $lane_compile &
		lanes+=("-$!")
		run_lane "$1" $lane_run &
		lanes+=("-$!")
		set +m
		trap 'kill -TERM -- "${lanes[@]}" 2>/dev/null; exit 130' INT TERM
		wait
		trap - INT TERM
		run_lane "$1" $lane_alone
	}
}

close_tests() { # STAGE...; the last line, and the status
	local name ok bad skip passed=0 failed=0 skipped=0
	for name in "$@"; do
		[ -f "$results/$name.count" ] || { echo "FAIL stage $name came to no end" && echo "0 1 0" >"$results/$name.count"; }
		read -r ok bad skip <"$results/$name.count"
		passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	done
	printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	[ "$failed" -eq 0 ]
}

run_tests() {
	local asked name
	[ "${1:-}" = --list ] && { echo "$stages"; return; }
	asked=${*:-$stages}
	for name in $asked; do
		[[ " $stages " == *" $name "* ]] || die "no stage is called $name; there are: $stages"
	done
	# shellcheck disable=SC2086
	install_for_tests $asked
	mkdir -p "$results" && rm -f "$results"/*.count
	# shellcheck disable=SC2086
	run_lanes "$asked" && close_tests $asked
}
