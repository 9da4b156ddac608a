import type { Usage } from '../../contracts/language-model.ts';
import { addMoney } from '../rules/budgets.ts';
import type { TaskState } from '../state/task-state.ts';
import type { Transition } from './transition.ts';

const KEPT_TURNS = 200;

/** Adds what a model call used to the task's spending and to the present turn's. */
export function spend(state: TaskState, usage: Usage): TaskState {
  const { promptTokens, completionTokens } = usage;
  const last = state.tokensPerTurn.at(-1);
  const sameTurn = last?.turn === state.turn;
  const present = {
    turn: state.turn,
    promptTokens: promptTokens + (sameTurn ? last.promptTokens : 0),
    completionTokens: completionTokens + (sameTurn ? last.completionTokens : 0),
  };
  const earlier = sameTurn ? state.tokensPerTurn.slice(0, -1) : state.tokensPerTurn;
  return {
    ...state,
    spent: {
      promptTokens: state.spent.promptTokens + promptTokens,
      completionTokens: state.spent.completionTokens + completionTokens,
      money: addMoney(state.spent.money, usage.money ?? 0),
    },
    tokensPerTurn: [...earlier, present].slice(-KEPT_TURNS),
  };
}

/** A model was asked for something beside the turn. */
export const spent: Transition<Usage> = (state, usage) => spend(state, usage);
