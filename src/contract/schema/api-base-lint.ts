import { z } from 'zod';

/** As large as a Dockerfile may be that is built. */
export const MAX_DOCKERFILE_CHARACTERS = 256 * 1024;

export const BaseLintRequest = z.strictObject({
  /** The text of a Dockerfile. */
  dockerfile: z.string().min(1).max(MAX_DOCKERFILE_CHARACTERS),
});

const Refusal = z.object({
  code: z.enum(['BUILD_REFUSED', 'LATEST_REFUSED', 'BASE_REFUSED']),
  /** Of the Dockerfile, from 1; null for what stands on no line. */
  line: z.int().nullable(),
  message: z.string(),
  remedy: z.string(),
});

/** What a build of the Dockerfile would make of it. */
export const BaseLint = z.object({
  /** False when a build would be refused before it starts. */
  accepted: z.boolean(),
  stages: z.int(),
  /** Of the final stage; null when it is the base's. */
  user: z.string().nullable(),
  images: z
    .array(
      z.object({
        /** As BuildKit would resolve it. */
        name: z.string(),
        lines: z.array(z.int()).readonly(),
        /** `repository@digest` that it would be pinned to; null when no base of that name is held. */
        pinned: z.string().nullable(),
        signed: z.boolean(),
        accepted: z.boolean(),
      }),
    )
    .readonly(),
  refusals: z.array(Refusal).readonly(),
});
export type BaseLint = z.infer<typeof BaseLint>;
