#include <stdio.h>

/* The number of words in a stream: runs of anything but white space. */
long count_words(FILE *stream);
