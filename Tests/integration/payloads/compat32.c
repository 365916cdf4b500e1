// Built with -m32 -static: any system call of it is one of the i386 table, which a filter written for x86-64
// numbers reads wrongly.
#include <stdio.h>
#include <unistd.h>

int main(void) {
    printf("a 32-bit program ran as process %d\n", (int)getpid());
    return 0;
}
