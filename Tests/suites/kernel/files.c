/* Files: what fs_test tries of Landlock. */
#define _GNU_SOURCE
#include "attempts.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN_READABLE(name) in(readable, name)

/* Opens a descriptor's file once more, by the link that the kernel has for it. */
static long again(int descriptor, int flags)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    TRY(descriptor);
    TRY(open(path, flags));
    return 0;
}

static long link_out(void) { TRY(link(IN_READABLE("link"), "linked")); return 0; }
static long rename_out(void) { TRY(rename(IN_READABLE("rename"), "renamed")); return 0; }
static long rename_in(void) { TRY(close(creat("mine", 0600))); TRY(rename("mine", IN_READABLE("mine"))); return 0; }
static long rename_within(void) { TRY(rename(IN_READABLE("within"), IN_READABLE("within-2"))); return 0; }
static long exchange(void)
{
    TRY(close(creat("theirs", 0600)));
    TRY(renameat2(AT_FDCWD, IN_READABLE("exchange"), AT_FDCWD, "theirs", RENAME_EXCHANGE));
    return 0;
}
static long remove_file(void) { TRY(unlink(IN_READABLE("remove"))); return 0; }
static long remove_directory(void) { TRY(rmdir(IN_READABLE("directory"))); return 0; }
static long make_file(void) { TRY(open(IN_READABLE("new-file"), O_CREAT | O_WRONLY | O_EXCL, 0600)); return 0; }
static long make_nameless(void) { TRY(open(readable, O_TMPFILE | O_RDWR, 0600)); return 0; }
static long make_directory(void) { TRY(mkdir(IN_READABLE("new-directory"), 0700)); return 0; }
static long make_fifo(void) { TRY(mkfifo(IN_READABLE("new-fifo"), 0600)); return 0; }
static long make_link(void) { TRY(symlink("x", IN_READABLE("new-link"))); return 0; }
static long truncate_path(void) { TRY(truncate(IN_READABLE("truncate"), 0)); return 0; }
static long truncate_by_opening(void) { TRY(open(IN_READABLE("trunc"), O_RDONLY | O_TRUNC)); return 0; }
static long change_mode(void) { TRY(chmod(IN_READABLE("mode"), 0600)); return 0; }
static long change_times(void) { TRY(utimensat(AT_FDCWD, IN_READABLE("times"), NULL, 0)); return 0; }
static long reopen_for_writing(void) { return again(open(IN_READABLE("file"), O_RDONLY), O_WRONLY); }
static long reopen_a_path(void) { return again(open(IN_READABLE("file"), O_PATH), O_WRONLY); }
static long map_for_writing(void)
{
    int file = open(IN_READABLE("file"), O_RDONLY);
    void *memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    TRY(file);
    TRY(mprotect(memory, 4096, PROT_READ | PROT_WRITE));
    return 0;
}
static long write_a_readable(void) { TRY(open(IN_READABLE("file"), O_WRONLY)); return 0; }
static long execute_a_readable(void)
{
    int status;
    if (fork() == 0) {
        execl(IN_READABLE("program"), "program", NULL);
        _exit(errno);
    }
    wait(&status);
    return -WEXITSTATUS(status);
}

static long open_outside(void) { TRY(open(in(outside, "secret"), O_RDONLY)); return 0; }
static long walk_outside(void)
{
    int here = open(".", O_PATH | O_DIRECTORY);
    TRY(here);
    for (int step = 0; step < 64; step++)
        TRY(here = openat(here, "..", O_PATH | O_DIRECTORY));
    TRY(openat(here, in(outside, "secret") + 1, O_RDONLY));
    return 0;
}
static long change_into_outside(void) { TRY(chdir(outside)); return 0; }
static long through_the_root_of_a_process(void)
{
    char path[4200];
    snprintf(path, sizeof path, "/proc/self/root%s", in(outside, "secret"));
    TRY(open(path, O_RDONLY));
    return 0;
}
static long link_to_outside(void)
{
    unlink("out");
    TRY(symlink(in(outside, "secret"), "out"));
    TRY(open("out", O_RDONLY));
    return 0;
}

static long reopen_what_was_unlinked(void)
{
    int file = open("unlinked", O_CREAT | O_RDWR, 0600);
    TRY(unlink("unlinked"));
    return again(file, O_RDWR);
}
static long reopen_a_pipe(void)
{
    int ends[2];
    TRY(pipe(ends));
    return again(ends[1], O_WRONLY | O_NONBLOCK);
}
static long truncate_memory(void) { TRY(ftruncate(memfd_create("x", 0), 4096)); return 0; }
static long execute_memory(void)
{
    char buffer[1 << 16];
    int program = open("/bin/true", O_RDONLY), memory = memfd_create("x", 0), status;
    for (long count; (count = read(program, buffer, sizeof buffer)) > 0;)
        TRY(write(memory, buffer, count));
    char *none[] = {"x", NULL};
    if (fork() == 0)
        _exit(fexecve(memory, none, none + 1) ? errno : 0);
    wait(&status);
    return -WEXITSTATUS(status);
}
static long harmless_ioctl(void) { TRY(ioctl(open("/dev/zero", O_RDONLY), FIOCLEX)); return 0; }
static long ioctl_of_a_device(void) { TRY(ioctl(open("/dev/zero", O_RDONLY), 0x5401, (char[64]){0})); return 0; }

/* A layer of one's own only takes away: one that allows everything below / opens nothing. */
static long widen(void)
{
    unsigned long rights = 0x1fff;
    struct landlock_ruleset_attr attributes = {.handled_access_fs = rights};
    int ruleset = syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    TRY(ruleset);
    struct landlock_path_beneath_attr rule = {rights, open("/", O_PATH)};
    TRY(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
    TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TRY(syscall(SYS_landlock_restrict_self, ruleset, 0));
    TRY(open(IN_READABLE("widen"), O_WRONLY));
    return 0;
}
/* And takes away indeed. */
static long narrow(void)
{
    struct landlock_ruleset_attr attributes = {.handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE};
    int ruleset = syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    TRY(ruleset);
    TRY(close(creat("narrowed", 0600)));
    TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TRY(syscall(SYS_landlock_restrict_self, ruleset, 0));
    TRY(open("narrowed", O_WRONLY));
    return 0;
}

const struct attempt file_attempts[] = {
    {"link out of a readable directory", link_out},
    {"rename out of a readable directory", rename_out},
    {"rename into a readable directory", rename_in},
    {"rename within a readable directory", rename_within},
    {"exchange with a readable file", exchange},
    {"remove a readable file", remove_file},
    {"remove a readable directory", remove_directory},
    {"make a file in a readable directory", make_file},
    {"make a nameless file in a readable directory", make_nameless},
    {"make a directory in a readable one", make_directory},
    {"make a fifo in a readable directory", make_fifo},
    {"make a link in a readable directory", make_link},
    {"truncate a readable file", truncate_path},
    {"truncate a readable file by opening it", truncate_by_opening},
    {"change the mode of a readable file", change_mode},
    {"change the times of a readable file", change_times},
    {"write a readable file", write_a_readable},
    {"reopen a readable file for writing", reopen_for_writing},
    {"reopen the path of a readable file for writing", reopen_a_path},
    {"map a readable file for writing", map_for_writing},
    {"execute a readable file", execute_a_readable},
    {"open a file outside", open_outside},
    {"walk upwards to a file outside", walk_outside},
    {"change into a directory outside", change_into_outside},
    {"open a file outside through /proc/self/root", through_the_root_of_a_process},
    {"open a file outside by a link", link_to_outside},
    {"reopen a file that was unlinked", reopen_what_was_unlinked},
    {"reopen a pipe", reopen_a_pipe},
    {"truncate memory", truncate_memory},
    {"execute memory", execute_memory},
    {"ioctl that any descriptor has", harmless_ioctl},
    {"ioctl of a device", ioctl_of_a_device},
    {"widen by a layer of one's own", widen},
    {"narrow by a layer of one's own", narrow},
    {0},
};
