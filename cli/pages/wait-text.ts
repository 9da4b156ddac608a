import type { Wait } from '../../client/index.ts';
import type { Paint } from '../terminal/paint.ts';
import { wrapText } from '../terminal/plain-text.ts';
import { commandsOf } from './wait-commands.ts';

/** Waits as lines: what for, remarks, and the commands that end them; without a task id there are no commands. */
export function waitText(
  waits: readonly Wait[],
  { taskId, paint, width }: { readonly taskId: string | undefined; readonly paint: Paint; readonly width: number },
): string[] {
  return waits.flatMap(({ what, remarks, end }) => [
    ...wrapText(`${leadOf[end.by] ?? ''}${what}`, width),
    ...[...remarks, ...(end.by === 'repair' && taskId !== undefined ? ['mend it, then:'] : [])]
      .flatMap((remark) => wrapText(remark, width - 2))
      .map((line) => `  ${paint.quiet(line)}`),
    ...(taskId === undefined ? [] : commandsOf(end, taskId)).map((command) => `  ${paint.command(command)}`),
  ]);
}

/** What does not say by itself that it is in the way. */
const leadOf: Readonly<Record<string, string>> = { resume: 'paused: ', repair: 'blocked: ' };
