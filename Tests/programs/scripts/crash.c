// Something for a debugger: a function with an argument, a variable, and a crash.
#include <stdio.h>

static int answer = 42;

static int divide(int number, int by) { return number / by; }

int main(void) {
    printf("%d\n", divide(answer, 2));
    fflush(stdout);
    volatile int *nothing = 0;
    *nothing = answer;
    return 0;
}
