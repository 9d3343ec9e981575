import { z } from 'zod';

/** A line of the file that audit entries wait in while Postgres is away. */
export const AuditLine = z.object({
  key: z.string().min(1).max(512),
  entry: z.object({
    at: z.iso.datetime(),
    actor: z.string(),
    action: z.string(),
    svc: z.string(),
    subject: z.string(),
    details: z.json(),
  }),
});
