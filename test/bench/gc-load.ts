import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { createPostgresInventorySource } from '../../src/adapters/postgres/gc-inventory';
import { createDistributionLayoutSource } from '../../src/adapters/storage/distribution-layout';
import { createOciLayoutSource } from '../../src/adapters/storage/oci-layout';
import { GraphBuilder } from '../../src/domain/gc/builder';
import { planGc } from '../../src/domain/gc/make-plan';
import type { PlanItem } from '../../src/domain/gc/plan';
import type { InventorySource } from '../../src/ports/inventory-source';
import { peakMemoryMb } from '../support/process-facts';
import { GcJob, type GcResult } from './gc-jobs';
import { serveLoad } from './load-process';

const POLICY = { registry: { open: [] } };
const HASH = '0'.repeat(64);

function sourceOf(job: GcJob): InventorySource {
  switch (job.kind) {
    case 'cold':
      return createDistributionLayoutSource(job.storageDir);
    case 'layout':
      return createOciLayoutSource(job.storageDir);
    case 'warm':
      return createPostgresInventorySource({ connectionString: job.connectionString });
  }
}

function sha256(texts: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('hex');
}

function writeItems(file: string, items: readonly PlanItem[]): void {
  const out = openSync(file, 'w');
  let text = '';
  for (const { kind, repository, tag, digest } of items) {
    text += kind === 'tag' ? `${repository}:${tag ?? ''}\n` : `${repository}@${digest}\n`;
    if (text.length < 65_536) continue;
    writeSync(out, text);
    text = '';
  }
  writeSync(out, text);
  closeSync(out);
}

async function run(job: GcJob): Promise<GcResult> {
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  const builder = new GraphBuilder();
  const read = await sourceOf(job).read(builder, new AbortController().signal);
  const readSeconds = seconds();
  const roots = job.channels.map(
    (digest) => ({ digest, reason: 'channel', detail: 'prod:stable' }) as const,
  );
  const plan = planGc({
    ...{ graph: builder.build(), policy: POLICY, policyHash: HASH, repository: null, sha256 },
    ...{ facts: { roots, reaches: [], missing: [] }, nowMs: job.nowMs, eventGapMs: 0 },
  });
  const result = {
    ...{ readSeconds, seconds: seconds(), peakRssMb: peakMemoryMb(process.pid) },
    ...{ manifests: read.counts.manifests, freeBytes: plan.totals.freeBytes },
    unknown: plan.unknownCount,
  };
  writeItems(job.itemsFile, plan.items);
  return result;
}

serveLoad(GcJob, run);
