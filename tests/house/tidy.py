"""
clang-tidy on every C file of the tree, each once, however many programs it is part of. Reads the
commands in the build folder that is named; the output is run-clang-tidy's.
"""

import json
import os
import sys


def main():
    build = os.path.abspath(sys.argv[1])
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        commands = {command["file"]: command for command in json.load(f)}
    ours = [command for name, command in commands.items() if not name.startswith(build)]
    once = os.path.join(build, "once")
    os.makedirs(once, exist_ok=True)
    with open(os.path.join(once, "compile_commands.json"), "w", encoding="utf-8") as f:
        json.dump(ours, f)
    sys.stdout.flush()
    os.execvp("run-clang-tidy", ["run-clang-tidy", "-quiet", "-p", once])


main()
