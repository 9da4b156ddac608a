import type { Connection } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import { searchAttributeTypes } from '../contracts/search-attributes.ts';

/** Numbers of Temporal's `IndexedValueType`. */
const TYPES = { Keyword: 2, Int: 3, KeywordList: 7 } as const;
const ALREADY_EXISTS = 6;

/** The search attributes of Waymark that a namespace lacks, or has with another type. */
export async function missingSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.entries(searchAttributeTypes)
    .filter(([name, type]) => customAttributes?.[name] !== TYPES[type])
    .map(([name]) => name);
}

/**
 * Registers what is missing; one that an earlier version registered with another type is replaced, and running tasks
 * show it again with their next change. Safe to run again, and by two at once.
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length === 0) return [];
  const wanted = Object.entries(searchAttributeTypes).filter(([name]) => missing.includes(name));
  await removeSearchAttributes(connection, namespace, missing);
  const attributes = Object.fromEntries(wanted.map(([name, type]) => [name, TYPES[type]]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: attributes });
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== ALREADY_EXISTS) throw error;
  }
  return missing;
}

/** Removes those of the names that are registered. */
async function removeSearchAttributes(
  connection: Connection,
  namespace: string,
  names: readonly string[],
): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const there = names.filter((name) => Object.hasOwn(customAttributes ?? {}, name));
  if (there.length === 0) return;
  await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: there });
}
