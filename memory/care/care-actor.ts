import type { Actor } from '../../contracts/transcript.ts';

/** Who stands in the history of what care has changed. */
export const CARE_ACTOR: Actor = { kind: 'service', id: 'memory-care' };
