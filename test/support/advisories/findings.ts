import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { matchComponent } from '../../../src/domain/advisories/match';
import { componentsOf } from '../../../src/domain/advisories/sbom-components';
import type { Json } from '../../../src/domain/verdict';
import type { AdvisoryDatabase } from '../../../src/ports/advisory-database';
import { toolPath } from '../tools';

/** `purl id severity fixed status`, sorted: one line a finding. */
export type FindingLines = readonly string[];

const FLAGS = [
  '--format=json',
  '--scanners=vuln',
  '--cache-backend=memory',
  '--skip-db-update',
  '--skip-java-db-update',
  '--offline-scan',
  '--skip-version-check',
  '--disable-telemetry',
  '--no-progress',
  '--quiet',
];

interface TrivyFinding {
  readonly VulnerabilityID: string;
  readonly Severity: string;
  readonly FixedVersion?: string;
  readonly Status?: string;
  readonly PkgIdentifier: { readonly PURL?: string };
}

interface TrivyOutput {
  readonly Results?: readonly { readonly Vulnerabilities?: readonly TrivyFinding[] }[];
}

/** What the real scanner finds in an SBOM, with nothing filtered. */
export async function findingsOfTrivy(cacheDir: string, sbom: Json): Promise<FindingLines> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-match-'));
  try {
    const file = join(folder, 'sbom.json');
    await writeFile(file, JSON.stringify(sbom));
    const { stdout } = await promisify(execFile)(
      toolPath('trivy'),
      ['sbom', file, '--cache-dir', cacheDir, ...FLAGS],
      { env: { HOME: folder }, maxBuffer: 512 * 1024 * 1024 },
    );
    const { Results } = JSON.parse(stdout) as TrivyOutput;
    return (Results ?? [])
      .flatMap(({ Vulnerabilities }) => Vulnerabilities ?? [])
      .map((one) =>
        [
          one.PkgIdentifier.PURL ?? '',
          one.VulnerabilityID,
          one.Severity,
          one.FixedVersion || '-',
          one.Status ?? '',
        ].join(' '),
      )
      .sort();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What we find in it. */
export async function findingsOfOurs(
  database: AdvisoryDatabase,
  sbom: Json,
): Promise<FindingLines> {
  const lines: string[] = [];
  for (const component of componentsOf(sbom).components) {
    const advisories = await database.advisoriesOf(component);
    for (const one of matchComponent(component, advisories)) {
      const { id, severity, fixedVersion, status } = one;
      lines.push([component.purl, id, severity, fixedVersion ?? '-', status].join(' '));
    }
  }
  return lines.sort();
}
