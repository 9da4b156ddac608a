import { createInterface } from 'node:readline/promises';
import { SilentExit, UsageError } from '../command-error.ts';
import type { Session } from '../session.ts';

/**
 * Asks on a terminal whether to go on; `--yes` answers beforehand.
 * @throws UsageError where nobody can be asked, SilentExit where the answer is no
 */
export async function confirm(
  { terminal, say }: Pick<Session, 'terminal' | 'say'>,
  question: string,
  { yes = false }: { readonly yes?: boolean | undefined },
): Promise<void> {
  if (yes) return;
  const { stdin, stderr } = terminal;
  if (stdin.isTTY !== true) throw new UsageError(`${question} Nobody can be asked here: add --yes.`);
  const lines = createInterface({ input: stdin, output: stderr });
  const stopped = new AbortController();
  lines.once('close', () => stopped.abort());
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: stopped.signal }).catch(() => '');
    if (/^y(es)?$/iu.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  say('Nothing was changed.');
  throw new SilentExit(1);
}
