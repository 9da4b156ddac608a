import { runCli } from './run-cli.ts';

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const { stdout, stderr, stdin, env } = process;
const exitCode = await runCli(process.argv.slice(2), { stdout, stderr, stdin, env });
// What is left then is nobody's work: a watch's read in flight, or the SDK's runtime, which never lets a process end.
await Promise.all([written(stdout), written(stderr)]);
process.exit(exitCode);

/** Resolves when everything that was printed has gone out. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
