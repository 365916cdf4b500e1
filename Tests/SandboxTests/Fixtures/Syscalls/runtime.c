#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *add(void *sum) {
    __atomic_fetch_add((long *)sum, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(void) {
    long sum = 0;
    pthread_t threads[20];
    for (int i = 0; i < 20; i++)
        if (pthread_create(&threads[i], NULL, add, &sum)) abort();
    for (int i = 0; i < 20; i++) pthread_join(threads[i], NULL);
    pid_t child = fork();
    if (child == 0) _exit(7);
    int status;
    waitpid(child, &status, 0);
    printf("%ld %d %d\n", sum, WEXITSTATUS(status), system("exit 3") >> 8);
}
