import type { RenderCache } from './render-cache.ts';

export type Log = (level: 'INFO' | 'WARN' | 'ERROR', message: string) => void;

/** The part of the service that works, until it stalls. */
export interface Renderer {
  readonly state: () => 'running' | 'stalled' | 'restarting';
  /** Renders one page; `false` when it could not. */
  render(): Promise<boolean>;
  restart(): Promise<void>;
}

const PAGE_BYTES = 16 * 1024;
const FAILURES_UNTIL_STALL = 3;

/** Stalls after a few pages that could not be written, and stays stalled until it is restarted. */
export function createRenderer({ cache, log }: { readonly cache: RenderCache; readonly log: Log }): Renderer {
  let state: 'running' | 'stalled' | 'restarting' = 'running';
  let failures = 0;
  let page = 1_000;
  const render = async (): Promise<boolean> => {
    if (state !== 'running') return false;
    try {
      page += 1;
      await cache.write(`page-${page}.bin`, Buffer.alloc(PAGE_BYTES, page % 251));
      failures = 0;
      log('INFO', `page ${page} rendered`);
      return true;
    } catch (error) {
      failures += 1;
      log('ERROR', `page ${page} could not be written: ${error instanceof Error ? error.message : String(error)}`);
      if (failures < FAILURES_UNTIL_STALL) return false;
      state = 'stalled';
      log('ERROR', `render worker stalled after ${failures} failed writes; free the cache, then restart the worker`);
      return false;
    }
  };
  return {
    state: () => state,
    render,
    restart: async () => {
      state = 'restarting';
      log('INFO', 'render worker is restarting');
      failures = 0;
      state = 'running';
      // A worker proves itself with pages; with a full cache it stalls as the one before it did.
      for (let attempt = 0; attempt < FAILURES_UNTIL_STALL; attempt += 1) {
        if (await render()) break;
      }
      if (state === 'running') log('INFO', 'render worker is up');
    },
  };
}
