import type { Occasion, Occasions } from '../../contracts/judgement.ts';

/** What a turn came to, as far as it decides who is asked. */
export interface TurnEnd {
  readonly turn: number;
  /** Was a finish handed in? */
  readonly handedIn: boolean;
  /** Did a call fail? */
  readonly failed: boolean;
  /** How often a finish was sent back already. */
  readonly sentBack: number;
}

/** Why a judge with these occasions is asked after a turn; `undefined` where it is not. */
export function occasionOf(occasions: Occasions, { turn, handedIn, failed, sentBack }: TurnEnd): Occasion | undefined {
  if (handedIn) return occasions.beforeFinish && sentBack < occasions.rounds ? 'finish' : undefined;
  if (failed && occasions.onFailure) return 'failure';
  return occasions.everyTurns > 0 && turn % occasions.everyTurns === 0 ? 'turns' : undefined;
}
