import type { Digest } from '../../src/domain/digest';
import type { BaseCatalogue } from '../../src/ports/base-catalogue';
import { importedBase } from './contracts/base-catalogue';

/** From now on the newest of `bases/{family}`, version `1.{minor}`. */
export async function addBase(
  catalogue: Pick<BaseCatalogue, 'add'>,
  family: string,
  digest: Digest,
  minor: number,
): Promise<void> {
  const version = `1.${minor}`;
  const day = `2026${String(minor).padStart(2, '0')}01`;
  await catalogue.add(
    importedBase({
      ...{ family, version, repository: `bases/${family}`, tag: `${version}_${day}`, digest },
      importedAt: `2026-${String(minor).padStart(2, '0')}-01T12:00:00.000Z`,
    }),
  );
}

/** What the image of a service stands on. */
export async function useBase(
  catalogue: Pick<BaseCatalogue, 'recordUse'>,
  image: { readonly svc: string; readonly digest: Digest },
  family: string,
  baseDigest: Digest,
): Promise<void> {
  const releaseId = `${image.svc}/1.0.0_abc1234`;
  await catalogue.recordUse([
    { ...image, releaseId, baseRepository: `bases/${family}`, baseDigest },
  ]);
}
