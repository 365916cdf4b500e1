"""A generated C project of many small files: what `make -j2` is tested and timed on."""

from pathlib import Path

MODULE = """\
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "table.h"

static int compare(const void *left, const void *right) {{
    return strcmp(*(char *const *)left, *(char *const *)right);
}}

int module_{number}(int seed) {{
    char *words[8];
    int sum = 0;
    for (int index = 0; index < 8; index++) {{
        char word[32];
        snprintf(word, sizeof word, "%d-%d", seed * {number} + index, index);
        words[index] = strdup(word);
    }}
    qsort(words, 8, sizeof *words, compare);
    for (int index = 0; index < 8; index++) {{
        for (char *letter = words[index]; *letter; letter++) sum = sum * 31 + toupper((unsigned char)*letter);
        free(words[index]);
    }}
    return sum % 1000;
}}
"""

MAKEFILE = """\
CFLAGS = -O1 -Wall -Werror
objects = main.o $(patsubst %.c,%.o,$(wildcard module_*.c))

program: $(objects)
\t$(CC) -o $@ $(objects)

$(objects): table.h

check: program
\t./program

clean:
\trm -f program $(objects)

.PHONY: check clean
"""


def write_c_project(directory: Path, files: int = 60) -> None:
    """Writes `files` C files, their header and their Makefile into `directory`."""
    modules = range(1, files)
    for number in modules:
        (directory / f"module_{number}.c").write_text(MODULE.format(number=number))
    (directory / "table.h").write_text("".join(f"int module_{number}(int seed);\n" for number in modules))
    calls = "".join(f"    sum += module_{number}({number});\n" for number in modules)
    (directory / "main.c").write_text(
        f'#include <stdio.h>\n#include "table.h"\n\nint main(void) {{\n    int sum = 0;\n{calls}'
        '    printf("%d\\n", sum);\n    return 0;\n}\n'
    )
    (directory / "Makefile").write_text(MAKEFILE)
