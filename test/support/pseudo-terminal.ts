import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import xterm from '@xterm/headless';

/** A program in a terminal of its own, as a person has it before them. */
export interface PseudoTerminal {
  /** The lines that are seen, without blanks at their ends. */
  screen(): Promise<readonly string[]>;
  /** Which characters of a line are in another colour than the rest of the text. */
  isColoured(): Promise<boolean>;
  press(keys: string): void;
  resize(columns: number, rows: number): Promise<void>;
  /** The screen once it shows this. */
  until(pattern: RegExp): Promise<string>;
  /** Whether the program is on a screen of its own, which leaves what was there before untouched. */
  onOtherScreen(): boolean;
  /** Exit code. */
  readonly ended: Promise<unknown>;
  close(): void;
}

const HELPER = fileURLToPath(new URL('pseudo_terminal.py', import.meta.url));
const PATIENCE_MS = 60_000;

/** Why there is no pseudo-terminal here; `false` where there is one. */
export function withoutTerminal(): string | false {
  return spawnSync('python3', ['-c', 'import pty, fcntl']).status === 0 ? false : 'Python 3 with pty is missing';
}

export function openTerminal(
  program: readonly string[],
  { columns, rows, env }: { readonly columns: number; readonly rows: number; readonly env: NodeJS.ProcessEnv },
): PseudoTerminal {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const child = spawn('python3', [HELPER, String(columns), String(rows), ...program], {
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]: unknown[]) => code);
  let written = Promise.resolve();
  child.stdout?.on('data', (data: Uint8Array) => {
    written = written.then(() => new Promise((resolve) => terminal.write(data, resolve)));
  });
  const screen = async (): Promise<readonly string[]> => {
    await written;
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, row) => {
      return active.getLine(active.viewportY + row)?.translateToString(true) ?? '';
    });
  };
  return {
    screen,
    isColoured: async () => {
      await written;
      const { active } = terminal.buffer;
      const cells = Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.viewportY + row)).flatMap(
        (line) => Array.from({ length: terminal.cols }, (_, column) => line?.getCell(column)),
      );
      return cells.some((cell) => cell !== undefined && !cell.isFgDefault());
    },
    press: (keys) => void child.stdin?.write(keys),
    resize: async (newColumns, newRows) => {
      terminal.resize(newColumns, newRows);
      const [, , , control] = child.stdio;
      if (control instanceof Writable) control.write(`${newColumns} ${newRows}\n`);
    },
    until: async (pattern) => {
      const started = Date.now();
      for (;;) {
        const shown = (await screen()).join('\n');
        if (pattern.test(shown)) return shown;
        if (Date.now() - started > PATIENCE_MS) throw new Error(`${pattern} was awaited; the screen shows:\n${shown}`);
        await delay(50);
      }
    },
    onOtherScreen: () => terminal.buffer.active.type === 'alternate',
    ended,
    close: () => void child.kill('SIGKILL'),
  };
}
