import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { StackError } from './stack-error.ts';

/** How to connect to Temporal: address, TLS, API key, metadata. */
export type TemporalConnection = ClientConnectConfig['connectionOptions'] & { address: string };

/** A Temporal server that environment or a configuration file names. */
export interface NamedTemporal {
  connection: TemporalConnection;
  namespace: string;
}

/**
 * Temporal as `TEMPORAL_ADDRESS` and the rest of Temporal's environment configuration name it.
 *
 * @returns no connection where no address is set; the namespace is told in any case
 */
export function temporalFromEnvironment(env: NodeJS.ProcessEnv): Partial<NamedTemporal> & { namespace: string } {
  const { connectionOptions, namespace = 'default' } = loadConfig(env);
  const { address } = connectionOptions;
  if (!address) return { namespace };
  return { namespace, connection: { ...connectionOptions, address } };
}

function loadConfig(env: NodeJS.ProcessEnv): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: definedOnly(env) });
  } catch (error) {
    throw new StackError(
      `Temporal's configuration cannot be read: ${error instanceof Error ? error.message : String(error)}. ` +
        `Check the TEMPORAL_… variables and the file that TEMPORAL_CONFIG_FILE names.`,
    );
  }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) defined[name] = value;
  }
  return defined;
}
