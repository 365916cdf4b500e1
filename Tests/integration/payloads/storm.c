/* Attempts what is refused, again and again, and counts the refusals: half of the attempts are identical, half
 * differ from each other.
 *
 *     storm KIND ATTEMPTS PROCESSES DIRECTORY FILES
 *
 * KIND is read (of the files 0 to FILES-1 in a directory), write (of files that aren't there), or call (of sockets).
 * ATTEMPTS of each process; 0 is without end. Prints the number of refused attempts of all processes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int attempt(const char *kind, const char *directory, long number, long files) {
    char path[4200];
    switch (*kind) {
    case 'r':
        snprintf(path, sizeof path, "%s/%ld", directory, number < 0 ? 0 : number % files);
        return open(path, O_RDONLY | O_CLOEXEC);
    case 'w':
        snprintf(path, sizeof path, "%s/new-%ld", directory, number);
        return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    default:
        return socket(AF_PACKET, SOCK_RAW, number < 0 ? 0 : (int)number + 1);
    }
}

int main(int argc, char **argv) {
    if (argc != 6)
        return 2;
    const char *kind = argv[1], *directory = argv[4];
    long attempts = atol(argv[2]), processes = atol(argv[3]), files = atol(argv[5]);
    long *refused = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (refused == MAP_FAILED || processes > 64)
        return 2;
    for (long process = 0; process < processes; process++) {
        pid_t child = fork();
        if (child < 0)
            return 2;
        if (child > 0)
            continue;
        for (long done = 0; attempts == 0 || done < attempts; done++) {
            int made = attempt(kind, directory, done % 2 ? process * 100000000L + done / 2 : -1, files);
            if (made >= 0)
                close(made);
            else if (errno == EACCES || errno == EROFS || errno == EPERM || errno == EAFNOSUPPORT)
                refused[process]++;
        }
        _exit(0);
    }
    int status, failed = 0;
    while (wait(&status) > 0)
        failed |= status;
    long sum = 0;
    for (long process = 0; process < processes; process++)
        sum += refused[process];
    printf("%ld\n", sum);
    return failed != 0;
}
