import type { PreflightSettings } from '../src/contract/drill-messages';
import { inParallel } from '../src/contract/in-parallel';
import type { CompletenessFault } from '../src/domain/completeness';
import type { Digest } from '../src/domain/digest';
import {
  ALL_BAD,
  judgePreflight,
  preflightTarget,
  type JudgedPreflight,
  type Preflight,
  type PreflightTarget,
} from '../src/domain/drill/preflight';
import { appRepository } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import { checkCompleteness, type CompletenessDeps } from './completeness';
import type { Deps } from './deps';
import { localReason } from './reconcile-look';
import { readStablePast } from './stable-past';

export interface CheckTargetsInput {
  /** The service before; null = from the first. */
  readonly after: string | null;
  readonly limit: number;
  readonly settings: PreflightSettings;
}

export type PassTargetsInput = Pick<CheckTargetsInput, 'after' | 'limit'>;

export interface CheckTargetsResult {
  readonly checked: readonly JudgedPreflight[];
  /** What could not be found out, one sentence a service. */
  readonly errors: readonly string[];
  /** Null at the end of the catalogue. */
  readonly next: string | null;
}

export interface PreflightActivities {
  /**
   * Renews the leases of rollback targets, and looks whether they have all they need. A slice of the catalogue, by name.
   * Throws LEDGER_UNAVAILABLE; what else can't be found out is an error of its service.
   */
  checkRollbackTargets(input: CheckTargetsInput): Promise<CheckTargetsResult>;
  /** Where the slice ends that could not be looked at; looks at nothing. */
  passRollbackTargets(input: PassTargetsInput): Promise<Pick<CheckTargetsResult, 'next'>>;
  recordPreflights(input: { readonly preflights: readonly Preflight[] }): Promise<void>;
}

type PreflightDeps = CompletenessDeps & Pick<Deps, 'services' | 'leases' | 'drills'>;

/** Services looked at side by side; each makes a few requests at a time itself. */
const PARALLEL = 4;

export function createPreflightActivities(deps: PreflightDeps): PreflightActivities {
  return {
    checkRollbackTargets: (input) => checkRollbackTargets(deps, input),
    passRollbackTargets: (input) => Promise.resolve({ next: sliceOf(deps, input).next }),
    recordPreflights: async ({ preflights }) => {
      for (const preflight of preflights) await deps.drills.savePreflight(preflight);
    },
  };
}

function byName(one: Service, other: Service): number {
  return one.svc < other.svc ? -1 : 1;
}

interface TargetSlice extends Pick<CheckTargetsResult, 'next'> {
  readonly services: readonly Service[];
}

function sliceOf(deps: Pick<Deps, 'services'>, { after, limit }: PassTargetsInput): TargetSlice {
  const left = deps.services.toSorted(byName).filter(({ svc }) => after === null || svc > after);
  const services = left.slice(0, limit);
  return { services, next: left.length > limit ? (services.at(-1)?.svc ?? null) : null };
}

async function checkRollbackTargets(
  deps: PreflightDeps,
  input: CheckTargetsInput,
): Promise<CheckTargetsResult> {
  const { services, next } = sliceOf(deps, input);
  const errors: string[] = [];
  const checked = await inParallel(services, PARALLEL, async (service) => {
    try {
      return await checkService(deps, service, input.settings);
    } catch (error) {
      errors.push(`${service.svc}: ${localReason(error)}`);
      return null;
    }
  });
  return { checked: checked.filter((one) => one !== null), errors, next };
}

async function checkService(
  deps: PreflightDeps,
  service: Service,
  settings: PreflightSettings,
): Promise<JudgedPreflight> {
  const { svc } = service;
  const now = deps.now();
  const [stable, past, before] = await Promise.all([
    deps.ledger.getChannel(svc, { env: 'prod', tag: 'stable' }),
    readStablePast(deps.ledger, svc),
    deps.drills.getPreflight(svc),
  ]);
  const current = stable?.digest ?? null;
  const target = preflightTarget({ svc, current, ...past, nowMs: now.getTime() });
  const found = await lookAt(deps, service, target, settings);
  return judgePreflight(before, { svc, ...found, checkedAt: now.toISOString() });
}

type Looked = Pick<Preflight, 'digest' | 'faults' | 'leaseUntil'>;

async function lookAt(
  deps: PreflightDeps,
  service: Service,
  target: PreflightTarget,
  settings: PreflightSettings,
): Promise<Looked> {
  if (target.kind !== 'digest') {
    const faults: readonly CompletenessFault[] = target.kind === 'all-bad' ? [ALL_BAD] : [];
    return { digest: null, faults, leaseUntil: null };
  }
  const { digest } = target;
  // Before the look: what is there now is there until the next one.
  const leaseUntil = await renewLease(deps, service, digest, settings.leaseMs);
  const faults = await checkCompleteness(deps, { service, digest, ...settings });
  return { digest, faults, leaseUntil };
}

async function renewLease(
  { leases, now }: PreflightDeps,
  { svc, name }: Service,
  digest: Digest,
  leaseMs: number,
): Promise<string> {
  const renewed = now();
  const { expiresAt } = await leases.renew({
    repository: appRepository(svc, name),
    digest,
    reason: 'rollback-target',
    svc,
    renewedAt: renewed.toISOString(),
    expiresAt: new Date(renewed.getTime() + leaseMs).toISOString(),
  });
  return expiresAt;
}
