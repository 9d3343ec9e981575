import { z } from 'zod';
import { EDGES, FREEZE_ENVIRONMENTS } from '../../domain/freeze';
import { isServiceName } from '../../domain/reference';
import { Reason } from './api-release';

const Svc = z.string().min(1).max(63);
const Time = z.string().min(1).max(40);

/** Either `from` and `to`, or `rule`, `start`, `duration` and `timeZone`; read and refused field by field. */
export const FreezeRequest = z.strictObject({
  name: z
    .string()
    .refine(isServiceName, 'is not a name such as weekend: lower-case letters, digits, . _ -'),
  /** Every service without it. */
  svc: Svc.optional(),
  environments: z
    .array(z.enum(FREEZE_ENVIRONMENTS))
    .min(1)
    .max(FREEZE_ENVIRONMENTS.length)
    .default([...FREEZE_ENVIRONMENTS]),
  reason: Reason,
  /** RFC 3339, or without offset a time of `timeZone`. */
  from: Time.optional(),
  to: Time.optional(),
  /** RFC 5545 RRULE, e.g. `FREQ=WEEKLY;BYDAY=FR`. */
  rule: z.string().min(1).max(320).optional(),
  /** DTSTART, e.g. `2026-01-02T18:00`, a time of `timeZone`. */
  start: Time.optional(),
  /** RFC 5545 duration, `PT62H`, or `62h`. */
  duration: z.string().min(1).max(40).optional(),
  /** IANA name, e.g. `Europe/Berlin`. */
  timeZone: z.string().min(1).max(64).optional(),
  /** EXDATE: days, or begins, that are left out. */
  except: z.array(Time).max(200).optional(),
});
export type FreezeRequest = z.output<typeof FreezeRequest>;

const StretchView = z.object({ from: z.string(), to: z.string() });

const ScheduleView = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('once'),
    from: z.string(),
    to: z.string(),
    timeZone: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('recurring'),
    rule: z.string(),
    start: z.string(),
    timeZone: z.string(),
    duration: z.string(),
    except: z.array(z.string()).readonly(),
  }),
]);

export const FreezeView = z.object({
  name: z.string(),
  /** Null: every service. */
  svc: z.string().nullable(),
  environments: z.array(z.enum(FREEZE_ENVIRONMENTS)).readonly(),
  schedule: ScheduleView,
  reason: z.string(),
  createdBy: z.string(),
  createdAt: z.string(),
  deletedAt: z.string().nullable(),
  deletedBy: z.string().nullable(),
  deleteReason: z.string().nullable(),
  /** The one under way and those to come, three at most; in UTC. Empty when it is over. */
  next: z.array(StretchView).readonly(),
});
export type FreezeView = z.infer<typeof FreezeView>;

export const StopView = z.object({
  /** Null: every service. */
  svc: z.string().nullable(),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
});
export type StopView = z.infer<typeof StopView>;

export const FreezeList = z.object({
  freezes: z.array(FreezeView).readonly(),
  stops: z.array(StopView).readonly(),
});
export type FreezeList = z.infer<typeof FreezeList>;

export const FreezeQuery = z.object({
  svc: Svc.optional(),
  /** Deleted ones too. */
  all: z.stringbool().default(false),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const FreezeParams = z.object({ name: z.string().min(1).max(63) });
export const DeleteFreezeRequest = z.strictObject({ reason: Reason });
export const DeleteFreezeAnswer = z.object({ name: z.string(), deleted: z.literal(true) });

/** `svc` left out: every service. */
export const LineRequest = z.strictObject({ svc: Svc.optional(), reason: Reason });

export const ResumeAnswer = z.object({
  svc: z.string().nullable(),
  /** False when it was not stopped. */
  resumed: z.boolean(),
  /** Stops that are still in force. */
  stops: z.array(StopView).readonly(),
});
export type ResumeAnswer = z.infer<typeof ResumeAnswer>;

const EDGE_NAMES = [...new Set(EDGES.map(({ edge }) => edge))];

export const EdgeView = z.object({
  env: z.enum(FREEZE_ENVIRONMENTS),
  edge: z.enum(EDGE_NAMES),
  state: z.enum(['open', 'frozen']),
  cause: z.enum(['freeze', 'stop']).nullable(),
  /** Of the freeze. */
  name: z.string().nullable(),
  reason: z.string().nullable(),
  by: z.string().nullable(),
  since: z.string().nullable(),
  /** When it opens. Null while it is frozen: when someone opens it. */
  until: z.string().nullable(),
});
export type EdgeView = z.infer<typeof EdgeView>;

export const FreezeCheck = z.object({
  svc: z.string(),
  at: z.string(),
  open: z.boolean(),
  edges: z.array(EdgeView).readonly(),
  /** Freezes that begin later, soonest first, within five weeks. */
  next: z
    .array(
      StretchView.extend({
        name: z.string(),
        environments: z.array(z.enum(FREEZE_ENVIRONMENTS)).readonly(),
        reason: z.string(),
      }),
    )
    .readonly(),
});
export type FreezeCheck = z.infer<typeof FreezeCheck>;
