import type { Paint } from './paint.ts';
import { wrapText } from './plain-text.ts';
import type { Wait } from './wait-lines.ts';

/** Waits as lines: what for, remarks, and the commands that end them. */
export function waitText(waits: readonly Wait[], { paint, width }: { paint: Paint; width: number }): string[] {
  return waits.flatMap(({ what, remarks, commands }) => [
    ...wrapText(what, width),
    ...remarks.flatMap((remark) => wrapText(remark, width - 2)).map((line) => `  ${paint.quiet(line)}`),
    ...commands.map((command) => `  ${paint.command(command)}`),
  ]);
}
