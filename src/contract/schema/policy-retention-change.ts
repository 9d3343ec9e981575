import { z } from 'zod';
import type { RetentionChange } from '../../domain/gc/retention';
import {
  BudgetFields,
  Grace,
  KeepLast,
  RepositoriesFile,
  RunFields,
  SomeWindowsFile,
} from './policy-retention';

const RetentionChangeFile = z
  .strictObject({
    windows: SomeWindowsFile.exactOptional(),
    keepLast: KeepLast.exactOptional(),
    untaggedGrace: Grace.exactOptional(),
    repositories: RepositoriesFile.exactOptional(),
    // The rest of the section may stand there too. It is about when a plan runs, not about what goes.
    budget: BudgetFields.partial().exactOptional(),
    ...z.strictObject(RunFields).partial().shape,
  })
  .transform(({ windows, keepLast, untaggedGrace, repositories }): RetentionChange => ({
    ...(windows && { windows }),
    ...(keepLast !== undefined && { keepLast }),
    ...(untaggedGrace !== undefined && { untaggedGraceMs: untaggedGrace }),
    ...(repositories && { repositories }),
  }));

/** A file that says of a clean-up what would differ from the policy in force, and nothing else. */
export const RetentionOnly = z.strictObject({
  apiVersion: z.literal('plura.reg/v1').exactOptional(),
  retention: RetentionChangeFile,
});

/** Whether `value` is to be read as that; anything else has to be a whole policy. */
export function isRetentionOnly(value: unknown): boolean {
  if (value === null || typeof value !== 'object' || !('retention' in value)) return false;
  return Object.keys(value).every((key) => key === 'retention' || key === 'apiVersion');
}
