import type { Account, Cost, TenantBudget } from '../../contracts/budget.ts';
import { MILLION } from '../../contracts/budget.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { Completion, CompletionRequest, LanguageModel, Usage } from '../../contracts/language-model.ts';
import { messagesTokens } from '../context/section.ts';
import { calibratedTokenizer, openTokenizer } from '../context/tokenizer.ts';
import { toolTokens } from '../context/tools.ts';
import type { StageDependencies } from '../dependencies.ts';
import { afterwards } from '../transcript/project-entry.ts';
import { refusedBudget } from './refused-budget.ts';

/** What calls cost, in any unit of money; the model is named as the provider names it. */
export type Price = (usage: Usage, model: string) => number;

/** Who pays for the calls of a stage. */
export interface Charging {
  readonly task: TaskRef;
  readonly account: Account;
  readonly price: Price | undefined;
  /** The same for every attempt of the stage; calls within it are numbered. */
  readonly callId: string;
  /** What counts of tokens are multiplied by. Default: 1. */
  readonly tokenFactor?: number;
  /** How long a reservation counts that a dead worker has left behind. */
  readonly expiresInMs: number;
}

/** An answer shorter than this is worth no call. */
const LEAST_ANSWER = 256;
const DEFAULT_ANSWER = 4_096;

/**
 * A model whose every call is reserved before it is made and settled after it. Where little is left the answer is
 * bounded to what fits; where not even that fits, or the accounting fails, the call is not made. A call that breaks
 * off is charged what is known of it, in the accounting alone: its workflow never hears of it.
 */
export function chargeModel(
  model: LanguageModel,
  { ledger, tenantBudgets }: Pick<StageDependencies, 'ledger' | 'tenantBudgets'>,
  charging: Charging,
): LanguageModel {
  const { task, account, price, expiresInMs, tokenFactor } = charging;
  const tenantBudget = tenantBudgets[task.tenant];
  let calls = 0;
  return {
    ...model,
    complete: async (request, options) => {
      calls += 1;
      const reservation = { task, account, id: `${charging.callId}.${calls}`, ...withBudget(tenantBudget) };
      const id = request.model ?? model.name;
      const answers = answersOf(request.maxTokens ?? DEFAULT_ANSWER);
      const prompt = await promptTokens(request, id, tokenFactor);
      const wants = answers.map((answer) => mostOf(price, { promptTokens: prompt, completionTokens: answer }, id));
      const reserved = await ledger.reserve({ ...reservation, wants, expiresInMs });
      if (reserved.kind === 'refused') throw refusedBudget(task, account, reserved);
      const settle = (cost: Cost): Promise<void> =>
        afterwards(`settle a model call of ${task.taskId}`, () => ledger.settle({ ...reservation, cost }));
      const maxTokens = answers[reserved.index] ?? LEAST_ANSWER;
      let lost: Cost = { tokens: 0, money: 0 };
      const onBroken = (usage: Usage): void => void (lost = costOf(price, usage, id));
      const asked = model.complete({ ...request, maxTokens }, { ...options, onBroken });
      const completion = await asked.catch(async (error: unknown) => {
        await settle(lost);
        throw error;
      });
      const { charged, cost } = chargedFor(completion, price);
      await settle(cost);
      return charged;
    },
  };
}

function withBudget(tenantBudget: TenantBudget | undefined): { tenantBudget?: TenantBudget } {
  return tenantBudget === undefined ? {} : { tenantBudget };
}

/** Bounds of an answer to try, from the one wished for down to the shortest worth a call. */
function answersOf(wished: number): number[] {
  const answers = [wished];
  for (let answer = Math.floor(wished / 2); answer >= LEAST_ANSWER; answer = Math.floor(answer / 2))
    answers.push(answer);
  return answers;
}

async function promptTokens({ messages, tools }: CompletionRequest, model: string, factor?: number): Promise<number> {
  const tokenizer = calibratedTokenizer(await openTokenizer(model), factor);
  return messagesTokens(messages, tokenizer) + tools.reduce((sum, tool) => sum + toolTokens(tool, tokenizer), 0);
}

/** What a call may cost at most: nobody knows yet what is read from a cache, and what is written to one may be dearer. */
function mostOf(price: Price | undefined, usage: Usage, model: string): Cost {
  const { tokens, money } = costOf(price, usage, model);
  const written = costOf(price, { ...usage, cacheWriteTokens: usage.promptTokens }, model);
  return { tokens, money: Math.max(money, written.money) };
}

function costOf(price: Price | undefined, usage: Usage, model: string): Cost {
  const tokens = usage.promptTokens + usage.completionTokens;
  if (price === undefined) return { tokens, money: 0 };
  const money = priced(price, usage, model);
  return { tokens, money: Math.ceil(money * MILLION) };
}

/** @throws ApplicationFailure `BudgetAccounting` where the price function gives no price */
function priced(price: Price, usage: Usage, model: string): number {
  let money: unknown;
  try {
    money = price(usage, model);
  } catch (error) {
    money = error;
  }
  if (typeof money === 'number' && Number.isFinite(money) && money >= 0) return money;
  const message = `The agent's price function gave ${String(money)} for model "${model}", so that no call is made. Let it return a number, 0 or more, then resume the task.`;
  throw failure(FailureType.BudgetAccounting, { message });
}

function chargedFor(completion: Completion, price: Price | undefined): { charged: Completion; cost: Cost } {
  const { usage, model } = completion;
  if (price === undefined) return { charged: completion, cost: costOf(price, usage, model) };
  const money = priced(price, usage, model);
  return { charged: { ...completion, usage: { ...usage, money } }, cost: costOf(price, usage, model) };
}
