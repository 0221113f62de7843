#!/bin/sh
# The demonstration: a table, a trained network, a prediction, and a look inside.
set -eu
mkdir -p build
rm -rf build/demo
mkdir build/demo
cd build/demo

say() { printf '\n$ %s\n' "$*"; "$@"; }

say pellucid examples students
say pellucid train students.csv --target passed
say pellucid predict students-1 hours_studied=10 sleep_hours=7 prev_score=75 attendance=80
say pellucid show students-1 row:1
say pellucid show students-1 @1
