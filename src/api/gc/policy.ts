import { ReleaseError } from '../../contract/errors';
import { PolicyFile } from '../../contract/schema/policy';
import type { GcPolicy } from '../../domain/gc/retention';

/** What of a policy a clean-up reads; the rest need not travel with it. */
export function gcPolicyOf({ retention, registry }: GcPolicy): GcPolicy {
  return { ...(retention && { retention }), registry: { open: registry.open } };
}

/** @throws ReleaseError INVALID_INPUT that names the field */
export function readGcPolicy(value: unknown): GcPolicy {
  const parsed = PolicyFile.safeParse(value);
  if (parsed.success) return gcPolicyOf(parsed.data);
  const [issue] = parsed.error.issues;
  const field = ['policy', ...(issue?.path ?? [])].map(String).join('.');
  throw new ReleaseError('INVALID_INPUT', `${field}: ${issue?.message ?? 'is no policy'}`, {
    details: {
      field,
      remedy: 'give all of a policy; one that extends another one is not read here',
    },
  });
}
