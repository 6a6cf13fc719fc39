"""
The whole daemon, from outside: a real process, HTTP over a socket, files on a disk.

usage: run.py --daemon FLASHRIGD [--release] [--speed] [NAME...]    NAME: only tests whose sentence contains it
"""

import argparse
import importlib
import os
import pathlib
import sys
import time
import traceback

import rigd

MEASURED = ["test_speed", "test_load"]  # need the machine for themselves
MODULES = sorted(p.stem for p in pathlib.Path(__file__).parent.glob("test_*.py") if p.stem not in MEASURED)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--daemon", required=True)
    p.add_argument("--release", action="store_true", help="the daemon is optimised: measure it")
    p.add_argument("--speed", action="store_true", help="only what is measured")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    rigd.Rig.program = os.path.abspath(args.daemon)
    rigd.Rig.slow = 1.0 if args.release else 5.0
    bad = 0
    for module in map(importlib.import_module, MEASURED if args.speed else MODULES):
        for name, test in vars(module).copy().items():
            sentence = name.removeprefix("test_").replace("_", " ")
            if not name.startswith("test_") or not callable(test):
                continue
            if args.names and not any(n in sentence for n in args.names):
                continue
            start = time.monotonic()
            try:
                why = test()
                if why:
                    print(f"skip {sentence}: {why}")
                else:
                    print(f"ok   {sentence} ({time.monotonic() - start:.1f} s)")
            except Exception as e:  # a test may fail in any way; the others still run
                traceback.print_exc()
                print(f"FAIL {sentence}: {e}")
                bad += 1
            sys.stdout.flush()
    return 1 if bad else 0


sys.exit(main())
