// A 64-bit program that enters the kernel by int $0x80: the call is i386's, whatever the program is.
#include <stdio.h>

int main(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    printf("int $0x80 getpid gave %ld\n", result);
    return 0;
}
