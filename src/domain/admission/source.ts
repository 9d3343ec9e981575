import { asText, at, hasPrefix } from '../provenance';
import type { Json } from '../verdict';

/**
 * The source repository that a provenance names: where the build was read from, or, where it was sent to the builder,
 * the label that the image was given (buildkit, docs/attestations/slsa-definitions.md, externalParameters).
 */
export function sourceOf(predicate: Json | null): string {
  const parameters = at(predicate, 'buildDefinition', 'externalParameters') ?? null;
  return (
    asText(at(parameters, 'configSource', 'uri')) ||
    asText(at(parameters, 'request', 'args', 'label:org.opencontainers.image.source'))
  );
}

/** Null when it may be: one of the trusted prefixes, ending at a border of the address. None trusted accepts any. */
export function judgeSource(predicate: Json | null, trusted: readonly string[]): string | null {
  const source = sourceOf(predicate);
  if (trusted.length === 0 || trusted.some((prefix) => hasPrefix(source, prefix))) return null;
  return `It was built from "${source || 'an unnamed source'}", which is not trusted.`;
}
