import type { Usage } from '../../contracts/language-model.ts';
import type { SectionName } from '../../contracts/projection.ts';
import { addTokens } from '../../contracts/usage.ts';
import { addMoney } from '../rules/budgets.ts';
import type { TaskState } from '../state/task-state.ts';
import type { Transition } from './transition.ts';

const KEPT_TURNS = 200;
const NOTHING = { promptTokens: 0, completionTokens: 0 };

/** Adds what a model call used to the task's spending and to the present turn's. */
export function spend(state: TaskState, usage: Usage, brokeAt?: SectionName): TaskState {
  const { money, ...tokens } = usage;
  const { money: spentMoney, ...spentTokens } = state.spent;
  const last = state.tokensPerTurn.at(-1);
  const sameTurn = last?.turn === state.turn;
  const before = sameTurn ? last : { turn: state.turn, ...NOTHING };
  const present = { ...before, ...addTokens(before, tokens), ...(brokeAt === undefined ? {} : { brokeAt }) };
  const earlier = sameTurn ? state.tokensPerTurn.slice(0, -1) : state.tokensPerTurn;
  return {
    ...state,
    spent: { ...addTokens(spentTokens, tokens), money: addMoney(spentMoney, money ?? 0) },
    tokensPerTurn: [...earlier, present].slice(-KEPT_TURNS),
  };
}

/** A model was asked for something beside the turn. */
export const spent: Transition<Usage> = (state, usage) => spend(state, usage);
