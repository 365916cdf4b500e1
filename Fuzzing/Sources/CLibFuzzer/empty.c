// A target of C needs a source; the function itself is in the library that -sanitize=fuzzer links.
#include "libfuzzer.h"
