// The entry of libFuzzer for programs that keep their own main (FuzzerInterface.h of LLVM).
#ifndef MEWS_LIBFUZZER_H
#define MEWS_LIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

// Runs the callback on one input after another, as the options in argv say; returns an exit status.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *bytes, size_t count));

#endif
