import { DefaultLogger, Runtime } from '@temporalio/worker';

/**
 * Keeps the SDK's notes off the terminal, errors apart, and its hands off Ctrl-C: it would end the workers and leave the
 * benchmark waiting for them. Once a process, before all else.
 */
export function quietSdk(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
  });
}
