import { ReleaseError } from '../src/contract/errors';
import type { ServiceLook } from '../src/contract/continuous-check';
import { isOnlyWarm, type CheckFinding } from '../src/domain/continuous-check/finding';
import { mostTelling } from '../src/domain/continuous-check/most-telling';
import {
  strangersOf,
  subjectsOf,
  type ChannelHead,
  type RunningTracks,
} from '../src/domain/continuous-check/subjects';
import type { Environment } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { CheckDeps } from './continuous-check';
import { lookAtChannelTags } from './continuous-check-channels';
import { verifyDigest } from './continuous-check-digest';
import { localReason, unknownAt } from './continuous-check-unknown';

/** Where images serve; dev has channels only. */
const TARGETS = ['stg', 'prod'] as const satisfies readonly Environment[];

/** A service with more than this is not well in one way rather than in many. */
const MAX_FINDINGS = 10;
const MAX_REASON = 300;

interface Tracks {
  readonly running: RunningTracks | null;
  readonly findings: readonly CheckFinding[];
}

async function readTracks(
  { rollout }: Pick<CheckDeps, 'rollout'>,
  svc: string,
  env: Environment,
): Promise<Tracks> {
  try {
    const { stable, candidate, warm = [], drift = [] } = await rollout.getState(svc, env);
    const findings = drift.map((reason) => changedAt(env, reason));
    return { running: { env, stable, candidate, warm }, findings };
  } catch (error) {
    const reason = localReason(error);
    // It answers, and with something that nobody but a stranger can have put there.
    const isChanged = error instanceof ReleaseError && error.code === 'ROLLOUT_FAILED';
    const changed = isChanged ? [changedAt(env, reason)] : [];
    return { running: null, findings: [unknownAt('unknown-digest', env, reason), ...changed] };
  }
}

function changedAt(env: Environment, reason: string): CheckFinding {
  return { check: 'target-drift', result: 'failed', where: [env], digest: null, reason };
}

/** What runs beside the channels is right only while something moves. */
async function lookAtStrangers(
  { systemLanes: lanes }: Pick<CheckDeps, 'systemLanes'>,
  svc: string,
  channels: readonly ChannelHead[],
  running: readonly RunningTracks[],
): Promise<readonly CheckFinding[]> {
  const strangers = strangersOf(channels, running);
  if (strangers.length === 0) return [];
  try {
    const lane = await lanes.look(svc);
    if (lane.running !== null || lane.rollbackRunning) return [];
  } catch (error) {
    const reason = localReason(error);
    return strangers.map(({ where }) => unknownAt('unknown-digest', where, reason));
  }
  return strangers.map(({ digest, where, expected }) => ({
    check: 'unknown-digest',
    result: 'failed',
    where: [where],
    digest,
    reason: `${digest} runs, though the channel says ${expected ?? 'nothing'}.`,
  }));
}

/**
 * What serves nobody may have lapsed; before it serves again it is asked for all of it. Nor is it blocked for a vulnerability: it is what
 * a rollback goes to when what replaced it is worse, and rescans and cases judge it.
 */
function isOfWarm({ check, result }: CheckFinding): boolean {
  return result !== 'doubtful' && check !== 'cve';
}

/** One look at all that runs of a service and all that its channels point at. Throws LEDGER_UNAVAILABLE. */
export async function lookAtService(deps: CheckDeps, service: Service): Promise<ServiceLook> {
  const { svc } = service;
  const [{ channels, findings: tags }, ...targets] = await Promise.all([
    lookAtChannelTags(deps, svc),
    ...TARGETS.map((env) => readTracks(deps, svc, env)),
  ]);
  const running = targets.flatMap((target) => target.running ?? []);
  const subjects = subjectsOf(channels, running);
  const verified = await Promise.all(
    subjects.map(async (subject) => {
      const said = await verifyDigest(deps, service, subject);
      return isOnlyWarm(subject) ? said.filter(isOfWarm) : said;
    }),
  );
  const findings = [
    ...verified.flat(),
    ...targets.flatMap((target) => target.findings),
    ...(await lookAtStrangers(deps, svc, channels, running)),
    ...tags,
  ];
  return {
    svc,
    digests: subjects.length,
    findings: mostTelling(findings, MAX_FINDINGS).map((one) => ({
      ...one,
      reason: one.reason.slice(0, MAX_REASON),
    })),
  };
}
