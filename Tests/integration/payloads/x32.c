// Calls getpid by its x32 number, and by a number far above the table, and says what errno each gave.
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static void attempt(const char *name, long number) {
    errno = 0;
    long result = syscall(number);
    printf("%s %ld %d\n", name, result, result < 0 ? errno : 0);
}

int main(void) {
    attempt("native", SYS_getpid);
    attempt("x32", 0x40000000L | SYS_getpid);
    attempt("unknown", 9999);
    return 0;
}
