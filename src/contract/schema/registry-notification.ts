import { z } from 'zod';

export const NOTIFICATION_TYPE = 'application/vnd.docker.distribution.events.v2+json';

const text = z.string().max(4096).nullish();

/** distribution/docs/content/about/notifications.md, "Envelope"; only what is used, all of it checked again by its user. */
const event = z.looseObject({
  action: z.string().max(32),
  timestamp: text,
  target: z.looseObject({
    mediaType: text,
    digest: text,
    size: z.number().nonnegative().nullish(),
    repository: text,
    fromRepository: text,
    tag: text,
  }),
  request: z.looseObject({ addr: text, useragent: text }).nullish(),
  actor: z.looseObject({ name: text }).nullish(),
});

export const registryNotification = z.looseObject({ events: z.array(event).max(1000) });

export type RegistryNotificationEvent = z.infer<typeof event>;
