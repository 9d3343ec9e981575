import { z } from 'zod';
import { isNamespace, isNamespacePattern } from '../../domain/admission/namespaces';
import { WHY_CHECKS, WHY_STATES } from '../../domain/admission/why';
import { ENVIRONMENTS } from '../../domain/reference';
import { Reason } from './api-release';
import { Duration } from './policy-duration';

/** `{repository}@{digest}`; read and refused by the API, so that it can say what is wrong with it. */
const Image = z.string().min(1).max(512);

/** Exactly one of `namespace` and `environment`. */
export const GrantRequest = z.strictObject({
  image: Image,
  /** A name, or a pattern with `*`. */
  namespace: z
    .string()
    .refine(isNamespacePattern, 'is not a namespace, such as shop-prod or shop-*')
    .optional(),
  environment: z.enum(ENVIRONMENTS).optional(),
  /** Who answers for what runs. */
  owner: z.string().trim().min(1).max(200),
  reason: Reason,
  /** How long it holds, at most what the policy allows: `12h`, `7d`. */
  expiresIn: Duration,
});
export type GrantRequest = z.output<typeof GrantRequest>;

export const GrantView = z.object({
  id: z.string(),
  repository: z.string(),
  digest: z.string(),
  namespaces: z.string().nullable(),
  environment: z.enum(ENVIRONMENTS).nullable(),
  owner: z.string(),
  reason: z.string(),
  grantedBy: z.string(),
  grantedAt: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
  revokedBy: z.string().nullable(),
  revokeReason: z.string().nullable(),
});
export type GrantView = z.infer<typeof GrantView>;

export const GrantList = z.object({ grants: z.array(GrantView).readonly() });
export type GrantList = z.infer<typeof GrantList>;

export const DenialRequest = z.strictObject({
  /** With its repository or alone: nobody may run the digest, wherever it lies. */
  image: Image,
  reason: Reason,
});

export const DenialView = z.object({
  digest: z.string(),
  repository: z.string().nullable(),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
  liftedAt: z.string().nullable(),
  liftedBy: z.string().nullable(),
  liftReason: z.string().nullable(),
});
export type DenialView = z.infer<typeof DenialView>;

export const DenialList = z.object({ denials: z.array(DenialView).readonly() });
export type DenialList = z.infer<typeof DenialList>;

export const HoldRequest = z.strictObject({
  /** With its repository or alone: the hold is of the digest, wherever it lies. */
  image: Image,
  reason: Reason,
  /** RFC 3339; without it until somebody releases it. */
  until: z.iso.datetime({ offset: true }).optional(),
});

export const HoldView = z.object({
  id: z.string(),
  digest: z.string(),
  repository: z.string().nullable(),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
  until: z.string().nullable(),
  releasedAt: z.string().nullable(),
  releasedBy: z.string().nullable(),
  releaseReason: z.string().nullable(),
});
export type HoldView = z.infer<typeof HoldView>;

export const HoldList = z.object({ holds: z.array(HoldView).readonly() });
export type HoldList = z.infer<typeof HoldList>;

export const HoldParams = z.object({ id: z.string().min(1).max(64) });

export const AllowListQuery = z.object({
  /** Those that ended too. */
  all: z.stringbool().default(false),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** A DELETE has no body. */
export const EndQuery = z.object({ reason: Reason });
export const GrantParams = z.object({ id: z.string().min(1).max(64) });
export const DenialParams = z.object({ digest: z.string().min(1).max(100) });
export const LiftAnswer = z.object({ digest: z.string(), lifted: z.literal(true) });

export const WhyQuery = z.object({
  image: Image,
  namespace: z.string().refine(isNamespace, 'is not the name of a namespace'),
});

export const WhyView = z.object({
  /** As it was asked for. */
  image: z.string(),
  repository: z.string(),
  /** Null: a tag of another registry, which is not asked. */
  digest: z.string().nullable(),
  namespace: z.string(),
  environment: z.enum(ENVIRONMENTS).nullable(),
  /** By the allow-list, and by the registry that the image names. */
  allowed: z.boolean(),
  /**
   * Whether signatures, provenance and the CVE verdict hold; unknown: not all could be asked, the names of our registry included, and
   * admission lets nothing in by that. Of an image of another registry nothing is asked.
   */
  evidence: z.enum(['holds', 'fails', 'unknown']),
  /** Allowed until then at the longest. Null: no end is known, or it is not allowed. */
  expiresAt: z.string().nullable(),
  at: z.string(),
  /** Of the allow-list; moves with each change. */
  revision: z.number(),
  /** allows, blocks, lacks and unknown make the answer; ok and none decide nothing. */
  steps: z
    .array(
      z.object({
        check: z.enum(['registry', 'digest', ...WHY_CHECKS]),
        state: z.enum(WHY_STATES),
        text: z.string(),
      }),
    )
    .readonly(),
});
export type WhyView = z.infer<typeof WhyView>;
