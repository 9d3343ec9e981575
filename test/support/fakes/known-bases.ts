import type { Digest } from '../../../src/domain/digest';
import type { BaseCatalogue, BaseUse, ImportedBase } from '../../../src/ports/base-catalogue';

/** What a rollup reads of the catalogue of bases. */
export interface FakeKnownBases extends Pick<BaseCatalogue, 'list' | 'stableUses'> {
  /** From now on the newest of `bases/{family}`. */
  import(family: string, digest: Digest, importedAt: string): void;
  /** What the image of a service stands on. */
  use(svc: string, digest: Digest, family: string, baseDigest: Digest): void;
}

export function createFakeKnownBases(): FakeKnownBases {
  const bases: ImportedBase[] = [];
  const uses: BaseUse[] = [];
  return {
    list: (family) =>
      Promise.resolve(bases.filter((one) => family === undefined || one.family === family)),
    stableUses: (svc) =>
      Promise.resolve(uses.filter((one) => svc === undefined || one.svc === svc)),
    import: (family, digest, importedAt) => {
      const version = `1.${bases.length}`;
      const day = importedAt.slice(0, 10).replaceAll('-', '');
      bases.unshift({
        ...{ family, version, repository: `bases/${family}`, tag: `${version}_${day}`, digest },
        ...{ source: `vendor.test/${family}`, sourceDigest: digest, verifiedBy: 'its key' },
        ...{ importedAt, importedBy: 'system:plura', withdrawnAt: null },
      });
    },
    use: (svc, digest, family, baseDigest) => {
      const releaseId = `${svc}/1.0.0_abc1234`;
      uses.push({ svc, releaseId, digest, baseRepository: `bases/${family}`, baseDigest });
    },
  };
}
