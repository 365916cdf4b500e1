# A parallel build, its test, and the build again after a change.
set -e
make -s -j2 check
touch module_1.c
make -s -j2
make -s clean
