#include "include/CLinux.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

static long result(long value) { return value < 0 ? -errno : value; }

_Static_assert(sizeof(struct mews_window) == sizeof(struct winsize), "struct winsize");
_Static_assert(sizeof(struct mews_termios) >= sizeof(struct termios), "struct termios");

int mews_window_get(int terminal, struct mews_window *out) {
    return (int)result(ioctl(terminal, TIOCGWINSZ, out));
}
int mews_window_set(int terminal, const struct mews_window *size) {
    return (int)result(ioctl(terminal, TIOCSWINSZ, size));
}
int mews_pty_peer(int master, int flags) { return (int)result(ioctl(master, TIOCGPTPEER, flags)); }
int mews_pty_unlock(int master) {
    int no = 0;
    return (int)result(ioctl(master, TIOCSPTLCK, &no));
}
int mews_set_controlling_terminal(int terminal) { return (int)result(ioctl(terminal, TIOCSCTTY, 0)); }
int mews_foreground_get(int terminal) { return (int)result(tcgetpgrp(terminal)); }
int mews_foreground_set(int terminal, int group) { return (int)result(tcsetpgrp(terminal, group)); }
int mews_is_terminal(int descriptor) { return isatty(descriptor); }
int mews_termios_get(int terminal, struct mews_termios *out) {
    return (int)result(tcgetattr(terminal, (struct termios *)out));
}
int mews_termios_set(int terminal, const struct mews_termios *value) {
    return (int)result(tcsetattr(terminal, TCSADRAIN, (const struct termios *)value));
}
void mews_termios_raw(struct mews_termios *value) { cfmakeraw((struct termios *)value); }
void mews_termios_no_output_processing(struct mews_termios *value) {
    ((struct termios *)value)->c_oflag &= ~(tcflag_t)OPOST;
}
