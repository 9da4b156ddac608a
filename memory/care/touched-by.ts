import { keys } from '../../contracts/keys.ts';

/** What stands about a memory outside of its slot. */
export function touchedBy(tenant: string, id: string): [memory: string, history: string, uses: string] {
  return [keys.memory(tenant, id), keys.memoryHistory(tenant, id), keys.memoryUses(tenant)];
}
