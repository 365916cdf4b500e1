/* Tries each wall of the sandbox from inside, then says which stand: run in place of the command, it is the command
 * that must not run with less than was promised.
 *
 *     walls MARKER CHECK...
 *
 * Makes the file MARKER as the sign that it ran at all. Prints one line: the names of the walls that stand, `NOT-`
 * before those that don't. A check is a line of the profile to be held besides: `unread=PATH`, `unwritten=PATH` (no
 * file can be made in the directory, or the file not be opened for writing), `limit=RESOURCE:VALUE`,
 * `unsignalled=PROCESS`, `unconnected=PORT` (no socket leads to the host's 127.0.0.1), or `fetch=PORT`, which reads a byte
 * through the door from there and says what came of that. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void stands(const char *name, int it_does) { printf("%s%s ", it_does ? "" : "NOT-", name); }

/* Of all the domains that fit, one is already taken. */
static int landlock_stands(void) {
    pid_t child = fork();
    if (child == 0) {
        struct landlock_ruleset_attr rules = {.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_BLOCK};
        int domains = 0;
        while (domains < 32) {
            int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
            if (ruleset < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0)) break;
            close(ruleset);
            domains++;
        }
        _exit(domains);
    }
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) < 16;
}

static int text_has(const char *path, const char *text) {
    static char content[65536];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t length = read(file, content, sizeof content - 1);
    close(file);
    content[length < 0 ? 0 : length] = 0;
    return strstr(content, text) != NULL;
}

static int no_capability(void) {
    return text_has("/proc/self/status", "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000") == 1;
}

/* One process, this one's parent, and whoever else Mews has inside. */
static int own_processes(void) { return getpid() < 1000 && text_has("/proc/1/stat", "1 (") == 1; }

static int own_network(void) {
    return text_has("/proc/self/net/dev", "lo:") == 1 && text_has("/proc/self/net/dev", "eth") == 0;
}

static int refused(int result, int one, int other) { return result < 0 && (errno == one || errno == other); }

static struct sockaddr_in on_loopback(const char *port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int fetched(const char *port) {
    struct sockaddr_in place = on_loopback(port);
    char byte = 0;
    struct timeval patience = {20, 0};
    int socket_number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(socket_number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return socket_number >= 0 && !connect(socket_number, (struct sockaddr *)&place, sizeof place) &&
        read(socket_number, &byte, 1) == 1 && byte == '!';
}

static int unconnected(const char *port) {
    struct sockaddr_in place = on_loopback(port);
    int socket_number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_number < 0) return errno == EACCES || errno == EAFNOSUPPORT;
    return refused(connect(socket_number, (struct sockaddr *)&place, sizeof place), EACCES, EPERM);
}

static int unwritten(const char *path) {
    struct stat status;
    char name[4096];
    snprintf(name, sizeof name, "%s", path);
    if (!stat(path, &status) && S_ISDIR(status.st_mode)) snprintf(name, sizeof name, "%s/made", path);
    return refused(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644), EROFS, EACCES);
}

static int limited(const char *text) {
    struct rlimit limit;
    char *end;
    int resource = (int)strtol(text, &end, 10);
    rlim_t value = (rlim_t)strtoull(end + 1, NULL, 10);
    return !getrlimit((__rlimit_resource_t)resource, &limit) && limit.rlim_max <= value && limit.rlim_cur <= value;
}

static void check(char *text) {
    char *value = strchr(text, '=');
    if (!value) exit(70);
    *value++ = 0;
    int holds = -1;
    if (!strcmp(text, "unread")) holds = refused(open(value, O_RDONLY | O_CLOEXEC), EACCES, ENOENT);
    if (!strcmp(text, "unwritten")) holds = unwritten(value);
    if (!strcmp(text, "limit")) holds = limited(value);
    if (!strcmp(text, "unsignalled")) holds = refused(kill(atoi(value), 0), EPERM, EPERM);
    if (!strcmp(text, "unconnected")) holds = unconnected(value);
    if (!strcmp(text, "fetch")) holds = fetched(value);
    if (holds < 0) exit(70);
    printf("%s%s=%s ", holds ? "" : "NOT-", text, value);
}

int main(int argc, char **argv) {
    if (argc < 2) return 70;
    int marker = open(argv[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (marker < 0) return 71;
    close(marker);
    struct stat status;
    stands("read-only", refused(mkdir("/usr/walls", 0755), EROFS, EACCES));
    stands("landlock", landlock_stands());
    stands("seccomp", text_has("/proc/self/status", "Seccomp:\t2\n") == 1 && refused((int)syscall(SYS_keyctl, 0, -3, 0), EPERM, ENOSYS));
    stands("no-new-privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    stands("capabilities", no_capability());
    stands("processes", own_processes());
    stands("network", own_network());
    stands("init", refused(open("/proc/1/environ", O_RDONLY | O_CLOEXEC), EACCES, EPERM));
    stands("user-namespaces", text_has("/proc/sys/user/max_user_namespaces", "0\n") == 1);
    stands("proc", refused(open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC), EROFS, EACCES));
    stands("kernel-files", stat("/proc/kcore", &status) || !(status.st_mode & 0777));
    for (int index = 2; index < argc; index++) check(argv[index]);
    printf("\n");
    return 0;
}
