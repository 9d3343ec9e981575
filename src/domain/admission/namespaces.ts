import type { Environment } from '../reference';

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

/** `*` stands for any run of characters, none included; all else for itself. Linear in the text, whatever the pattern. */
export function matchesNamespace(pattern: string, namespace: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === namespace;
  if (!namespace.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const found = namespace.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return namespace.length - last.length >= from && namespace.endsWith(last);
}

/** An exact name before a pattern; where several patterns fit, the strictest environment. Null: none knows it. */
export function environmentOf(
  namespace: string,
  namespaces: NamespacesByEnvironment,
): Environment | null {
  const exact = STRICTEST_FIRST.find((env) => namespaces[env].includes(namespace));
  const byPattern = (env: Environment): boolean =>
    namespaces[env].some((pattern) => matchesNamespace(pattern, namespace));
  return exact ?? STRICTEST_FIRST.find(byPattern) ?? null;
}
