import { imageReference, type ImageRef } from '../../../src/domain/reference';
import type { Finding, ScanDatabase, Scanner, ScanReport } from '../../../src/ports/scanner';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeScanner extends Scanner, CallFaults {}

export interface FakeScannerOptions {
  readonly findings?: readonly Finding[];
  readonly database?: Partial<ScanDatabase>;
  /** Replaces the SBOM. */
  readonly sbom?: Buffer;
}

export const HIGH_FINDING: Finding = {
  id: 'CVE-2022-24999',
  severity: 'HIGH',
  packageName: 'qs',
  installedVersion: '6.5.2',
  fixedVersion: '6.5.3',
  purl: 'pkg:npm/qs@6.5.2',
  publishedAt: null,
  title: 'express: "qs" prototype poisoning causes the hang of the node process',
};

/** A CycloneDX document that the schema accepts, with one component. */
export function fakeSbom(image: ImageRef): Buffer {
  const version = image.digest;
  return Buffer.from(
    JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: {
        component: { 'bom-ref': 'image', type: 'container', name: imageReference(image), version },
      },
      components: [
        {
          'bom-ref': 'pkg:golang/stdlib@v1.26.8',
          type: 'library',
          name: 'stdlib',
          version: 'v1.26.8',
          purl: 'pkg:golang/stdlib@v1.26.8',
        },
      ],
    }),
  );
}

/** Finds what it is told to find. The database is fresh and finds its canary unless told otherwise. */
export function createFakeScanner(options: FakeScannerOptions = {}): FakeScanner {
  const report: ScanReport = { findings: options.findings ?? [], scannerVersion: '0.0.0-fake' };
  const scanner: Scanner = {
    generateSbom: (image, signal) =>
      Promise.resolve(signal).then((given) => {
        given?.throwIfAborted();
        return options.sbom ?? fakeSbom(image);
      }),
    scanSbom: (_sbom, signal) =>
      Promise.resolve(signal).then((given) => {
        given?.throwIfAborted();
        return report;
      }),
    describeDatabase: () =>
      Promise.resolve({
        digest: `sha256:${'d'.repeat(64)}`,
        updatedAt: new Date().toISOString(),
        canaryFound: true,
        ...options.database,
      }),
  };
  return withCallFaults(scanner);
}
