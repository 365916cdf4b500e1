// Prints as whom it runs: a test makes a setuid copy of it.
#include <stdio.h>
#include <unistd.h>

int main(void) {
    printf("%d %d\n", (int)getuid(), (int)geteuid());
    return 0;
}
