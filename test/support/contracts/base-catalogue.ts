import type { Digest } from '../../../src/domain/digest';
import type { BaseCatalogue, BaseUse, ImportedBase } from '../../../src/ports/base-catalogue';
import { fakeDigest } from '../api-fixtures';

interface Opened {
  readonly catalogue: BaseCatalogue;
  /** Lets `prod:stable` of a service point at an image. */
  pin(svc: string, digest: Digest): Promise<void>;
  close(): Promise<void>;
}

export function importedBase(over: Partial<ImportedBase> = {}): ImportedBase {
  const digest = over.digest ?? fakeDigest('alpine 3.22.2');
  return {
    family: 'alpine',
    version: '3.22.2',
    repository: 'bases/alpine',
    tag: '3.22.2_20260301',
    digest,
    source: 'docker.io/library/alpine:3.22.2',
    sourceDigest: digest,
    verifiedBy: 'approval of erin',
    importedAt: '2026-03-01T12:00:00.000Z',
    importedBy: 'adam',
    withdrawnAt: null,
    ...over,
  };
}

function useOf(over: Partial<BaseUse> = {}): BaseUse {
  return {
    svc: 'checkout',
    releaseId: 'checkout/1.4.0_abc1234',
    digest: fakeDigest('checkout'),
    baseRepository: 'bases/alpine',
    baseDigest: fakeDigest('alpine 3.22.2'),
    ...over,
  };
}

/** What every catalogue of bases must do. */
export function describeBaseCatalogue(name: string, open: () => Promise<Opened>): void {
  describe(`base catalogue contract: ${name}`, () => {
    let opened: Opened;
    let catalogue: BaseCatalogue;
    const base = importedBase();
    const older = importedBase({
      ...{ digest: fakeDigest('alpine 3.22.1'), version: '3.22.1', tag: '3.22.1_20260201' },
      importedAt: '2026-02-01T12:00:00.000Z',
    });
    const other = importedBase({
      ...{ family: 'static', repository: 'bases/static', digest: fakeDigest('static') },
    });

    beforeEach(async () => {
      opened = await open();
      ({ catalogue } = opened);
    });

    afterEach(async () => {
      await opened.close();
    });

    it('lists what was added, the newest of each family first', async () => {
      const added = [];
      for (const one of [other, older, base, base]) added.push(await catalogue.add(one));

      expect(added).toEqual([true, true, true, false]);
      expect(await catalogue.list()).toEqual([
        base,
        older,
        { ...other, sourceDigest: other.digest },
      ]);
      expect(await catalogue.list('alpine')).toEqual([base, older]);
      expect(await catalogue.list('nobody')).toEqual([]);
    });

    it('takes what is imported again for the newest', async () => {
      const again = { ...older, tag: '3.22.1_20260401', importedAt: '2026-04-01T12:00:00.000Z' };
      for (const one of [older, base]) await catalogue.add(one);

      expect(await catalogue.add(again)).toBe(false);
      expect(await catalogue.list('alpine')).toEqual([again, base]);
    });

    it('withdraws for good, and once', async () => {
      const at = '2026-03-02T12:00:00.000Z';
      await catalogue.add(base);

      expect(await catalogue.withdraw(base.repository, base.digest, at)).toBe(true);
      expect(await catalogue.withdraw(base.repository, base.digest, at)).toBe(false);
      expect(await catalogue.withdraw('bases/other', base.digest, at)).toBe(false);
      expect(await catalogue.add({ ...base, importedAt: '2026-05-01T12:00:00.000Z' })).toBe(false);
      expect(await catalogue.list()).toEqual([{ ...base, withdrawnAt: at }]);
    });

    it('keeps the last approval of a digest', async () => {
      const approval = {
        ...{ family: 'alpine', digest: base.digest, approvedBy: 'erin', reason: 'seen' },
        ...{ acceptsFindings: false, at: '2026-03-01T11:00:00.000Z' },
      };
      const later = { ...approval, approvedBy: 'kim', acceptsFindings: true };
      await catalogue.approve(approval);
      await catalogue.approve(later);

      expect(await catalogue.findApproval('alpine', base.digest)).toEqual(later);
      expect(await catalogue.findApproval('static', base.digest)).toBeNull();
      expect(await catalogue.findApproval('alpine', older.digest)).toBeNull();
    });

    it('says what stands on a base, the newest release first, and says the same when told again', async () => {
      const newer = useOf({ releaseId: 'cart/2.0.0_abc1234', svc: 'cart', digest: older.digest });
      await catalogue.recordUse([]);
      await catalogue.recordUse([useOf(), useOf({ baseDigest: other.digest })]);
      await catalogue.recordUse([newer, useOf()]);

      expect(await catalogue.usesOf(base.digest, 10)).toEqual([newer, useOf()]);
      expect(await catalogue.usesOf(base.digest, 1)).toEqual([newer]);
      expect(await catalogue.usesOf(fakeDigest('nothing'), 10)).toEqual([]);
    });

    it('says what the stable image of each service stands on', async () => {
      const cart = useOf({
        svc: 'cart',
        releaseId: 'cart/2.0.0_abc1234',
        digest: fakeDigest('cart'),
      });
      const before = useOf({ releaseId: 'checkout/1.3.0_abc1234', digest: fakeDigest('before') });
      await catalogue.recordUse([before, useOf(), cart]);
      await opened.pin('checkout', useOf().digest);

      expect(await catalogue.stableUses()).toEqual([useOf()]);
      expect(await catalogue.stableUses('cart')).toEqual([]);

      await opened.pin('cart', cart.digest);

      expect(await catalogue.stableUses()).toEqual([cart, useOf()]);
      expect(await catalogue.stableUses('cart')).toEqual([cart]);
    });
  });
}
