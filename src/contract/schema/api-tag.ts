import { z } from 'zod';
import { isRepositoryName } from '../../domain/registry/repository-class';
import { isTag } from '../../domain/registry/tag-rules';
import { BlockView } from './api-quarantine';

const RepositoryName = z
  .string()
  .refine(isRepositoryName, 'is not a repository name, such as apps/checkout/checkout');
const TagName = z.string().refine(isTag, 'is not a tag of the distribution-spec');

export const TagView = z.object({
  repository: z.string(),
  tag: z.string(),
  digest: z.string(),
  pushedBy: z.string(),
  pushedAt: z.string(),
  /** Null: not since the gateway keeps records. */
  lastPulledAt: z.string().nullable(),
  writeOnce: z.boolean(),
  /** Null when it may be pulled. */
  block: BlockView.nullable(),
});
export type TagView = z.infer<typeof TagView>;

export const TagList = z.object({
  repository: z.string(),
  tags: z.array(TagView).readonly(),
  /** Give it as `after` for the next page; null at the end. */
  next: z.string().nullable(),
});
export type TagList = z.infer<typeof TagList>;

export const TagListQuery = z.object({
  repository: RepositoryName,
  after: TagName.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const TagParams = z.object({ tag: TagName });
export const TagQuery = z.object({ repository: RepositoryName });

export const EVENT_KINDS = [
  'pull-blocked',
  'push-refused',
  'around-gateway',
  'drift',
  'admission-denied',
] as const;

export const EventList = z.object({
  events: z
    .array(
      z.object({
        kind: z.enum(EVENT_KINDS),
        repository: z.string(),
        reference: z.string(),
        actor: z.string(),
        at: z.string(),
        detail: z.record(
          z.string(),
          z.union([z.string(), z.number(), z.array(z.string()).readonly()]),
        ),
      }),
    )
    .readonly(),
});
export type EventList = z.infer<typeof EventList>;

export const EventQuery = z.object({
  kind: z.enum(EVENT_KINDS).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
