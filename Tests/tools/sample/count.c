#include "count.h"

#include <ctype.h>

long count_words(FILE *stream)
{
    long words = 0;
    int inside = 0;
    for (int byte = getc(stream); byte != EOF; byte = getc(stream)) {
        if (isspace(byte)) {
            inside = 0;
        } else if (!inside) {
            inside = 1;
            words++;
        }
    }
    return words;
}
