import path from 'node:path';
import { CatalogFile } from '../contract/schema/catalog';
import { hashPolicy, PolicyFile, PolicyOverlay } from '../contract/schema/policy';
import type { Policy } from '../domain/policy';
import type { Service } from '../domain/service';
import { parseYaml, readYamlFile } from './yaml-file';

export interface LoadedPolicy {
  readonly policy: Policy;
  /** `sha256:` of the resolved policy: the same rules have the same hash, however they are written. */
  readonly hash: string;
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function merge(base: unknown, over: unknown): unknown {
  if (!isTree(base) || !isTree(over)) {
    return over;
  }
  const changed = Object.entries(over).map(([key, value]) => [key, merge(base[key], value)]);
  return { ...base, ...(Object.fromEntries(changed) as Tree) };
}

function resolve(file: string): Policy {
  const source = readYamlFile(file);
  if (!isTree(source.value) || !('extends' in source.value)) {
    return parseYaml(PolicyFile, source);
  }
  const overlay = parseYaml(PolicyOverlay, source);
  const base = readYamlFile(path.join(path.dirname(file), overlay.extends));
  parseYaml(PolicyFile, base);
  const durations = Object.entries(source.value).filter(([key]) => key !== 'extends');
  return parseYaml(PolicyFile, source, merge(base.value, Object.fromEntries(durations)));
}

/** @throws ReleaseError INVALID_INPUT that names file, line and field. */
export function loadPolicy(file: string): LoadedPolicy {
  const policy = resolve(file);
  return { policy, hash: hashPolicy(policy) };
}

/** @throws ReleaseError INVALID_INPUT that names file, line and field. */
export function loadCatalog(file: string): readonly Service[] {
  return parseYaml(CatalogFile, readYamlFile(file)).services;
}
