import { z } from 'zod';

/**
 * What is signed (containers/image, docs/containers-signature.5.md): readers must refuse what `critical` holds beside these, whatever stands in
 * `optional`.
 */
export const signedImage = z.strictObject({
  critical: z.strictObject({
    type: z.literal('atomic container signature'),
    image: z.strictObject({ 'docker-manifest-digest': z.string().max(200) }),
    identity: z.strictObject({ 'docker-reference': z.string().min(1).max(500) }),
  }),
  optional: z.unknown(),
});
