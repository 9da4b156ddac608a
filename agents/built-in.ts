/** The agents that come with Waymark, to be given one's own stores, folders and services: `waymark/agents`. */
export {
  createFileJournal,
  createHttpStore,
  createJsonLinesStore,
  createMigrationAgent,
  RecordRefusal,
} from './migration/index.ts';
export type {
  JournalEntry,
  JournalState,
  MigrationInput,
  MigrationJournal,
  MigrationOptions,
  MigrationResult,
  RecordSource,
  RecordTarget,
  RecordWrite,
  SourceItem,
  SourcePage,
  StoredRecord,
} from './migration/index.ts';
export { createOnboardingAgent } from './onboarding/index.ts';
export { createAssistantAgent } from './assistant/index.ts';
export type { AssistantInput, AssistantOptions, AssistantResult } from './assistant/index.ts';
export { createResearchAgent } from './research/index.ts';
export type { ResearchInput, ResearchOptions, ResearchResult } from './research/index.ts';
export { createTroubleshootingAgent } from './troubleshooting/index.ts';
