import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ROLES } from '../../domain/actor';
import { AUTHOR_MATCHES } from '../../domain/authors';
import { mirrorOf } from '../../domain/bases/family';
import type { Policy } from '../../domain/policy';
import { isRepositoryName } from '../../domain/registry/repository-class';
import type { Json } from '../../domain/verdict';
import { AccountingFile } from './policy-accounting';
import { AdmissionFile } from './policy-admission';
import { AdvisoriesFile } from './policy-advisories';
import { BasesFile } from './policy-bases';
import { ContinuousCheckFile } from './policy-continuous-check';
import { Duration, durationFrom, UNIT_MS } from './policy-duration';
import { ExceptionsFile } from './policy-exceptions';
import { RetentionFile } from './policy-retention';
import { RollupFile } from './policy-rollup';
import { ScanFile } from './policy-scan';

/** `0s`: no window at all, nothing is waited for or measured. For whole files only, an overlay can't say it. */
const WindowDuration = durationFrom(0);
/** Less than this no person could keep up with: each approval would be too old by the time of the pin. */
const ValidFor = durationFrom(5 * UNIT_MS.m, '5m');

export const Ratio = z.number().min(0).max(1);
export const Percent = z.number().gt(0).max(100);
const names = (max: number): z.ZodArray<z.ZodString> =>
  z.array(z.string().min(1).max(255)).max(max);

const GuardrailsFile = z
  .strictObject({
    maxErrorRatio: Ratio,
    maxP95: Duration,
    minRequests: z.int().min(1).max(1_000_000),
  })
  .transform(({ maxP95, ...rest }) => ({ ...rest, maxP95Ms: maxP95 }));

const windowFields = {
  window: WindowDuration,
  checkpoint: Duration,
  maxExtensions: z.int().min(0).max(100),
  guardrails: GuardrailsFile,
};

function checkWindow(
  value: { readonly window: number; readonly checkpoint: number },
  context: z.RefinementCtx,
): void {
  if (value.window > 0 && value.checkpoint > value.window) {
    context.addIssue({
      code: 'custom',
      path: ['checkpoint'],
      message: 'is longer than the window',
    });
  }
}

const CanaryFile = z
  .strictObject({ steps: z.array(Percent).min(1).max(20), ...windowFields })
  .superRefine((value, context) => {
    checkWindow(value, context);
    const ascending = value.steps.every((step, index) => step > (value.steps[index - 1] ?? 0));
    if (!ascending || value.steps.at(-1) !== 100) {
      context.addIssue({ code: 'custom', path: ['steps'], message: 'must rise and end at 100' });
    }
  })
  .transform(({ steps, window, checkpoint, ...rest }) => ({
    ...rest,
    stepsPercent: steps,
    windowMs: window,
    checkpointMs: checkpoint,
  }));

const ObservationFile = z
  .strictObject({ candidatePercent: Percent, ...windowFields })
  .superRefine(checkWindow)
  .transform(({ window, checkpoint, ...rest }) => ({
    ...rest,
    windowMs: window,
    checkpointMs: checkpoint,
  }));

const RegistryHost = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?$/, 'is not host or host:port in lower case');

const RemotePrefix = z
  .string()
  .max(500)
  .regex(
    /^https:\/\/[a-z0-9.:-]+\/(?:[^\s\\@%?#]*\/)?$/,
    'is not https://host/path/ with a / at its end',
  );

const BuildFile = z.strictObject({
  requiredLabels: names(50),
  multiStage: z.boolean(),
  refuseRoot: z.boolean(),
  bases: z.strictObject({
    allow: names(200),
    signatureRequired: z.boolean(),
    hosts: z.array(RegistryHost).max(20).exactOptional(),
  }),
  remoteSources: z.array(RemotePrefix).max(50).exactOptional(),
  trustedBuilders: names(50),
});

const ApprovalFile = z
  .strictObject({
    required: z.boolean(),
    roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
    quorum: z.int().min(1).max(10),
    timeout: Duration,
    approverMayBeRequester: z.literal(false),
    validFor: ValidFor.exactOptional(),
    authorMatch: z.array(z.enum(AUTHOR_MATCHES)).min(1).max(AUTHOR_MATCHES.length).exactOptional(),
    unknownAuthor: z.enum(['allow', 'refuse']).exactOptional(),
  })
  .transform(({ timeout, validFor, ...rest }) => ({
    ...rest,
    timeoutMs: timeout,
    ...(validFor !== undefined && { validForMs: validFor }),
  }));

const GOVERNED_ROOTS = ['apps', 'charts', 'channels', 'bases', 'mirror'];

const Prefix = z
  .string()
  .refine(isRepositoryName, 'is not a repository name, such as scratch or team/sandbox');

const RegistryFile = z
  .strictObject({
    open: z
      .array(
        Prefix.refine(
          (prefix) => !GOVERNED_ROOTS.includes(prefix.split('/')[0] ?? ''),
          `can't be below ${GOVERNED_ROOTS.join(', ')}: these are governed`,
        ),
      )
      .max(100),
    anonymousPull: z.array(Prefix).max(100),
    quarantine: z.strictObject({
      spreadToParents: z.boolean(),
      spreadToChildren: z.boolean(),
      runningGrace: durationFrom(0),
    }),
    withoutDatabase: z.strictObject({ pulls: z.enum(['serve', 'refuse']), maxAge: Duration }),
  })
  .transform(({ quarantine, withoutDatabase, ...rest }) => {
    const { runningGrace, ...spread } = quarantine;
    return {
      ...rest,
      quarantine: { ...spread, runningGraceMs: runningGrace },
      withoutDatabase: { pulls: withoutDatabase.pulls, maxAgeMs: withoutDatabase.maxAge },
    };
  });

const MAX_READY_MS = UNIT_MS.h;

const TimeoutsFile = z.strictObject({
  release: Duration,
  build: Duration,
  scan: Duration,
  dependency: Duration,
  ready: Duration.refine((ms) => ms <= MAX_READY_MS, 'is longer than 1h').exactOptional(),
});

const PolicyFields = z.strictObject({
  apiVersion: z.literal('plura.reg/v1'),
  build: BuildFile,
  scan: ScanFile,
  signing: z.strictObject({ transparencyLog: z.enum(['required', 'off']) }),
  canary: CanaryFile,
  observation: ObservationFile,
  approval: ApprovalFile,
  lane: z.strictObject({
    maxQueued: z.int().min(0).max(500),
    supersede: z.enum(['pending', 'never']),
  }),
  rollback: z
    .strictObject({ holdLane: z.boolean(), revertKeyTtl: Duration })
    .transform(({ holdLane, revertKeyTtl }) => ({ holdLane, revertKeyTtlMs: revertKeyTtl })),
  timeouts: TimeoutsFile.transform(({ release, build, scan, dependency, ready }) => ({
    releaseMs: release,
    buildMs: build,
    scanMs: scan,
    dependencyMs: dependency,
    ...(ready !== undefined && { readyMs: ready }),
  })),
  registry: RegistryFile,
  admission: AdmissionFile.exactOptional(),
  continuousCheck: ContinuousCheckFile.exactOptional(),
  advisories: AdvisoriesFile.exactOptional(),
  accounting: AccountingFile.exactOptional(),
  exceptions: ExceptionsFile.exactOptional(),
  retention: RetentionFile.exactOptional(),
  rollup: RollupFile.exactOptional(),
  bases: BasesFile.exactOptional(),
});

/** The mirror of a family is allowed by being one, so that everything that judges bases reads one list. */
function allowFamilies(policy: z.output<typeof PolicyFields>): Policy {
  const { build, bases } = policy;
  const mirrors = (bases?.families ?? []).map(({ name }) => mirrorOf(name));
  const allow = [...new Set([...build.bases.allow, ...mirrors])];
  return { ...policy, build: { ...build, bases: { ...build.bases, allow } } };
}

/** A policy file as people write it; the domain's Policy after parsing. Unknown keys are refused. */
export const PolicyFile = PolicyFields.transform(allowFamilies) satisfies z.ZodType<Policy>;

const windowDurations = z.strictObject({ window: Duration, checkpoint: Duration }).partial();

/** A file that extends another one: durations of waiting, and by its schema nothing that judges. */
export const PolicyOverlay = z.strictObject({
  apiVersion: z.literal('plura.reg/v1'),
  extends: z.string().regex(/^[a-z0-9][a-z0-9-]*\.yaml$/, 'names a file in the same folder'),
  scan: z.strictObject({ databaseMaxAge: Duration }).optional(),
  canary: windowDurations.optional(),
  observation: windowDurations.optional(),
  approval: z.strictObject({ timeout: Duration }).optional(),
  rollback: z.strictObject({ revertKeyTtl: Duration }).optional(),
  timeouts: TimeoutsFile.partial().optional(),
});
export type PolicyOverlay = z.infer<typeof PolicyOverlay>;

/** JSON with sorted keys and no spaces: one text for one value. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, member: Json) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/** `sha256:` of the canonical JSON of the resolved policy; it stands in each verdict. */
export function hashPolicy(policy: Policy): string {
  const text = canonicalJson(JSON.parse(JSON.stringify(policy)) as Json);
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
