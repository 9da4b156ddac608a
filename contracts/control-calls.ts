import type { Json, JsonSchema } from './json.ts';
import type { QuestionOutcome } from './requests.ts';
import type { PlanItem } from './task.ts';

/** Tools that the workflow decides itself; no activity runs. */
export const controlToolNames = ['ask_user', 'wait_until', 'wait_for_event', 'update_plan', 'finish'] as const;
export type ControlToolName = (typeof controlToolNames)[number];

/** A change of the plan: an item named by id is changed, an unknown id with a title is appended. */
export interface PlanChange {
  readonly id: string;
  readonly title?: string;
  readonly status: PlanItem['status'];
  readonly note?: string;
}

/** The arguments of each control tool, as checked before they reach the workflow. */
export type ControlCall =
  | {
      readonly name: 'ask_user';
      readonly question: string;
      readonly for?: string;
      /** Why it is asked, for whoever answers. */
      readonly why?: string;
      readonly choices?: readonly string[];
      readonly answerSchema?: JsonSchema;
      /** Hours from now until the question expires. Default: never. */
      readonly deadlineHours?: number;
      readonly defaultAnswer?: string;
      readonly atDeadline?: QuestionOutcome;
      readonly remindAfterHours?: readonly number[];
      readonly escalateTo?: string;
      /** Needed with `escalateTo`. */
      readonly escalateAfterHours?: number;
    }
  | { readonly name: 'wait_until'; readonly until: string; readonly reason: string }
  | { readonly name: 'wait_for_event'; readonly event: string; readonly deadlineHours?: number }
  | { readonly name: 'update_plan'; readonly changes: readonly PlanChange[] }
  | {
      readonly name: 'finish';
      readonly outcome: 'success' | 'failure';
      readonly result?: Json;
      readonly reason?: string;
    };

/** Is this the name of a control tool? */
export function isControlTool(name: string): name is ControlToolName {
  return controlToolNames.some((control) => control === name);
}

/** Reads the raw arguments of a control call that `inferNextAction` has already checked against its schema. */
export function readControlCall(name: ControlToolName, rawArguments: string): ControlCall {
  return { ...JSON.parse(rawArguments.trim() === '' ? '{}' : rawArguments), name };
}
