# The stages of `./rig test`; sourced by rig. Every test prints a line that begins with "ok   ",
# "FAIL " or "skip "; a stage that ends badly without a FAIL line counts as one failure.

# cross (the builds for 64-bit and 32-bit Raspberry Pis, tests under an emulator) takes ten minutes
# and is run by name.
stages="format dev tsan clang tidy fuzz release install system browser kernel"

. tests/kernel/stage.sh
. tests/cross/stage.sh

passed=0 failed=0 skipped=0
results=build/test

count() { # PATTERN FILE
	grep -cE "^([0-9]+: )?$1" "$2" || true
}

stage() { # NAME COMMAND...
	local name=$1 log=$results/$1.log status=0 start=$SECONDS ok bad skip
	shift
	printf '\n== %s\n' "$name"
	("$@") >"$log" 2>&1 || status=$?
	ok=$(count 'ok   ' "$log") bad=$(count 'FAIL ' "$log") skip=$(count 'skip ' "$log")
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
		echo "FAIL stage $name ended with status $status" >>"$log"
	fi
	if [ "$bad" -gt 0 ]; then
		tail -n 80 "$log"
		grep -E '^([0-9]+: )?FAIL ' "$log" || true
	fi
	grep -E '^([0-9]+: )?skip ' "$log" || true
	grep -E '^([0-9]+: )?(table|bench): ' "$log" | sed -E 's/^([0-9]+: )?(table|bench): //' | awk '!seen[$0]++' || true
	printf '%s: %d passed, %d failed, %d skipped in %d s (%s)\n' "$name" "$ok" "$bad" "$skip" $((SECONDS - start)) "$log"
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
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

# The whole suite of C tests, in one variant.
stage_ctest() { # PRESET
	cmake --preset "$1" && cmake --build --preset "$1" && ctest --test-dir "build/$1" --verbose
}

stage_tidy() {
	check "clang-tidy is silent" bash -c 'cmake --preset tidy && cmake --build --preset tidy'
}

stage_fuzz() {
	local target status=0
	for target in build/clang/tests/fuzz/fuzz_*; do
		[ -x "$target" ] && [ -f "$target" ] || continue
		check "$(basename "$target") finds nothing in ${FUZZ_SECONDS:-8} s" fuzz_one "$target" || status=1
	done
	return $status
}

fuzz_one() { # PROGRAM
	local seeds=tests/fuzz/corpus/$(basename "$1") found
	found=$(mktemp -d)
	"$1" -max_total_time="${FUZZ_SECONDS:-8}" -timeout=5 -rss_limit_mb=1024 -print_final_stats=0 -verbosity=0 \
		-artifact_prefix="$results/" "$found" $([ -d "$seeds" ] && echo "$seeds")
	local status=$?
	rm -rf "$found"
	return $status
}

stage_system() {
	local status=0
	python3 tests/system/run.py --daemon build/release/daemon/flashrigd --release || status=1
	python3 tests/system/run.py --daemon build/dev/daemon/flashrigd || status=1
	return $status
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
	tsan) stage tsan stage_ctest tsan ;;
	clang) stage clang stage_ctest clang ;;
	tidy) stage tidy stage_tidy ;;
	fuzz) stage fuzz stage_fuzz ;;
	release) stage release stage_ctest release ;;
	install) stage install bash tests/install.sh build/release ;;
	system) stage system stage_system ;;
	browser) stage browser stage_browser ;;
	kernel) stage kernel stage_kernel ;;
	cross) stage cross stage_cross ;;
	*) die "no stage is called $1; there are: $stages cross" ;;
	esac
}

run_tests() {
	local name
	[ "${1:-}" = --list ] && { echo "$stages"; return; }
	# shellcheck disable=SC2086
	need $build_packages $test_packages
	mkdir -p "$results"
	for name in ${@:-$stages}; do run_stage "$name"; done
	printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	[ "$failed" -eq 0 ]
}
