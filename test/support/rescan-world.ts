import { createHash } from 'node:crypto';
import type { RescanSettings } from '../../src/contract/messages';
import type { Digest } from '../../src/domain/digest';
import type { Verdict } from '../../src/domain/verdict';
import { SBOM_ARTIFACT_TYPE } from '../../src/ports/signer';
import { releaseStatus } from './api-fixtures';
import { moveOf, STABLE } from './contracts/ledger-builders';
import type { FakeDeps } from './fake-deps';
import { fakeSbom } from './fakes/scanner';

export const KEPT_REPOSITORY = 'apps/shop/web';
export const DATABASE_DIGEST = `sha256:${'d'.repeat(64)}`;

export function rescanSettings(over: Partial<RescanSettings> = {}): RescanSettings {
  return {
    policyHash: 'sha256:policy',
    scan: {
      databaseMaxAgeMs: 86_400_000,
      critical: 0,
      high: 0,
      medium: 'exception',
      unknown: 'allow',
    },
    rollbackWindow: { maxAgeMs: 86_400_000, maxPins: 5 },
    maxAgeMs: 86_400_000,
    sliceSize: 40,
    parallel: 1,
    ...over,
  };
}

/** A release of the service shop with its SBOM, scanned at `at`; in prod:stable. */
export async function keepImage(
  { registry, ledger }: Pick<FakeDeps, 'registry' | 'ledger'>,
  name: string,
  at: string,
  over: Partial<Verdict> = {},
): Promise<Digest> {
  const digest = registry.pushImage({ repository: KEPT_REPOSITORY, layers: [Buffer.from(name)] });
  const image = { repository: KEPT_REPOSITORY, digest };
  const payload = fakeSbom(image);
  await registry.attach({
    subject: image,
    artifactType: SBOM_ARTIFACT_TYPE,
    mediaType: SBOM_ARTIFACT_TYPE,
    payload,
    annotations: {},
  });
  const releaseId = `shop/1.0.0_${digest.slice(7, 14)}`;
  const status = { releaseId, svc: 'shop', ...image, outcome: 'released' } as const;
  await ledger.saveStatus(releaseStatus(status), `run of ${name}`, 1);
  const passed = { subject: digest, outcome: 'pass', reasons: [] } as const;
  const document = `sha256:${createHash('sha256').update(payload).digest('hex')}`;
  const evidence = { database: { digest: DATABASE_DIGEST }, refused: [] };
  for (const verdict of [
    { ...passed, gate: 'sbom', evidence: { document } } as const,
    { ...passed, gate: 'scan', evidence, ...over } as const,
  ]) {
    await ledger.recordVerdict(releaseId, `run of ${name}`, 'sha256:policy', verdict, at);
  }
  await pinStable(ledger, digest, name, at);
  return digest;
}

async function pinStable(
  ledger: FakeDeps['ledger'],
  next: Digest,
  name: string,
  at: string,
): Promise<void> {
  const expected = (await ledger.getChannel('shop', STABLE))?.digest ?? null;
  const epoch = await ledger.bumpEpoch('shop', name);
  const move = moveOf({ expected, next, epoch, idempotencyKey: name });
  await ledger.beginMove(move);
  await ledger.completeMove(move, at);
}
