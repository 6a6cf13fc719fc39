"""
The kernel stage's checks as a table: each check, and on which kernel, with which libgpiod and
bufsiz it passed. Reads the logs of the guests named on the command line.
"""

import re
import sys

LINE = re.compile(r"^(ok  |FAIL|skip) (.*?)(?: \([\d.]+ s\))? \[kernel (\S+), libgpiod (\S+), bufsiz (\d+)\]$")


def main():
    columns, rows = [], {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8", errors="replace") as f:
            for said, name, *where in filter(None, (match and match.groups() for match in map(LINE.match, f))):
                where = tuple(where)
                if where not in columns:
                    columns.append(where)
                said = said.strip()
                rows.setdefault(name, {})
                if rows[name].get(where) != "FAIL":
                    rows[name][where] = said
    width = max(map(len, rows), default=0)
    wide = 2 + max((len(text) for where in columns for text in where), default=0)
    for i, head in enumerate(("kernel", "libgpiod", "bufsiz")):
        print(f"table: {head:{width}}" + "".join(f"{where[i]:>{wide}}" for where in columns))
    for name, said in rows.items():
        print(f"table: {name:{width}}" + "".join(f"{said.get(where, '-'):>{wide}}" for where in columns))
    wrong = sum(result != "ok" for said in rows.values() for result in said.values())
    print(f"table: {len(rows)} checks, {sum(map(len, rows.values()))} runs, {wrong} of them not passed")


main()
