import type { Caller } from '../caller.ts';
import { isExpired } from './api-key.ts';
import type { KeyRing } from './key-ring.ts';

/** May who asked go on being told? Not once their key is revoked or has expired. */
export type StillMay = (caller: Pick<Caller, 'id'>) => Promise<boolean>;

/** @param local who asks without a key, where that is allowed, and always may */
export function createStillMay(keyRing: KeyRing, local: Pick<Caller, 'id'> | undefined): StillMay {
  return async ({ id }) => {
    if (id === local?.id) return true;
    const key = (await keyRing.keys()).find((one) => one.id === id);
    return key !== undefined && !isExpired(key);
  };
}
