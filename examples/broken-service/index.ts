export { startBrokenService } from './server.ts';
export type { BrokenService, BrokenServiceOptions } from './server.ts';
