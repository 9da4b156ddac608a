import { z } from 'zod';

/** A host name or address. */
export const host = z.string().min(1).max(253).describe('host name or IP address');
export const port = z.number().int().min(1).max(65_535);

/** How long one look may take. */
export const timeoutMs = z.number().int().min(50).max(30_000).default(5_000);
