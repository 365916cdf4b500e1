gdb -batch -ex 'break divide' -ex run -ex backtrace ./crash > out 2>&1
