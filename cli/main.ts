import { INTERRUPTED } from './command-error.ts';
import { runCli } from './run-cli.ts';

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const { stdout, stderr, stdin, env } = process;
const exitCode = await runCli(process.argv.slice(2), { stdout, stderr, stdin, env });
// An interrupted watch has a read in flight that nobody waits for.
if (exitCode === INTERRUPTED) process.exit(exitCode);
process.exitCode = exitCode;
