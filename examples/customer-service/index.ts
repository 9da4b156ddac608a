export { startCustomerService } from './server.ts';
export type { CustomerService, CustomerServiceOptions } from './server.ts';
export type { Ledger, LedgerEntry, LedgerSummary } from './ledger.ts';
