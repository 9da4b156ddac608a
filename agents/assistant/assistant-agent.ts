import { z } from 'zod';
import { ID_RULE, isId } from '../../contracts/ids.ts';
import type { LoopPolicy } from '../../contracts/policy.ts';
import { defineAgent } from '../define-agent.ts';
import type { Agent, AgentDefinition } from '../define-agent.ts';
import { assistantInstructions } from './instructions.ts';

const personSchema = z.object({
  /** Whose assistant it is: what it remembers belongs to this person. Best used as the task's key, too. */
  person: z.string().refine(isId, ID_RULE),
  /** How the person is called. */
  name: z.string().trim().min(1).max(200).optional(),
});

const farewellSchema = z.object({ farewell: z.string().max(2_000) });

export type AssistantInput = z.input<typeof personSchema>;
export type AssistantResult = z.output<typeof farewellSchema>;

export interface AssistantOptions {
  /** Default `assistant`. */
  readonly name?: string;
  /** What else it can do. Default: nothing but to talk, to remember and to wait. */
  readonly tools?: AgentDefinition<typeof personSchema, typeof farewellSchema>['tools'];
  /** What a message does that comes while it thinks. Default `interrupt`. */
  readonly inbox?: LoopPolicy['inbox'];
}

/** A conversation is no piece of work with an end: what it may spend is its tenant's to bound. */
const LIFELONG = { turns: 1_000_000, tokens: 1_000_000_000, minutes: 1_000_000 };
const NEVER = { tell: 0, ask: 0, block: 0 };
/** A long history makes the first step after a sleep slow. */
const TURNS_PER_RUN = 50;

/** One long-lived task a person, across channels and devices. */
export function createAssistantAgent({
  name = 'assistant',
  tools = [],
  inbox = 'interrupt',
}: AssistantOptions = {}): Agent<AssistantInput, AssistantResult> {
  return defineAgent({
    name,
    description: 'Talks with one person for years, across channels, and remembers what that person prefers.',
    instructions: assistantInstructions,
    input: personSchema,
    output: farewellSchema,
    goal: ({ person, name: called }) => `Be of use to ${called ?? person}, in one conversation that goes on for years.`,
    subject: ({ person }) => person,
    tools,
    policy: {
      plainAnswer: 'reply',
      inbox,
      budgets: LIFELONG,
      loops: { noProgress: NEVER },
      turnsPerRun: TURNS_PER_RUN,
    },
  });
}
