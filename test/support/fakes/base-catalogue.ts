import type {
  BaseApproval,
  BaseCatalogue,
  BaseUse,
  ImportedBase,
} from '../../../src/ports/base-catalogue';
import type { FakeLedger } from './ledger';

/** In memory; what is stable it asks the ledger. */
export function createFakeBaseCatalogue({
  ledger,
}: {
  readonly ledger: Pick<FakeLedger, 'getChannel'>;
}): BaseCatalogue {
  const bases = new Map<string, ImportedBase>();
  const approvals = new Map<string, BaseApproval>();
  const uses = new Map<string, BaseUse>();
  const keyOf = (...parts: readonly string[]): string => parts.join(' ');
  const newest = (): readonly BaseUse[] => [...uses.values()].reverse();

  async function stableUses(svc?: string): Promise<readonly BaseUse[]> {
    const found = new Map<string, BaseUse>();
    for (const use of newest()) {
      if (svc !== undefined && use.svc !== svc) continue;
      const channel = await ledger.getChannel(use.svc, { env: 'prod', tag: 'stable' });
      const key = keyOf(use.svc, use.baseRepository, use.baseDigest);
      if (channel?.digest === use.digest && !found.has(key)) found.set(key, use);
    }
    return [...found.values()].sort((a, b) => (a.svc < b.svc ? -1 : 1));
  }

  return {
    add: (base) => {
      const key = keyOf(base.repository, base.digest);
      const known = bases.get(key);
      const isNewer = known?.withdrawnAt === null && known.importedAt < base.importedAt;
      if (!known || isNewer) bases.set(key, base);
      return Promise.resolve(!known);
    },
    list: (family) =>
      Promise.resolve(
        [...bases.values()]
          .filter((base) => family === undefined || base.family === family)
          .sort((a, b) =>
            a.family === b.family
              ? Date.parse(b.importedAt) - Date.parse(a.importedAt)
              : Number(a.family > b.family) * 2 - 1,
          ),
      ),
    withdraw: (repository, digest, at) => {
      const key = keyOf(repository, digest);
      const known = bases.get(key);
      if (!known || known.withdrawnAt !== null) return Promise.resolve(false);
      bases.set(key, { ...known, withdrawnAt: at });
      return Promise.resolve(true);
    },
    approve: (approval) => {
      approvals.set(keyOf(approval.family, approval.digest), approval);
      return Promise.resolve();
    },
    findApproval: (family, digest) => Promise.resolve(approvals.get(keyOf(family, digest)) ?? null),
    recordUse: (added) => {
      for (const use of added) {
        const key = keyOf(use.releaseId, use.digest, use.baseRepository, use.baseDigest);
        if (!uses.has(key)) uses.set(key, use);
      }
      return Promise.resolve();
    },
    stableUses,
    usesOf: (baseDigest, limit) =>
      Promise.resolve(
        newest()
          .filter((use) => use.baseDigest === baseDigest)
          .slice(0, limit),
      ),
  };
}
