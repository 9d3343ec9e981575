import { failureReason } from '../src/contract/error-reason';
import { inParallel } from '../src/contract/in-parallel';
import type {
  QuarantineAlertInput,
  QuarantineHits,
  WorkloadHit,
} from '../src/contract/quarantine-messages';
import type { Digest } from '../src/domain/digest';
import { ENVIRONMENTS, type Environment } from '../src/domain/reference';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';
import { serviceOf } from './worm-evidence';

const MAX_HITS = 200;
const MAX_UNKNOWN = 20;

export type QuarantineHitsDeps = Pick<Deps, 'quarantine' | 'ledger' | 'rollout' | 'services'>;

export interface QuarantineHitsActivities {
  /** Where digests under quarantine run or are about to. A target that does not answer is told as unknown. */
  findQuarantineHits(input: QuarantineAlertInput): Promise<QuarantineHits>;
}

/** Each digest around one that is quarantined, to that one. */
type Around = ReadonlyMap<Digest, Digest>;

async function lookAround(
  { quarantine }: QuarantineHitsDeps,
  digests: readonly Digest[],
): Promise<{ readonly around: Around; readonly services: ReadonlySet<string> }> {
  const around = new Map<Digest, Digest>();
  const services = new Set<string>();
  for (const digest of digests) {
    around.set(digest, digest);
    for (const place of await quarantine.places(digest)) {
      if (!around.has(place.digest)) around.set(place.digest, digest);
      const svc = serviceOf(place.repository);
      if (svc !== null) services.add(svc);
    }
  }
  return { around, services };
}

async function inChannels(
  { ledger }: QuarantineHitsDeps,
  svc: string,
  around: Around,
): Promise<readonly WorkloadHit[]> {
  const channels = await ledger.listChannels(svc);
  return channels.flatMap(({ channel, digest: held }) => {
    const digest = held && around.get(held);
    const hit = { svc, where: channel, prod: channel.startsWith('prod:') };
    return digest ? [{ ...hit, digest }] : [];
  });
}

async function onTarget(
  { rollout }: QuarantineHitsDeps,
  svc: string,
  env: Environment,
  around: Around,
): Promise<readonly WorkloadHit[]> {
  const { stable, candidate, url } = await rollout.getState(svc, env);
  return (['stable', 'candidate'] as const).flatMap((track) => {
    const held = { stable, candidate }[track];
    const digest = held && around.get(held);
    const where = `runs in ${env} (${track}) at ${url}`;
    return digest ? [{ svc, digest, where, prod: env === 'prod' }] : [];
  });
}

/** Services at once: one target that answers slowly does not hold up what people are told of the others. */
const PARALLEL = 8;

interface Found {
  readonly hits: readonly WorkloadHit[];
  readonly unknown: readonly string[];
}

async function ofService(deps: QuarantineHitsDeps, svc: string, around: Around): Promise<Found> {
  const hits = [...(await inChannels(deps, svc, around))];
  const unknown: string[] = [];
  for (const env of ENVIRONMENTS) {
    try {
      hits.push(...(await onTarget(deps, svc, env, around)));
    } catch (error) {
      unknown.push(`what ${svc} runs in ${env}: ${failureReason(error)}`);
    }
  }
  return { hits, unknown };
}

/** Where these digests, indexes around them and images in them are used, by services on record and those given. */
export async function findWorkloads(
  deps: QuarantineHitsDeps,
  digests: readonly Digest[],
  given: readonly string[] = [],
): Promise<QuarantineHits> {
  const { around, services } = await lookAround(deps, digests);
  const known = deps.services.map(({ svc }) => svc);
  const all = [...new Set([...services, ...known, ...given])].sort();
  const found = await inParallel(all, PARALLEL, (svc) => ofService(deps, svc, around));
  const hits = found.flatMap((one) => one.hits);
  return {
    hits: hits.slice(0, MAX_HITS),
    more: Math.max(0, hits.length - MAX_HITS),
    unknown: found.flatMap((one) => one.unknown).slice(0, MAX_UNKNOWN),
  };
}

export function createQuarantineHitsActivities(deps: QuarantineHitsDeps): QuarantineHitsActivities {
  return { findQuarantineHits: (input) => heartbeating(() => findWorkloads(deps, input.digests)) };
}
