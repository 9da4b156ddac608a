import type { Agent } from '../../agents/define-agent.ts';
import type { WatchedEvent } from '../../contracts/events.ts';
import type { MemoryStore } from '../../contracts/memory-store.ts';
import type { Approval, Question } from '../../contracts/requests.ts';
import type { Home } from '../running/home.ts';

export const demoNames = ['onboarding', 'troubleshooting', 'research', 'migration', 'assistant'] as const;
export type DemoName = (typeof demoNames)[number];

/** What the agent did to the world outside, as that world counted it. */
export interface Effects {
  /** What is counted. Default: requests. */
  readonly what?: string;
  readonly requests: number;
  readonly duplicates: number;
  /** Changes carried out, and how many are right, where the world tells changes from requests. */
  readonly done?: number;
  readonly right?: number;
}

/** One demonstration: an agent, its input, the person on the other side, and what to look at afterwards. */
export interface Scenario {
  readonly agent: Agent;
  readonly input: unknown;
  /** Who answers, in messages to the task. */
  readonly person: string;
  /** The event at which the worker is killed. Default: when the task first waits for a person. */
  readonly crashAt?: (event: WatchedEvent) => boolean;
  /** What that person answers. @throws Error for a question the demonstration does not know */
  readonly answer: (question: Question) => string;
  readonly approve: (approval: Approval) => boolean;
  /** What that person says, one message each time the agent has replied. */
  readonly messages?: readonly { readonly text: string; readonly channel: string }[];
  /** Searched for at the end, in other words than what is stored. */
  readonly searches: readonly string[];
  readonly effects: (seen: { readonly memories: MemoryStore; readonly tenant: string }) => Promise<Effects>;
}

/** Makes a scenario in a home. */
export type ScenarioFactory = (home: Home) => Promise<Scenario>;
