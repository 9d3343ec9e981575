import { cyclonedxErrors } from '../../../src/contract/schema/cyclonedx';
import { judgeSbom } from '../../../src/domain/sbom';
import type { ImageRef } from '../../../src/domain/reference';
import type { Json } from '../../../src/domain/verdict';
import type { Scanner } from '../../../src/ports/scanner';

export interface ScannerUnderTest {
  readonly scanner: Scanner;
  /** An image with qs 6.5.2 in it. */
  readonly vulnerable: ImageRef;
}

/** What every Scanner does, fake or real. */
export function describeScannerContract(
  name: string,
  create: () => ScannerUnderTest | Promise<ScannerUnderTest>,
): void {
  describe(`${name} keeps the contract of Scanner`, () => {
    let scanner: Scanner;
    let vulnerable: ImageRef;
    let sbom: Buffer;
    beforeAll(async () => {
      ({ scanner, vulnerable } = await create());
      sbom = await scanner.generateSbom(vulnerable);
    });

    it('writes a CycloneDX SBOM that is about the image', () => {
      const document = JSON.parse(sbom.toString()) as Json;

      const schemaErrors = cyclonedxErrors(document);

      const subject = vulnerable.digest;
      const verdict = judgeSbom({ subject, document, schemaErrors, documentDigest: 'x' });
      expect(verdict).toMatchObject({ outcome: 'pass', reasons: [] });
    });

    it('finds the vulnerability by the SBOM alone, with the version that fixes it', async () => {
      const { findings, scannerVersion } = await scanner.scanSbom(sbom);

      const found = findings.find((finding) => finding.id === 'CVE-2022-24999');
      expect(found).toMatchObject({
        severity: 'HIGH',
        packageName: 'qs',
        installedVersion: '6.5.2',
        fixedVersion: expect.stringContaining('6.5.3') as unknown,
      });
      expect(scannerVersion).not.toBe('');
    });

    it('names its database and finds the canary with it', async () => {
      const database = await scanner.describeDatabase();

      expect(database.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(Number.isNaN(Date.parse(database.updatedAt))).toBe(false);
      expect(database.canaryFound).toBe(true);
    });

    it('does nothing once aborted', async () => {
      const reason = new Error('release aborted');
      const signal = AbortSignal.abort(reason);

      await expect(scanner.generateSbom(vulnerable, signal)).rejects.toBe(reason);
      await expect(scanner.scanSbom(sbom, signal)).rejects.toBe(reason);
    });
  });
}
