import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { RedisProgram } from './redis-program.ts';
import { runProgram } from './run-program.ts';

/** Older servers lack what workflows of ours use. */
const OLDEST_TEMPORAL_CLI = { major: 1, minor: 5 };
const OLDEST_REDIS = 8;

/** The `temporal` program on PATH, if it is new enough. */
export async function temporalOnPath(options: {
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
}): Promise<string | undefined> {
  const { env, say } = options;
  const program = await findOnPath('temporal', env);
  if (program === undefined) return undefined;
  const { stdout } = await runProgram({ command: program, args: ['--version'], env });
  const [, major = 0, minor = 0] = (/version v?(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
  const { major: oldestMajor, minor: oldestMinor } = OLDEST_TEMPORAL_CLI;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return program;
  say(
    `Passing over ${program}: ${stdout.trim() || 'it does not tell its version'}; needed is ${oldestMajor}.${oldestMinor}.`,
  );
  return undefined;
}

/** A Redis on PATH that comes with the search and JSON modules. */
export async function redisOnPath(options: {
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
}): Promise<RedisProgram | undefined> {
  const { env, say } = options;
  return (await stackServerOnPath(env)) ?? (await redisServerOnPath({ env, say }));
}

/** The absolute path of a program on PATH. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && (await isProgram(path))) return path;
  }
  return undefined;
}

/** `redis-stack-server` is a script around a server and modules that lie beside it; they are started without it. */
async function stackServerOnPath(env: NodeJS.ProcessEnv): Promise<RedisProgram | undefined> {
  const script = await findOnPath('redis-stack-server', env);
  if (script === undefined) return undefined;
  const bin = dirname(await realpath(script));
  const program = join(bin, 'redis-server');
  const modules = await modulesIn(join(bin, '..', 'lib'));
  return modules && (await isProgram(program)) ? { program, modules } : undefined;
}

async function redisServerOnPath(options: {
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
}): Promise<RedisProgram | undefined> {
  const { env, say } = options;
  const program = await findOnPath('redis-server', env);
  if (program === undefined) return undefined;
  const { stdout } = await runProgram({ command: program, args: ['--version'], env });
  const version = /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown';
  if (!(Number.parseInt(version, 10) >= OLDEST_REDIS)) {
    say(`Passing over ${program}: it is Redis ${version}; needed is ${OLDEST_REDIS}.`);
    return undefined;
  }
  const bin = dirname(await realpath(program));
  const folders = [
    join(bin, '..', 'lib', 'redis', 'modules'),
    '/usr/local/lib/redis/modules',
    '/usr/lib/redis/modules',
  ];
  for (const folder of folders) {
    const modules = await modulesIn(folder);
    if (modules) return { program, modules };
  }
  say(`Passing over ${program}: it is Redis ${version} without the search and JSON modules.`);
  return undefined;
}

async function modulesIn(folder: string): Promise<string[] | undefined> {
  const modules = [join(folder, 'redisearch.so'), join(folder, 'rejson.so')];
  for (const module of modules) {
    if (!(await isProgram(module))) return undefined;
  }
  return modules;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
