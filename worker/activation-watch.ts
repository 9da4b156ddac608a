/** A workflow that holds up its thread. */
export interface StuckWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  readonly seconds: number;
}

/** Watches what a workflow thread was asked and has not answered yet. */
export interface ActivationWatch {
  /** Takes a request that is about to be sent. */
  asked(message: unknown): void;
  /** Takes an answer that has come. */
  answered(message: unknown): void;
  end(): void;
}

export interface ActivationWatchOptions {
  /** Milliseconds that one activation may take, and that this process must have computed meanwhile. */
  readonly patienceMs: number;
  /** Called once, when one takes longer. */
  readonly onStuck: (workflow: StuckWorkflow) => void;
}

/** A request of the SDK to a workflow thread, as far as it is read here. */
interface Asked {
  readonly runId: string;
  /** When it came to be the oldest without an answer: milliseconds, and what the process had computed by then. */
  since?: { readonly ms: number; readonly computedMs: number };
}

/**
 * The SDK would break an activation off after five seconds, by a watchdog thread for each entry into the sandbox. This one
 * costs two look-ups. A thread answers one request after the other, so only the oldest is watched. On a machine that is
 * busy with others an activation may take any time: so time alone does not count, but only time in which this process has
 * computed for as long.
 */
export function watchActivations({ patienceMs, onStuck }: ActivationWatchOptions): ActivationWatch {
  const open = new Map<unknown, Asked>();
  const names = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const [oldest] = open.values();
    if (oldest === undefined) return;
    oldest.since ??= { ms: Date.now(), computedMs: computedMs() };
    const took = Date.now() - oldest.since.ms;
    if (took >= patienceMs && computedMs() - oldest.since.computedMs >= patienceMs) {
      const { runId } = oldest;
      onStuck({ workflowId: names.get(runId) ?? 'unknown', runId, seconds: Math.round(took / 1_000) });
      return;
    }
    timer = setTimeout(look, patienceMs / 10).unref();
  };

  return {
    asked: (message) => {
      const request = requestOf(message);
      if (request === undefined) return;
      if (request.workflowId !== undefined) names.set(request.runId, request.workflowId);
      if (request.type === 'dispose-workflow') names.delete(request.runId);
      open.set(request.requestId, { runId: request.runId });
      if (open.size === 1 && timer === undefined) look();
    },
    answered: (message) => {
      if (isRecord(message)) open.delete(message['requestId']);
      if (open.size > 0) return;
      clearTimeout(timer);
      timer = undefined;
    },
    end: () => {
      clearTimeout(timer);
      open.clear();
    },
  };
}

/** CPU time of this process, in milliseconds. */
function computedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

interface Request {
  readonly requestId: unknown;
  readonly type: unknown;
  readonly runId: string;
  readonly workflowId?: string;
}

/** Reads a request that concerns one workflow; there are others, which may take their time. */
function requestOf(message: unknown): Request | undefined {
  if (!isRecord(message) || !isRecord(message['input'])) return undefined;
  const { requestId, input } = message;
  const info = isRecord(input['options']) ? input['options']['info'] : undefined;
  const { runId = input['runId'], workflowId }: Record<string, unknown> = isRecord(info) ? info : {};
  if (typeof runId !== 'string') return undefined;
  return { requestId, type: input['type'], runId, ...(typeof workflowId === 'string' ? { workflowId } : {}) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
