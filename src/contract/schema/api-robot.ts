import { z } from 'zod';
import { REGISTRY_ACTIONS, ROBOT_KINDS } from '../../domain/registry/principal';
import { isRobotName } from '../../domain/registry/robot';
import {
  DEFAULT_GRACE,
  DEFAULT_LIFETIME,
  parseGrace,
  parseLifetime,
} from '../../domain/registry/robot-lifetime';
import { isScopePattern } from '../../domain/registry/robot-scope';
import { Reason } from './api-release';

const RobotName = z
  .string()
  .max(63)
  .refine(isRobotName, 'is not a name such as checkout-ci: lower-case letters, digits, . _ -');

/** For names of robots that are there: an odd one is not found. */
export const RobotParams = z.object({ name: z.string().min(1).max(63) });

const RobotScope = z.strictObject({
  repositories: z
    .string()
    .max(258)
    .refine(isScopePattern, 'is not a repository, {prefix}/** or **, such as apps/checkout/**'),
  actions: z.array(z.enum(REGISTRY_ACTIONS)).min(1).max(REGISTRY_ACTIONS.length).readonly(),
});

/** Text in which a time stands; what `parse` refuses is said in its own words. */
function spanText(parse: (text: string) => unknown): z.ZodString {
  return z
    .string()
    .max(20)
    .superRefine((text, context) => {
      try {
        parse(text);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
      }
    });
}

export const CreateRobotRequest = z.strictObject({
  name: RobotName,
  kind: z.enum(ROBOT_KINDS).default('robot'),
  scopes: z.array(RobotScope).min(1).max(100).readonly(),
  description: Reason.optional(),
  /** How long it lives, at most `366d`; an admin may give `never`. */
  expiresIn: spanText(parseLifetime).default(DEFAULT_LIFETIME),
});
export type CreateRobotRequest = z.output<typeof CreateRobotRequest>;

/** `grace`: how long the old secret works beside the new one, at most `30d`; `0s` = not at all. */
export const RotateRobotRequest = z
  .strictObject({ grace: spanText(parseGrace).default(DEFAULT_GRACE) })
  .nullish();

export const DisableRobotRequest = z.strictObject({ reason: Reason.optional() }).nullish();

export const RobotView = z.object({
  name: z.string(),
  kind: z.enum(ROBOT_KINDS),
  state: z.enum(['active', 'disabled', 'expired']),
  scopes: z
    .array(
      z.object({ repositories: z.string(), actions: z.array(z.enum(REGISTRY_ACTIONS)).readonly() }),
    )
    .readonly(),
  description: z.string(),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  disabledAt: z.string().nullable(),
  rotatedAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
});
export type RobotView = z.infer<typeof RobotView>;

export const RobotList = z.object({ robots: z.array(RobotView).readonly() });

export const CreateRobotAnswer = z.object({
  robot: RobotView,
  /** Shown this once; what is kept is its hash. */
  secret: z.string(),
});
export type CreateRobotAnswer = z.infer<typeof CreateRobotAnswer>;

export const RotateRobotAnswer = CreateRobotAnswer.extend({ oldSecretValidUntil: z.string() });

export const DeleteRobotAnswer = z.object({ name: z.string(), deleted: z.literal(true) });
