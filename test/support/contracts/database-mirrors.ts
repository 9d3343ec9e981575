import type { MirroredDatabase } from '../../../src/domain/advisories/database-mirror';
import type { DatabaseMirrors } from '../../../src/ports/database-mirrors';
import { A, B, C, T0, T1 } from './ledger-builders';

export interface DatabaseMirrorsUnderTest {
  readonly mirrors: DatabaseMirrors;
  close(): Promise<void>;
}

export function mirrorOf(over: Partial<MirroredDatabase> = {}): MirroredDatabase {
  return {
    kind: 'vulnerabilities',
    repository: 'mirror/trivy-db',
    digest: A,
    fileDigest: B,
    bytes: 5_000_000_000,
    updatedAt: T0,
    source: `registry.example/trivy-db:2@${A}`,
    mirroredAt: T1,
    ...over,
  };
}

/** What every record of mirrored databases must do. `open` gives an empty one; it is closed after each test. */
export function describeDatabaseMirrors(
  name: string,
  open: () => Promise<DatabaseMirrorsUnderTest>,
): void {
  describe(`database mirrors contract: ${name}`, () => {
    let under: DatabaseMirrorsUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    it('keeps each database once, and knows the newest of a kind by its advisories', async () => {
      const { mirrors } = under;
      const newer = mirrorOf({ digest: B, updatedAt: T1 });
      const java = mirrorOf({ kind: 'java', digest: A, repository: 'mirror/trivy-java-db' });

      expect(await mirrors.newest('vulnerabilities')).toBeNull();
      expect(await mirrors.add(newer)).toBe(true);
      expect(await mirrors.add(mirrorOf())).toBe(true);
      expect(await mirrors.add({ ...newer, source: 'elsewhere' })).toBe(false);
      expect(await mirrors.add(java)).toBe(true);
      expect(await mirrors.newest('vulnerabilities')).toEqual(newer);
      expect(await mirrors.newest('java')).toEqual(java);
      expect(await mirrors.list(2)).toEqual([newer, java]);
    });

    it('takes of two with the same advisories the one that came last', async () => {
      const { mirrors } = under;
      await mirrors.add(mirrorOf());
      await mirrors.add(mirrorOf({ digest: C }));

      expect(await mirrors.newest('vulnerabilities')).toMatchObject({ digest: C });
    });
  });
}
