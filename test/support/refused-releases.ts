import type { ReleaseInput } from './admission-releases';
import { OTHER_REGION } from './admission-stack';
import { fakeDigest } from './api-fixtures';
import { coveredEvidence, coveredFinding } from './exceptions';

const DAY_MS = 86_400_000;

/** The bundle with other hashes in its proof of inclusion; the root is that of the signed checkpoint. */
function tampered(bundle: Buffer): Buffer {
  interface Tlog {
    readonly verificationMaterial: {
      readonly tlogEntries: readonly { inclusionProof: { hashes: string[] } }[];
    };
  }
  const parsed = JSON.parse(bundle.toString()) as Tlog;
  for (const { inclusionProof } of parsed.verificationMaterial.tlogEntries) {
    inclusionProof.hashes = inclusionProof.hashes.map(() => Buffer.alloc(32, 7).toString('base64'));
  }
  return Buffer.from(JSON.stringify(parsed));
}

/** What each lacks, the release, and what it is refused with. */
export const REFUSED_RELEASES: readonly (readonly [string, ReleaseInput, RegExp])[] = [
  ['no signature', { without: ['signature'] }, /\[signature] It has no signature/],
  ['no SBOM', { without: ['sbom'] }, /\[sbom]/],
  ['no provenance', { without: ['provenance'] }, /\[provenance]/],
  [
    'an SBOM alone, which cosign takes for a signature',
    { without: ['signature', 'provenance', 'child'] },
    /\[signature]/,
  ],
  ['signatures of another region', { keyId: `release/${OTHER_REGION}` }, /\[signature]/],
  ['a tampered proof of the log', { edit: tampered }, /\[signature]/],
  ['an index of which one child is not signed', { without: ['child'] }, /\[child-signature]/],
  ['a scan that failed', { scan: { outcome: 'fail', reasons: ['CVE-1'] } }, /\[cve-verdict]/],
  [
    'an exception that has ended',
    { scan: { evidence: coveredEvidence(coveredFinding()) } },
    /\[cve-verdict] The exception exc-1 for CVE-2026-0001 in qs@6.5.2 is not there any more/,
  ],
  [
    'a scan of eight days ago',
    { scannedAt: new Date(Date.now() - 8 * DAY_MS) },
    /\[cve-verdict] Its last scan verdict is of .*too old/,
  ],
  [
    'a base that its custodian did not sign',
    { base: { repository: 'bases/static', digest: fakeDigest('stray base') } },
    /\[provenance]/,
  ],
  ['no channel that points at it', { unpinned: true }, /\[allow-list]/],
];
