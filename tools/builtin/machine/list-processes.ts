import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';

const MOST = 50;
const LONGEST_COMMAND = 300;

/** Makes the tool that finds running processes by name. */
export function createListProcessesTool(): Tool {
  return defineTool({
    name: 'list_processes',
    description:
      'Lists running processes whose name or command line contains a text (upper and lower case alike): pid, parent, ' +
      'name, state, memory, command. None is a result: { count: 0 }. Works on Linux.',
    input: z.object({ name: z.string().min(1).max(200) }),
    effect: 'read',
    timeoutMs: 20_000,
    from: 'built-in',
    execute: async ({ name }, { signal }) => {
      if (process.platform !== 'linux') refuse(`processes can only be listed on Linux; this is ${process.platform}`);
      const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
      const wanted = name.toLowerCase();
      const found: RunningProcess[] = [];
      for (const pid of pids) {
        signal.throwIfAborted();
        const running = await readProcess(pid);
        if (running && `${running.name} ${running.command}`.toLowerCase().includes(wanted)) found.push(running);
      }
      return { count: found.length, processes: found.slice(0, MOST).map(shown) };
    },
  });
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly state: string;
  readonly memoryMb: number;
  readonly command: string;
}

/** A process may end between being listed and being read. */
async function readProcess(pid: string): Promise<RunningProcess | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    const memoryMb = Math.round(Number.parseInt(field('VmRSS') || '0', 10) / 1024);
    return {
      pid: Number(pid),
      parent: Number(field('PPid')),
      name: field('Name'),
      state: field('State'),
      memoryMb,
      command,
    };
  } catch {
    return undefined;
  }
}

function shown(running: RunningProcess): RunningProcess {
  const command = withoutSecrets(running.command);
  return {
    ...running,
    command: command.length > LONGEST_COMMAND ? `${command.slice(0, LONGEST_COMMAND)}…` : command,
  };
}

/** People do put passwords on command lines; what is listed here is stored and sent to a model. */
function withoutSecrets(command: string): string {
  return command
    .replace(/((?:password|passwd|secret|token|api[-_]?key)[\w-]*[=\s]+)\S+/gi, '$1…')
    .replace(/(\/\/[^/\s:]+:)[^@\s]+@/g, '$1…@');
}
