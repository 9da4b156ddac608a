export { createFileJournal } from './journal.ts';
export type { JournalEntry, JournalState, MigrationJournal } from './journal.ts';
export { createMigrationAgent } from './migration-agent.ts';
export type { MigrationInput, MigrationOptions, MigrationResult } from './migration-agent.ts';
export { RecordRefusal } from './record-store.ts';
export type { RecordSource, RecordTarget, RecordWrite, SourceItem, SourcePage, StoredRecord } from './record-store.ts';
export { createHttpStore } from './stores/http-store.ts';
export { createJsonLinesStore } from './stores/json-lines-store.ts';
