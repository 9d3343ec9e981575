import type { Digest } from '../../../src/domain/digest';
import type { Verdict } from '../../../src/domain/verdict';
import type { Inventory, RegistryEvent } from '../../../src/ports/inventory';
import type { Ledger } from '../../../src/ports/ledger';
import type { LedgerFigures } from '../../../src/ports/ledger-figures';
import { BUNDLE_ARTIFACT_TYPE, SBOM_ARTIFACT_TYPE } from '../../../src/ports/signer';
import { releaseStatus } from '../api-fixtures';
import { pushed } from './inventory-builders';
import { A, B, C, digestOf, moveOf, STABLE } from './ledger-builders';

export interface LedgerFiguresUnderTest {
  readonly figures: LedgerFigures;
  readonly ledger: Ledger;
  readonly inventory: Inventory;
  close(): Promise<void>;
}

/** The run whose scans are rescans. */
export const RESCAN_RUN = 'rescan 1';
const SINCE = '2026-02-01T00:00:00.000Z';
const BEFORE = '2026-01-31T00:00:00.000Z';

const at = (minute: number): string => new Date(Date.parse(SINCE) + minute * 60_000).toISOString();

/** What every count of the ledger must do, of the services shop and cart. `open` gives an empty one. */
export function describeLedgerFigures(
  name: string,
  open: () => Promise<LedgerFiguresUnderTest>,
): void {
  describe(`ledger figures contract: ${name}`, () => {
    let under: LedgerFiguresUnderTest;
    let moves = 0;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    async function judge(over: Partial<Verdict>, time = at(0), runId = 'run'): Promise<void> {
      const verdict = { gate: 'scan', subject: A, outcome: 'pass', reasons: [] } as const;
      const recorded = { ...verdict, evidence: { refused: [] }, ...over };
      const record = runId === RESCAN_RUN ? 'recordRescan' : 'recordVerdict';
      await under.ledger[record]('shop/1.0.0_a', runId, 'hash', recorded, time);
    }

    async function attach(subject: Digest, artifactType: string): Promise<void> {
      const digest = digestOf(`${artifactType} of ${subject}`);
      await pushed(under.inventory, {
        ...{ digest, subject, artifactType, tag: null, writeOnce: false },
      });
    }

    async function pin(
      digest: Digest,
      time: string,
      over: Parameters<typeof moveOf>[0] = {},
    ): Promise<void> {
      moves += 1;
      const svc = over.svc ?? 'shop';
      const channel = over.channel ?? STABLE;
      const move = moveOf({
        ...{
          expected: (await under.ledger.getChannel(svc, channel))?.digest ?? null,
          next: digest,
        },
        ...{ idempotencyKey: `move ${moves}`, epoch: moves },
        ...over,
      });
      await under.ledger.beginMove(move);
      await under.ledger.completeMove(move, time);
    }

    async function release(id: string, digest: Digest, minutes: number): Promise<void> {
      const svc = id.split('/')[0]!;
      const requestedAt = at(0);
      const status = { releaseId: id, svc, digest, requestedAt, outcome: 'released' } as const;
      await under.ledger.saveStatus(releaseStatus(status), `run of ${id}`, 1);
      await pin(digest, at(minutes), { svc, releaseId: id });
    }

    async function rollBack(number: number, minutes: number, details = {}): Promise<void> {
      const key = `rollback/shop/${number}`;
      const to = digestOf(`target ${number}`);
      await pin(to, at(minutes), { idempotencyKey: `${key}/1/prod:stable`, reason: 'rollback' });
      const told = { from: A, to, reason: 'bad', requestedAt: at(0), ...details };
      await under.ledger.appendAudit(
        {
          ...{ at: at(minutes), actor: 'olga', action: 'rollback', svc: 'shop', subject: 'x' },
          details: told,
        },
        key,
      );
    }

    const count = (over: { svc?: string; repository?: string } = {}) =>
      under.figures.count({ since: SINCE, ...over });

    it('counts nothing where nothing happened', async () => {
      expect(await count()).toEqual({
        sbom: { have: 0, of: 0 },
        signed: { have: 0, of: 0 },
        cveBlocks: { pull: 0, admission: 0, release: 0, rescan: 0 },
        ...{ promotion: null, rollback: null, deletedBytes: 0, reclaimedBytes: null },
      });
    });

    it('covers what channels point at, by the newest verdict and what is attached', async () => {
      await pin(A, at(1));
      await pin(A, at(1), { channel: { env: 'prod', tag: 'candidate' } });
      await pin(B, at(1), { svc: 'cart' });
      for (const gate of ['sbom', 'signature'] as const) {
        await judge({ gate, subject: A, outcome: 'fail' });
        await judge({ gate, subject: A, outcome: 'pass', reasons: ['again'] });
        await judge({ gate, subject: B });
      }
      await attach(A, SBOM_ARTIFACT_TYPE);
      await attach(A, BUNDLE_ARTIFACT_TYPE);
      await attach(B, SBOM_ARTIFACT_TYPE);

      expect(await count()).toMatchObject({ sbom: { have: 2, of: 2 }, signed: { have: 1, of: 2 } });
      expect(await count({ svc: 'cart' })).toMatchObject({ signed: { have: 0, of: 1 } });
    });

    it('counts what was stopped for its vulnerabilities, by where', async () => {
      const event = (kind: RegistryEvent['kind'], detail: RegistryEvent['detail'], time = at(1)) =>
        under.inventory.recordEvent({
          ...{
            kind,
            repository: 'apps/shop/web',
            reference: A,
            actor: 'kubelet',
            at: time,
            detail,
          },
        });
      const refused = { outcome: 'refused', cves: ['CVE-1'] };
      await event('pull-blocked', { ...refused, times: 3 });
      await event('pull-blocked', refused);
      await event('pull-blocked', refused, BEFORE);
      await event('pull-blocked', { ...refused, cves: [] });
      await event('pull-blocked', { ...refused, outcome: 'served-in-grace' });
      await event('push-refused', refused);
      await event('admission-denied', { rules: ['cve-verdict', 'signature'] });
      await event('admission-denied', { rules: ['signature'] });
      const bad = { outcome: 'fail', evidence: { refused: ['CVE-1'] } } as const;
      await judge(bad);
      await judge({ ...bad, reasons: ['again'] });
      await judge({ ...bad, evidence: { refused: [] }, subject: C });
      await judge(bad, at(2), 'second run');
      await judge({ ...bad, subject: B }, BEFORE);
      await judge(bad, at(3), RESCAN_RUN);

      expect((await count()).cveBlocks).toEqual({ pull: 4, admission: 1, release: 2, rescan: 1 });
      expect((await count({ svc: 'cart', repository: 'apps/cart/web' })).cveBlocks).toEqual({
        ...{ pull: 0, admission: 0, release: 0, rescan: 0 },
      });
    });

    it('times releases from their request to their pin', async () => {
      await release('shop/1.0.0_a', A, 10);
      await release('shop/1.1.0_a', B, 30);
      await release('cart/1.0.0_a', C, 20);
      await pin(A, at(40), { releaseId: 'shop/1.1.0_a', reason: 'taken back' });

      expect((await count()).promotion).toEqual({ count: 3, p95Ms: 30 * 60_000 });
      expect((await count({ svc: 'cart' })).promotion).toEqual({ count: 1, p95Ms: 20 * 60_000 });
    });

    it('times rollbacks from their request to the channel, drills apart', async () => {
      await pin(A, at(0));
      await rollBack(1, 2);
      await rollBack(2, 4);
      await rollBack(3, 50, { drill: true });
      await rollBack(4, 60, { requestedAt: null });

      expect((await count()).rollback).toEqual({ count: 2, p95Ms: 4 * 60_000 });
      expect((await count({ svc: 'cart' })).rollback).toBeNull();
    });
  });
}
