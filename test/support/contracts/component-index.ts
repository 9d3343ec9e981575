import type { Component } from '../../../src/domain/advisories/component';
import type { Digest } from '../../../src/domain/digest';
import type { AdvisoryMatches } from '../../../src/ports/advisory-matches';
import type { ComponentIndex } from '../../../src/ports/component-index';
import type { Inventory } from '../../../src/ports/inventory';
import type { Ledger } from '../../../src/ports/ledger';
import type { Rescans } from '../../../src/ports/rescans';
import { releaseStatus } from '../api-fixtures';
import { debian, npm } from '../component-builders';
import { pushed } from './inventory-builders';
import { A, B, digestOf, T0 } from './ledger-builders';

export interface ComponentsUnderTest {
  readonly index: ComponentIndex;
  readonly matches: AdvisoryMatches;
  readonly rescans: Rescans;
  readonly ledger: Ledger;
  readonly inventory: Inventory;
  close(): Promise<void>;
}

const REPOSITORY = 'apps/shop/web';
export const SBOM = digestOf('sbom');
export const ALL = { unmatched: false, after: null, limit: 100 };

/** A release of the service with a recorded SBOM. */
export async function released(
  ledger: Ledger,
  digest: Digest,
  svc = 'shop',
  sbom = SBOM,
): Promise<void> {
  const releaseId = `${svc}/1.0.0_${digest.slice(7, 14)}`;
  const of = { svc, repository: `apps/${svc}/web`, digest, outcome: 'released' } as const;
  await ledger.saveStatus(releaseStatus({ releaseId, ...of }), `run of ${digest}`, 1);
  const verdict = { gate: 'sbom', subject: digest, outcome: 'pass', reasons: [] } as const;
  const recorded = { ...verdict, evidence: { document: sbom } };
  await ledger.recordVerdict(releaseId, `run of ${digest}`, 'policy', recorded, T0);
}

export async function put(
  index: ComponentIndex,
  digest: Digest,
  components: readonly Component[],
  over: { readonly uncovered?: readonly string[]; readonly at?: string } = {},
): Promise<void> {
  await index.put({ digest, sbom: SBOM, components, uncovered: [], at: T0, ...over });
}

/** What every index of components must do. `open` gives an empty one; it is closed after each test. */
export function describeComponentIndex(
  name: string,
  open: () => Promise<ComponentsUnderTest>,
): void {
  describe(`component index contract: ${name}`, () => {
    let under: ComponentsUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    async function names(): Promise<readonly string[]> {
      const packages = await under.matches.packages(ALL);
      return packages.map((one) => one.name).sort();
    }

    const missing = async (): Promise<readonly Digest[]> =>
      (await under.index.missing(null, 100)).map(({ digest }) => digest);

    it('keeps each component once, whoever is made of it and however often it is listed', async () => {
      await put(under.index, A, [debian(), debian(), npm('qs', '6.5.2')]);
      await put(under.index, B, [debian(), debian({ arch: 'arm64' })]);

      const packages = await under.matches.packages(ALL);

      expect(packages.map((one) => [one.name, one.components.length])).toEqual([
        ['openssl', 2],
        ['qs', 1],
      ]);
      const { id, ...component } = packages[0]!.components[0]!;
      expect(component).toEqual(debian());
      expect(await under.index.counts()).toEqual({ digests: 2, components: 3, missing: 0 });
    });

    it('tells packages of other products apart', async () => {
      const redHat = debian({ space: 'Red Hat', products: ['rhel-9-baseos', 'x'] });
      await put(under.index, A, [redHat, { ...redHat, products: [] }]);

      const packages = await under.matches.packages(ALL);

      expect(packages.map(({ products }) => products)).toEqual(
        expect.arrayContaining([['rhel-9-baseos', 'x'], []]),
      );
      expect(packages).toHaveLength(2);
    });

    it('replaces what was known of a digest, and drops what nothing is made of any more', async () => {
      await put(under.index, A, [debian(), npm('qs', '6.5.2')]);

      await put(under.index, A, [debian()]);

      expect(await names()).toEqual(['openssl']);
      expect(await under.index.counts()).toMatchObject({ components: 1 });
    });

    it('takes an SBOM without components', async () => {
      await put(under.index, A, []);

      expect(await under.index.counts()).toMatchObject({ digests: 1, components: 0 });
    });

    it('misses what was released with an SBOM until it is put, by digest', async () => {
      const [first, second] = [A, B].sort() as [Digest, Digest];
      await released(under.ledger, first);
      await released(under.ledger, second);

      expect(await under.index.missing(null, 1)).toEqual([
        { digest: first, repository: REPOSITORY, sbom: SBOM },
      ]);
      expect(await under.index.missing(first, 1)).toMatchObject([{ digest: second }]);
      await put(under.index, first, [debian()]);
      expect(await missing()).toEqual([second]);
      expect(await under.index.counts()).toMatchObject({ missing: 1 });
    });

    it('misses a digest again whose release recorded another SBOM', async () => {
      await released(under.ledger, A);
      await put(under.index, A, [debian()]);

      await released(under.ledger, A, 'shop', digestOf('another'));

      expect(await missing()).toEqual([A]);
    });

    it('forgets what a clean-up deleted, and does not look for it again until it is back', async () => {
      await released(under.ledger, A);
      await put(under.index, A, [debian(), npm('qs', '6.5.2')]);
      await put(under.index, B, [debian()]);

      await under.index.forget({ repository: REPOSITORY, digest: A }, T0);

      expect(await names()).toEqual(['openssl']);
      expect(await missing()).toEqual([]);
      expect(await under.index.counts()).toMatchObject({ digests: 1 });
      await under.index.recall(A);
      expect(await missing()).toEqual([A]);
    });

    it('forgets what was deleted before it was ever read', async () => {
      await released(under.ledger, A);

      await under.index.forget({ repository: REPOSITORY, digest: A }, T0);

      expect(await missing()).toEqual([]);
    });

    it('keeps a digest that lies elsewhere too', async () => {
      await released(under.ledger, A);
      await put(under.index, A, [debian()]);
      await pushed(under.inventory, { repository: 'channels/prod/shop', tag: 'stable', digest: A });

      await under.index.forget({ repository: REPOSITORY, digest: A }, T0);

      expect(await names()).toEqual(['openssl']);
    });

    it('leaves alone what is no release, and what it does not hold', async () => {
      await under.index.forget({ repository: REPOSITORY, digest: A }, T0);
      await under.index.recall(A);

      expect(await under.index.counts()).toEqual({ digests: 0, components: 0, missing: 0 });
    });
  });
}
