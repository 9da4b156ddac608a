/** What a tool does to the world, and whether it can look afterwards. The names are those of the tools. */
export const tools = ['find_account', 'create_account', 'open_account', 'open_account_checked'] as const;
export type ToolName = (typeof tools)[number];

/** How the tools are called in the table. */
export const toolWords: Readonly<Record<ToolName, string>> = {
  find_account: '`read`',
  create_account: '`idempotent`',
  open_account: '`once`',
  open_account_checked: '`once` with a probe',
};

/** Where a call stands when it is struck. Of a tool that reads, the two ends of the stage and of the tool. */
export const points = [
  'before the claim',
  'after the claim',
  'in mid-effect',
  'before the settlement',
  'after the settlement',
] as const;
export type Point = (typeof points)[number];

/** What happens to whom, while the worker stands at a point. */
export interface Strike {
  readonly name: string;
  /** Killed with SIGKILL, stopped until its successor is done (SIGSTOP, SIGCONT), or left alone. */
  readonly worker: 'killed' | 'asleep' | 'stays';
  readonly redis?: 'killed' | 'emptied';
  readonly appendfsync?: 'everysec' | 'always';
  readonly temporal?: 'killed';
  /** Also in the quick form. */
  readonly quick?: true;
}

export const strikes: readonly Strike[] = [
  { name: 'worker killed', worker: 'killed', quick: true },
  { name: 'worker asleep, then awake', worker: 'asleep', quick: true },
  { name: 'Redis killed (AOF every second)', worker: 'stays', redis: 'killed', appendfsync: 'everysec' },
  {
    name: 'Redis killed (AOF every second), and the worker',
    worker: 'killed',
    redis: 'killed',
    appendfsync: 'everysec',
  },
  { name: 'Redis killed (AOF always), and the worker', worker: 'killed', redis: 'killed', appendfsync: 'always' },
  { name: 'Redis emptied', worker: 'stays', redis: 'emptied' },
  { name: 'Redis emptied, and the worker killed', worker: 'killed', redis: 'emptied', quick: true },
  { name: 'Temporal killed', worker: 'stays', temporal: 'killed' },
  { name: 'Temporal killed, and the worker', worker: 'killed', temporal: 'killed', quick: true },
];

/** What the model was told in the end, and how often the service did it. */
export interface Seen {
  readonly told: 'ok' | 'unknown' | 'other';
  readonly effects: number;
}

/** One call at one point under one strike. */
export interface Cell {
  readonly tool: ToolName;
  readonly point: Point;
}

export const cells: readonly Cell[] = tools.flatMap((tool) => points.map((point) => ({ tool, point })));

/** The task of a cell, told by its key. */
export function keyOf({ tool, point }: Cell, run: string): string {
  return `${run}-${tools.indexOf(tool)}-${points.indexOf(point)}`;
}

export function cellOf(taskId: string): Cell | undefined {
  const [, tool = '', point = ''] = /-(\d)-(\d)$/.exec(taskId) ?? [];
  const found = { tool: tools[Number(tool)], point: points[Number(point)] };
  return found.tool && found.point ? { tool: found.tool, point: found.point } : undefined;
}

/** What the design says of a cell: any of these, and nothing else (`ok 1`: told that it happened, done once). */
export function expected({ tool, point }: Cell, strike: Strike): readonly string[] {
  if (tool === 'find_account') return ['ok 0'];
  if (tool !== 'open_account') return ['ok 1'];
  const begun = points.indexOf(point);
  const unknown = begun < points.indexOf('in mid-effect') ? 'unknown 0' : 'unknown 1';
  const settled = point === 'after the settlement';
  // An attempt that the server has given up meanwhile goes on beside its successor, in the same worker.
  if (strike.temporal === 'killed' && strike.worker === 'stays') {
    return settled ? ['ok 1'] : begun < 2 ? ['ok 1', 'unknown 0', 'unknown 1'] : ['ok 1', 'unknown 1'];
  }
  if (strike.worker === 'stays') return ['ok 1'];
  if (settled) return [strike.redis === 'emptied' ? 'unknown 1' : 'ok 1'];
  if (point === 'before the claim' && strike.redis === undefined) return ['ok 1'];
  return [unknown];
}
