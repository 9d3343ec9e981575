import type { z } from 'zod';
import { ReleaseError } from '../../contract/errors';
import { PolicyFile } from '../../contract/schema/policy';
import { isRetentionOnly, RetentionOnly } from '../../contract/schema/policy-retention-change';
import { changeRetention, type GcPolicy } from '../../domain/gc/retention';

/** What of a policy a clean-up reads; the rest need not travel with it. */
export function gcPolicyOf({ retention, registry }: GcPolicy): GcPolicy {
  return { ...(retention && { retention }), registry: { open: registry.open } };
}

/**
 * The policy that a request asks about: a whole one, or `current` with another `retention`.
 *
 * @throws ReleaseError INVALID_INPUT that names the field
 */
export function readGcPolicy(value: unknown, current: GcPolicy): GcPolicy {
  if (isRetentionOnly(value)) {
    const { retention } = parse(RetentionOnly, value);
    return changeRetention(gcPolicyOf(current), retention);
  }
  return gcPolicyOf(parse(PolicyFile, value));
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = ['policy', ...(issue?.path ?? [])].map(String).join('.');
  throw new ReleaseError('INVALID_INPUT', `${field}: ${issue?.message ?? 'is no policy'}`, {
    details: {
      field,
      remedy:
        'give all of a policy, or its `retention` alone; one that extends another one is not read here',
    },
  });
}
