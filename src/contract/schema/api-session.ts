import { z } from 'zod';
import { ROLES } from '../../domain/actor';

export const WhoAmI = z.object({
  subject: z.string(),
  roles: z.array(z.enum(ROLES)).readonly(),
});
export type WhoAmI = z.infer<typeof WhoAmI>;

/** Answer of an issuer's token endpoint (RFC 6749, 5.1). */
export const TokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().optional(),
});
