import { createAdvisoryWatchActivities } from '../../activities/advisory-watch';
import type { Advisory } from '../../src/domain/advisories/advisory';
import type { Component } from '../../src/domain/advisories/component';
import type { Digest } from '../../src/domain/digest';
import { runActivity } from './activity-env';
import { debian } from './component-builders';
import { put, released } from './contracts/component-index';
import type { FakeDeps } from './fake-deps';
import { rescanSettings } from './rescan-world';

/** Of openssl in Debian 12, which `debian()` has. */
export function opensslAdvisory(over: Partial<Advisory> = {}): Advisory {
  return {
    id: 'CVE-2026-0001',
    space: 'debian 12',
    name: 'openssl',
    source: 'debian 12',
    severity: 'CRITICAL',
    status: 'fixed',
    range: { kind: 'below', fixed: '3.0.12-1', from: null, arches: null },
    ...over,
  };
}

/** The next one of the scanner, of now unless `updatedAt` says otherwise. */
export function useDatabase(
  deps: FakeDeps,
  seed: string,
  advisories: readonly Advisory[],
  updatedAt = new Date().toISOString(),
): void {
  const digest = `sha256:${seed.repeat(64)}`;
  Object.assign(deps.advisoryDatabase, { digest, advisories, updatedAt });
  deps.scanner.describeDatabase = () => Promise.resolve({ digest, updatedAt, canaryFound: true });
}

/** All of the index with the database in use, as the watch does. */
export async function matchIndex(deps: FakeDeps): Promise<void> {
  const { scan } = rescanSettings();
  await runActivity(createAdvisoryWatchActivities(deps), 'matchAdvisories', {
    ...{ scan, database: null, after: null, limit: 1_000 },
  });
}

/** Released, and made of these. */
export async function indexed(
  { ledger, componentIndex }: Pick<FakeDeps, 'componentIndex' | 'ledger'>,
  digest: Digest,
  components: readonly Component[] = [debian()],
): Promise<void> {
  await released(ledger, digest);
  await put(componentIndex, digest, components);
}
