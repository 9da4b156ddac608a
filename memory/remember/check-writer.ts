import type { NewMemory, Writer } from '../../contracts/memory.ts';
import { scopeTag } from '../record/memory-tags.ts';

/** Why a writer may not write this memory, for whoever asked it to; `undefined` where it may. */
export function writeRefusal(memory: NewMemory, { name, scopes, kinds }: Writer): string | undefined {
  const { scope, kind, owner, visibility } = memory;
  if (visibility === 'private' && owner !== name) {
    return `${name} may write private memories of its own, not of ${owner ?? 'nobody'}`;
  }
  if (!kinds.includes(kind)) {
    return `${name} may not write memories of kind ${kind}; it may write ${listed(kinds)}`;
  }
  if (scopes.some((granted) => scopeTag(granted) === scopeTag(scope))) return undefined;
  const own = scopes.some((granted) => granted.scope === scope.scope);
  const asked = own ? `to the ${scope.scope} scope "${scope.id}"` : `to the ${scope.scope} scope`;
  return `${name} may not write ${asked}; it may write to ${listed(scopes.map((granted) => granted.scope))}`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
