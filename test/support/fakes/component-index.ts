import type { AdvisorySeverity } from '../../../src/domain/advisories/advisory';
import type { Component } from '../../../src/domain/advisories/component';
import type { Digest } from '../../../src/domain/digest';
import type { ComponentIndex, IndexedSbom, ReleasedSbom } from '../../../src/ports/component-index';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeContents } from './inventory-contents';
import type { FakeLedger } from './ledger';

export interface HeldMatch {
  readonly severity: AdvisorySeverity;
  readonly fixedVersion: string | null;
  readonly since: string;
  readonly broughtBy: string | null;
}

export interface HeldComponent extends Component {
  readonly id: number;
  readonly addedAt: string;
  matched: boolean;
  changedAt: string | null;
  matches: Map<string, HeldMatch>;
}

export interface HeldPackage {
  readonly id: number;
  advisories: string | null;
}

/** What the fakes of the index and of matches share. */
export interface FakeComponents {
  readonly components: Map<string, HeldComponent>;
  readonly packages: Map<string, HeldPackage>;
  readonly digests: Map<Digest, IndexedSbom | 'gone'>;
}

export type FakeComponentIndex = ComponentIndex & CallFaults & { readonly held: FakeComponents };

export function packageKey({ space, name, products }: Component): string {
  return [space, name, ...products].join(' | ');
}

export function componentKey(one: Component): string {
  return [packageKey(one), one.version, one.purl, one.arch].join(' | ');
}

function dropUnused({ components, packages, digests }: FakeComponents): void {
  const used = new Set(
    [...digests.values()].flatMap((one) =>
      one === 'gone' ? [] : one.components.map(componentKey),
    ),
  );
  for (const key of components.keys()) if (!used.has(key)) components.delete(key);
  const kept = new Set([...components.values()].map(packageKey));
  for (const key of packages.keys()) if (!kept.has(key)) packages.delete(key);
}

async function released(ledger: FakeLedger): Promise<readonly ReleasedSbom[]> {
  const found = new Map<Digest, ReleasedSbom>();
  for (const { digest, repository } of await ledger.listReleases({ limit: 10_000 })) {
    const sbom = ledger.verdicts.findLast(
      ({ verdict }) =>
        verdict.gate === 'sbom' && verdict.subject === digest && verdict.outcome === 'pass',
    );
    const { document } = (sbom?.verdict.evidence ?? {}) as { readonly document?: string };
    if (digest && document !== undefined && !found.has(digest)) {
      found.set(digest, { digest, repository, sbom: document });
    }
  }
  return [...found.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** Released digests whose SBOM on record is not indexed. */
export async function missingOf(
  ledger: FakeLedger,
  { digests }: Pick<FakeComponents, 'digests'>,
): Promise<readonly ReleasedSbom[]> {
  return (await released(ledger)).filter(({ digest, sbom }) => {
    const known = digests.get(digest);
    return known !== 'gone' && known?.sbom !== sbom;
  });
}

interface FakeIndexParts {
  readonly ledger: FakeLedger;
  /** Other places of a digest that is deleted. */
  readonly contents: FakeContents;
}

export function createFakeComponentIndex({ ledger, contents }: FakeIndexParts): FakeComponentIndex {
  const held: FakeComponents = { components: new Map(), packages: new Map(), digests: new Map() };
  let nextId = 0;

  const missing = (): Promise<readonly ReleasedSbom[]> => missingOf(ledger, held);

  return withCallFaults<ComponentIndex & { readonly held: FakeComponents }>({
    held,
    put: (one) => {
      for (const component of one.components) {
        const pack = packageKey(component);
        const key = componentKey(component);
        if (!held.packages.has(pack)) held.packages.set(pack, { id: ++nextId, advisories: null });
        if (held.components.has(key)) continue;
        const fresh = { matched: false, changedAt: null, matches: new Map<string, HeldMatch>() };
        held.components.set(key, { ...component, ...fresh, id: ++nextId, addedAt: one.at });
      }
      held.digests.set(one.digest, one);
      dropUnused(held);
      return Promise.resolve();
    },
    forget: async ({ repository, digest }) => {
      const known = await ledger.listReleases({ limit: 10_000 });
      const elsewhere = [...contents.manifests.values()].some(
        ({ record, pending }) =>
          record.digest === digest && record.repository !== repository && !pending,
      );
      if (elsewhere || !known.some((one) => one.digest === digest)) return;
      held.digests.set(digest, 'gone');
      dropUnused(held);
    },
    recall: (digest) => {
      if (held.digests.get(digest) === 'gone') held.digests.delete(digest);
      return Promise.resolve();
    },
    missing: async (after, limit) =>
      (await missing()).filter(({ digest }) => after === null || digest > after).slice(0, limit),
    counts: async () => ({
      digests: [...held.digests.values()].filter((one) => one !== 'gone').length,
      components: held.components.size,
      missing: (await missing()).length,
    }),
  });
}
