import type { Environment } from '../reference';
import { matchesGlob } from './glob';

/** Names of namespaces, exact or with `*`, by the environment they belong to. */
export type NamespacesByEnvironment = Readonly<Record<Environment, readonly string[]>>;

const STRICTEST_FIRST: readonly Environment[] = ['prod', 'stg', 'dev'];

// RFC 1123 label, as Kubernetes names namespaces.
const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const PATTERN = /^[-a-z0-9*]{1,63}$/;

export function isNamespace(text: string): boolean {
  return NAMESPACE.test(text);
}

/** An exact name, or one with `*` in it, such as `shop-*`. */
export function isNamespacePattern(text: string): boolean {
  return text.includes('*') ? PATTERN.test(text) : isNamespace(text);
}

/**
 * A name that belongs to the environment, for who asks of that as a whole: an exact one, else the shortest that its first
 * pattern takes. Null: the policy names none.
 */
export function anyNamespaceOf(
  environment: Environment,
  namespaces: NamespacesByEnvironment,
): string | null {
  const names = namespaces[environment];
  return names.find((name) => !name.includes('*')) ?? names[0]?.replaceAll('*', '') ?? null;
}

/** An exact name before a pattern; where several patterns fit, the strictest environment. Null: none knows it. */
export function environmentOf(
  namespace: string,
  namespaces: NamespacesByEnvironment,
): Environment | null {
  const exact = STRICTEST_FIRST.find((env) => namespaces[env].includes(namespace));
  const byPattern = (env: Environment): boolean =>
    namespaces[env].some((pattern) => matchesGlob(pattern, namespace));
  return exact ?? STRICTEST_FIRST.find(byPattern) ?? null;
}
