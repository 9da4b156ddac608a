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
  return `for:${whom.trim().toLowerCase().slice(0, LONGEST_ADDRESSEE)}`;
}
