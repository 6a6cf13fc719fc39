"""
clang-tidy on every C file of the tree, each once, however many programs it is part of. Says what it
found, and ends with status 1 if it found anything.

usage: tidy.py BUILD [PART...]    BUILD: a configured build folder; PART: only files whose path contains it
"""

import json
import multiprocessing.pool
import os
import subprocess
import sys


def write_commands(build, once):
    """The compiler's command for each file, one even where several programs have the file."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        commands = {command["file"]: command for command in json.load(f)}
    ours = [command for name, command in commands.items() if not name.startswith(build)]
    os.makedirs(once, exist_ok=True)
    with open(os.path.join(once, "compile_commands.json"), "w", encoding="utf-8") as f:
        json.dump(ours, f)
    return sorted(command["file"] for command in ours)


def main():
    build, parts = os.path.abspath(sys.argv[1]), sys.argv[2:]
    once = os.path.join(build, "once")
    files = [name for name in write_commands(build, once) if not parts or any(part in name for part in parts)]
    bad = 0

    def look(name):
        return name, subprocess.run(["clang-tidy", "-quiet", "-p", once, name], capture_output=True, text=True, check=False)

    with multiprocessing.pool.ThreadPool(os.cpu_count()) as pool:
        for name, done in pool.imap_unordered(look, files):
            if done.returncode:
                print(name, done.stdout, done.stderr, sep="\n", flush=True)
                bad += 1
    print(f"{len(files)} files, {bad} with findings")
    return 1 if bad or not files else 0


sys.exit(main())
