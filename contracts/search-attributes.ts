import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** The typed search attributes of every agent task. They are registered by `waymark setup`. */
export const searchAttributes = {
  agent: defineSearchAttributeKey('WaymarkAgent', SearchAttributeType.KEYWORD),
  status: defineSearchAttributeKey('WaymarkStatus', SearchAttributeType.KEYWORD),
  subject: defineSearchAttributeKey('WaymarkSubject', SearchAttributeType.KEYWORD),
  tenant: defineSearchAttributeKey('WaymarkTenant', SearchAttributeType.KEYWORD),
  waitingFor: defineSearchAttributeKey('WaymarkWaitingFor', SearchAttributeType.KEYWORD_LIST),
  turn: defineSearchAttributeKey('WaymarkTurn', SearchAttributeType.INT),
  tokens: defineSearchAttributeKey('WaymarkTokens', SearchAttributeType.INT),
} as const;

/** Name and type of each, as Temporal's operator service and CLI take them. */
export const searchAttributeTypes: Readonly<Record<string, 'Keyword' | 'KeywordList' | 'Int'>> = {
  WaymarkAgent: 'Keyword',
  WaymarkStatus: 'Keyword',
  WaymarkSubject: 'Keyword',
  WaymarkTenant: 'Keyword',
  WaymarkWaitingFor: 'KeywordList',
  WaymarkTurn: 'Int',
  WaymarkTokens: 'Int',
};

/** A value of visibility holds 255 bytes. */
const LONGEST_ADDRESSEE = 60;

/** How `WaymarkWaitingFor` says for whom a request is: however the name is written (`isSameName`). */
export function forValue(whom: string): string {
  return `for:${whom.trim().toLowerCase().slice(0, LONGEST_ADDRESSEE).toWellFormed()}`;
}

/** Stands for all whose names do not fit: such a task is looked through for whomever an inbox is asked. */
export const FOR_OTHERS = 'for:*';

/**
 * The server ends a workflow of which one search attribute has more than 2,048 bytes; each value is encoded as JSON. Kinds
 * of waits and a deadline stand beside the names.
 */
const MOST_BYTES = 1_800;
const BYTES_BETWEEN = 3;

/** The names that fit together, in their order; `FOR_OTHERS` stands for the rest. */
export function fittingValues(values: readonly string[]): readonly string[] {
  const encoder = new TextEncoder();
  let room = MOST_BYTES - FOR_OTHERS.length - BYTES_BETWEEN;
  const fitting = values.filter((value) => {
    room -= encoder.encode(JSON.stringify(value)).length + BYTES_BETWEEN;
    return room >= 0;
  });
  return fitting.length === values.length ? values : [...fitting, FOR_OTHERS];
}
