import type { RollupOptOut } from '../../../src/domain/rollup/plan';
import type { RollupReport } from '../../../src/domain/rollup/report';
import type { Rollups, StableRelease } from '../../../src/ports/rollups';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeLedger } from './ledger';

export type FakeRollups = Rollups & CallFaults;

const STABLE = { env: 'prod', tag: 'stable' } as const;
const byService = (one: { readonly svc: string }, two: { readonly svc: string }): number =>
  one.svc < two.svc ? -1 : 1;

/** Reports and opt-outs in memory; what is stable is what the ledger says of these services. */
export function createFakeRollups(
  ledger: Pick<FakeLedger, 'findBad' | 'getChannel' | 'getStatus' | 'listReleases'>,
  services: readonly string[] = [],
): FakeRollups {
  const reports = new Map<string, RollupReport>();
  const optOuts = new Map<string, RollupOptOut>();

  async function stableOf(svc: string): Promise<readonly StableRelease[]> {
    const digest = (await ledger.getChannel(svc, STABLE))?.digest;
    if (!digest) return [];
    const releases = await ledger.listReleases({ svc, limit: 1000 });
    const release = releases.find((one) => one.outcome === 'released' && one.digest === digest);
    if (!release) return [{ svc, digest, release: null }];
    const { releaseId, version, revision, origin } = release;
    return [{ svc, digest, release: { releaseId, version, revision, origin } }];
  }

  return withCallFaults<Rollups>({
    save: (report) => {
      if ((reports.get(report.id)?.endedAt ?? null) === null) reports.set(report.id, report);
      return Promise.resolve();
    },
    get: (id) => Promise.resolve(reports.get(id) ?? null),
    list: (limit) => Promise.resolve([...reports.values()].toReversed().slice(0, limit)),
    optOut: (one) => {
      optOuts.set(one.svc, one);
      return Promise.resolve();
    },
    removeOptOut: (svc) => Promise.resolve(optOuts.delete(svc)),
    listOptOuts: () => Promise.resolve([...optOuts.values()].sort(byService)),
    stable: async (only) => {
      const asked = services.filter((svc) => only === null || only.includes(svc));
      const found = await Promise.all(asked.map(stableOf));
      return found.flat().sort(byService);
    },
    sight: (asked) =>
      Promise.all(
        asked.map(async ({ svc, releaseId }) => {
          const status = await ledger.getStatus(releaseId);
          const digest = status?.digest ?? null;
          return {
            ...{ svc, releaseId, digest },
            stage: status?.stage ?? null,
            outcome: status?.outcome ?? null,
            reason: status?.reason ?? null,
            stable: (await ledger.getChannel(svc, STABLE))?.digest ?? null,
            bad: digest === null ? null : ((await ledger.findBad(svc, digest))?.reason ?? null),
          };
        }),
      ),
  });
}
