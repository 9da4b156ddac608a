import type { NewMemory } from '../../contracts/memory.ts';

export const contradictedScope = { scope: 'team', id: 'launch' } as const;
export const contradictedSlots = ['launch date', 'owner', 'budget'];

/** What one of many writers says of the same slots, twice each, and a note that others make too. */
export function contradictingMemories(writer: number): NewMemory[] {
  const values = contradictedSlots.flatMap((slot) =>
    [1, 2].map((round) => ({
      id: `w${writer}:${slot.replace(' ', '-')}.${round}`,
      scope: contradictedScope,
      kind: 'decision' as const,
      text: `${slot} is ${(writer + round) % 10}`,
      slot,
    })),
  );
  const note = `note ${writer % 10} of the launch`;
  return [...values, { id: `w${writer}:note`, scope: contradictedScope, kind: 'episode', text: note }];
}
