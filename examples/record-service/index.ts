export { customerLines, BAD_LINES } from './customer-lines.ts';
export { startRecordService } from './server.ts';
export type { RecordService, RecordServiceOptions } from './server.ts';
