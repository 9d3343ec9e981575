import { isServiceName } from '../reference';

/** What a repository is for, which decides who may write and what its tags look like (docs/gateway.md). */
export type RepositoryClass =
  | { readonly kind: 'app'; readonly svc: string; readonly name: string }
  | { readonly kind: 'chart'; readonly svc: string }
  | { readonly kind: 'channel'; readonly env: string; readonly svc: string }
  /** `bases/…`: mirrors that the base custodian keeps. */
  | { readonly kind: 'base' }
  /** `mirror/…`: databases and tools that the system keeps. */
  | { readonly kind: 'mirror' }
  /** Below a prefix that the policy opens: tags move freely. */
  | { readonly kind: 'open'; readonly prefix: string }
  | { readonly kind: 'unknown' };

// distribution-spec, "Pulling manifests": <name>.
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const MAX_NAME = 255;

export function isRepositoryName(text: string): boolean {
  return text.length <= MAX_NAME && NAME.test(text);
}

/** True for the prefix itself and everything below it; `scratch` does not cover `scratchpad`. */
export function isBelow(repository: string, prefix: string): boolean {
  return repository === prefix || repository.startsWith(`${prefix}/`);
}

/** `open` are the prefixes of the policy (`registry.open`); the governed roots can't be opened. */
export function classifyRepository(repository: string, open: readonly string[]): RepositoryClass {
  const [root, ...rest] = repository.split('/');
  const [first = '', second = ''] = rest;
  if (root === 'apps') {
    const isApp = rest.length === 2 && isServiceName(first) && isServiceName(second);
    return isApp ? { kind: 'app', svc: first, name: second } : { kind: 'unknown' };
  }
  if (root === 'charts') {
    return rest.length === 1 && isServiceName(first)
      ? { kind: 'chart', svc: first }
      : { kind: 'unknown' };
  }
  if (root === 'channels') {
    const isChannel = rest.length === 2 && isServiceName(second);
    return isChannel ? { kind: 'channel', env: first, svc: second } : { kind: 'unknown' };
  }
  if (root === 'bases') return rest.length > 0 ? { kind: 'base' } : { kind: 'unknown' };
  if (root === 'mirror') return rest.length > 0 ? { kind: 'mirror' } : { kind: 'unknown' };
  const prefix = open.find((one) => isBelow(repository, one));
  return prefix === undefined ? { kind: 'unknown' } : { kind: 'open', prefix };
}
