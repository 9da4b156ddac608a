import { activityInfo, log } from '@temporalio/activity';
import type { TaskRef } from '../../contracts/ids.ts';
import type { LanguageModel, NamedModels } from '../../contracts/language-model.ts';
import type { AssembledContext } from '../../contracts/projection.ts';
import type { Thinking } from '../../contracts/stages.ts';
import { agentOf } from '../agent/agent-of.ts';
import { chargeModel } from './charge-model.ts';
import type { StageDependencies } from '../dependencies.ts';
import { measureModel } from './measure-model.ts';
import type { Routing } from './route-model.ts';
import { routeModel } from './route-model.ts';
import { timeModel } from './time-model.ts';

/** Beyond a stage's own time: until then its reservation counts although its worker may be dead. */
const GRACE_MS = 60_000;

/** The model of a stage: by the route of the policy, and at the cost of the task's account. */
export function openModel(
  dependencies: StageDependencies,
  input: Thinking & {
    readonly task: TaskRef;
    readonly agent: string;
    readonly tokenizer?: AssembledContext['tokenizer'];
  },
  { onFallback }: Pick<Routing, 'onFallback'> = {},
): LanguageModel {
  const { task, agent, account, route, round, tokenizer } = input;
  const { activityType, startToCloseTimeoutMs } = activityInfo();
  const charging = {
    task,
    account,
    price: agentOf(dependencies, agent).price,
    callId: `${task.taskId}.${activityType}.${round}`,
    expiresInMs: startToCloseTimeoutMs + GRACE_MS,
    tokenFactor: tokenizer?.factor ?? 1,
  };
  const charged = (model: LanguageModel): LanguageModel =>
    measureModel(chargeModel(adapting(model, task), dependencies, charging), dependencies.meter);
  const models = chargedModels(dependencies.models, charged);
  const routing = onFallback === undefined ? { route } : { route, onFallback };
  const routed = routeModel({ model: charged(dependencies.model), models }, routing);
  return timeModel(routed, { stage: activityType, timeoutMs: startToCloseTimeoutMs });
}

/** What a server refuses of requests is logged, where the stage does not tell it itself. */
function adapting(model: LanguageModel, { taskId }: TaskRef): LanguageModel {
  const onAdapted = (what: string): void => log.warn(what, { taskId, model: model.name });
  return { ...model, complete: (request, options) => model.complete(request, { onAdapted, ...options }) };
}

/** Each once, so that its calls are numbered through. */
function chargedModels(models: NamedModels, charged: (model: LanguageModel) => LanguageModel): NamedModels {
  const opened = new Map<string, LanguageModel>();
  return {
    get: (name) => {
      const model = opened.get(name) ?? models.get(name);
      if (model === undefined || opened.has(name)) return model;
      opened.set(name, charged(model));
      return opened.get(name);
    },
  };
}
