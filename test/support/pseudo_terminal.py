"""Runs a program in a pseudo-terminal: its screen is standard output, its keys standard input; `COLUMNS ROWS` on
descriptor 3 resizes it. Usage: pseudo_terminal.py COLUMNS ROWS PROGRAM ARGUMENTS…"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


columns, rows, *program = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    # The size is there before the program looks for it.
    resize(0, int(columns), int(rows))
    os.execvp(program[0], program)

sources = {terminal, 0, 3}
while terminal in sources:
    ready, _, _ = select.select(list(sources), [], [])
    for source in ready:
        try:
            data = os.read(source, 65536)
        except OSError:  # the program has closed its terminal
            data = b""
        if not data:
            sources.discard(source)
        elif source == terminal:
            os.write(1, data)
        elif source == 0:
            os.write(terminal, data)
        else:
            resize(terminal, *map(int, data.decode().split("\n")[-2].split()))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
