import type { Command } from 'commander';
import type { Terminal } from '../terminal/terminal.ts';

/** Adds a command to the program. */
export type AddCommand = (program: Command, terminal: Terminal) => void;
