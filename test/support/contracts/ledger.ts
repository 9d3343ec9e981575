import type { Digest } from '../../../src/domain/digest';
import type { ReleaseStatus } from '../../../src/domain/release';
import type { Verdict } from '../../../src/domain/verdict';
import type { GrantedException } from '../../../src/domain/exceptions/exception';
import type { Ledger } from '../../../src/ports/ledger';
import { grantedOf } from '../exceptions';
import { describeChannels } from './ledger-channels';
import { describeReleaseFacts } from './ledger-facts';
import { describeRetries } from './ledger-retries';
import { A, B, digestOf, T0, T1 } from './ledger-builders';

/** A ledger under test, with the writes that the port leaves to other parts of the product. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  /** One that was approved. */
  addException(exception: GrantedException): Promise<void>;
  quarantine(digest: Digest): Promise<void>;
  /** Outcomes recorded for one run, oldest first. */
  verdictsOf(runId: string): Promise<readonly Pick<Verdict, 'gate' | 'subject' | 'outcome'>[]>;
  close(): Promise<void>;
}

function statusOf(over: Partial<ReleaseStatus> = {}): ReleaseStatus {
  return {
    releaseId: 'shop/1.0.0_abc1234',
    svc: 'shop',
    repository: 'apps/shop/web',
    version: '1.0.0',
    revision: 'abc1234',
    origin: { kind: 'source', path: 'shop' },
    requestedBy: 'alice',
    requestedAt: T0,
    stage: 'build',
    steps: [],
    verdicts: [],
    approvals: [],
    policyHash: 'sha256:p',
    workflowId: 'release/shop/1.0.0_abc1234',
    ...over,
  };
}

/** What every ledger must do. `open` gives an empty one; it is closed after each test. */
export function describeLedger(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`ledger contract: ${name}`, () => {
    let under: LedgerUnderTest;
    let ledger: Ledger;

    beforeEach(async () => {
      under = await open();
      ledger = under.ledger;
    });

    afterEach(async () => {
      await under.close();
    });

    describeChannels(() => ledger);
    describeReleaseFacts(() => under, statusOf);
    describeRetries(() => under.ledger);

    describe('releases', () => {
      it('keeps the status with the highest sequence of a run, whatever the order of writes', async () => {
        await ledger.saveStatus(statusOf({ stage: 'scan' }), 'run-1', 3);
        await ledger.saveStatus(statusOf({ stage: 'build' }), 'run-1', 2);
        await ledger.saveStatus(statusOf({ stage: 'tag' }), 'run-1', 3);

        expect(await ledger.getStatus('shop/1.0.0_abc1234')).toEqual(statusOf({ stage: 'scan' }));
      });

      it('shows the newer run, and a late write of the older one does not come back', async () => {
        await ledger.saveStatus(statusOf({ outcome: 'failed' }), 'run-1', 9);
        await ledger.saveStatus(statusOf({ stage: 'queued' }), 'run-2', 1);
        await ledger.saveStatus(statusOf({ outcome: 'aborted' }), 'run-1', 10);

        expect(await ledger.getStatus('shop/1.0.0_abc1234')).toEqual(statusOf({ stage: 'queued' }));
        expect(await ledger.listReleases({ limit: 10 })).toHaveLength(1);
      });

      it('answers null for a release it does not know', async () => {
        expect(await ledger.getStatus('shop/9.9.9_abc1234')).toBeNull();
      });

      it('lists newest first, by service, up to the limit', async () => {
        await ledger.saveStatus(statusOf({ releaseId: 'shop/1' }), 'r1', 1);
        await ledger.saveStatus(statusOf({ releaseId: 'cart/1', svc: 'cart' }), 'r2', 1);
        await ledger.saveStatus(statusOf({ releaseId: 'shop/2', requestedAt: T1 }), 'r3', 1);

        const all = await ledger.listReleases({ limit: 10 });
        const shop = await ledger.listReleases({ svc: 'shop', limit: 1 });

        expect(all.map((one) => one.releaseId)).toEqual(['shop/2', 'cart/1', 'shop/1']);
        expect(shop.map((one) => one.releaseId)).toEqual(['shop/2']);
      });

      it('lists those asked for at a moment or later, beside the service', async () => {
        await ledger.saveStatus(statusOf({ releaseId: 'shop/1' }), 'r1', 1);
        await ledger.saveStatus(statusOf({ releaseId: 'shop/2', requestedAt: T1 }), 'r2', 1);
        await ledger.saveStatus(
          statusOf({ releaseId: 'cart/1', svc: 'cart', requestedAt: T1 }),
          'r3',
          1,
        );

        const all = await ledger.listReleases({ since: T1, limit: 10 });
        const shop = await ledger.listReleases({ svc: 'shop', since: T1, limit: 10 });
        const older = await ledger.listReleases({ svc: 'shop', since: T0, limit: 10 });

        expect(all.map((one) => one.releaseId)).toEqual(['cart/1', 'shop/2']);
        expect(shop.map((one) => one.releaseId)).toEqual(['shop/2']);
        expect(older.map((one) => one.releaseId)).toEqual(['shop/2', 'shop/1']);
      });

      it.each([
        ['under way', statusOf({ digest: A }), true],
        ['released', statusOf({ digest: A, outcome: 'released' }), true],
        [
          'adopted, digest not yet confirmed',
          statusOf({ origin: { kind: 'digest', digest: A } }),
          true,
        ],
        ['rejected', statusOf({ digest: A, outcome: 'rejected' }), false],
        ['of another service', statusOf({ digest: A, svc: 'cart' }), false],
        ['of another digest', statusOf({ digest: B }), false],
      ])('finds a digest by a release that is %s: %#', async (_name, status, found) => {
        await ledger.saveStatus(status, 'run-1', 1);

        expect(await ledger.findByDigest('shop', A)).toEqual(found ? status : null);
      });

      it('keeps text beyond ASCII', async () => {
        await ledger.saveStatus(statusOf({ reason: 'build said: ünïcode ✓' }), 'run-1', 1);

        const status = await ledger.getStatus('shop/1.0.0_abc1234');

        expect(status?.reason).toBe('build said: ünïcode ✓');
      });
    });

    describe('verdicts', () => {
      const verdict: Verdict = {
        gate: 'canary',
        subject: '25%',
        outcome: 'pass',
        reasons: [],
        evidence: { requests: 42, queries: [{ expr: 'sum(x)', value: null }] },
      };

      it('records the same verdict of a run once', async () => {
        await ledger.recordVerdict('shop/1', 'run-1', 'p', verdict, T0);
        await ledger.recordVerdict('shop/1', 'run-1', 'p', verdict, T1);

        expect(await under.verdictsOf('run-1')).toHaveLength(1);
      });

      it('keeps a different answer of a retry beside the first one', async () => {
        await ledger.recordVerdict('shop/1', 'run-1', 'p', { ...verdict, outcome: 'error' }, T0);
        await ledger.recordVerdict('shop/1', 'run-1', 'p', verdict, T1);

        const outcomes = (await under.verdictsOf('run-1')).map((one) => one.outcome);

        expect(outcomes).toEqual(['error', 'pass']);
      });

      it('shows what stands: the last answer of each gate and subject of the newest run', async () => {
        const scan = { ...verdict, gate: 'scan', subject: 'image', evidence: {} } as const;
        const late = { ...verdict, evidence: { requests: 43 } };
        await ledger.recordVerdict('shop/1', 'run-1', 'p', { ...verdict, outcome: 'fail' }, T0);
        await ledger.recordVerdict('shop/1', 'run-2', 'p', verdict, T0);
        await ledger.recordVerdict('shop/1', 'run-2', 'p', scan, T0);
        await ledger.recordVerdict('shop/1', 'run-2', 'p', late, T1);
        await ledger.recordVerdict('shop/2', 'run-3', 'p', verdict, T1);

        const standing = await ledger.standingVerdicts('shop/1');
        const first = await ledger.standingVerdicts('shop/1', 'run-1');

        const common = { releaseId: 'shop/1', runId: 'run-2', policyHash: 'p' };
        expect(standing).toEqual([
          { ...common, at: T0, verdict: scan, judged: 1 },
          { ...common, at: T1, verdict: late, judged: 2 },
        ]);
        expect(first.map((one) => one.verdict.outcome)).toEqual(['fail']);
        expect(await ledger.standingVerdicts('shop/9')).toEqual([]);
      });

      it('lists the answers of all runs newest first, without their evidence', async () => {
        const reasons = ['p95 latency is 900 ms'];
        const failed: Verdict = { ...verdict, outcome: 'fail', reasons };
        await ledger.recordVerdict('shop/1', 'run-1', 'p', failed, T0);
        await ledger.recordVerdict('shop/1', 'run-2', 'q', verdict, T1);

        const all = await ledger.listVerdicts('shop/1', 10);

        expect(all).toEqual([
          {
            releaseId: 'shop/1',
            runId: 'run-2',
            policyHash: 'q',
            at: T1,
            verdict: { ...verdict, evidence: null },
          },
          {
            releaseId: 'shop/1',
            runId: 'run-1',
            policyHash: 'p',
            at: T0,
            verdict: { ...failed, evidence: null },
          },
        ]);
        expect(await ledger.listVerdicts('shop/1', 1)).toHaveLength(1);
      });
    });

    describe('revert keys', () => {
      const key = { keyId: 'rk1', svc: 'shop', to: A, from: B, expiresAt: T1 };

      it('is found by its hash and id, unused', async () => {
        await ledger.issueRevertKey(key, 'hash-1');
        await ledger.issueRevertKey(key, 'hash-1');

        expect(await ledger.findRevertKey('hash-1')).toEqual({ ...key, usedAt: null });
        expect(await ledger.getRevertKey('rk1')).toEqual({ ...key, usedAt: null });
        expect(await ledger.findRevertKey('hash-2')).toBeNull();
      });

      it('works once; the same user may repeat', async () => {
        await ledger.issueRevertKey(key, 'hash-1');

        expect(await ledger.useRevertKey('rk1', 'rollback/shop/1', T0)).toBe(true);
        expect(await ledger.useRevertKey('rk1', 'rollback/shop/1', T1)).toBe(true);
        expect(await ledger.useRevertKey('rk1', 'rollback/shop/2', T1)).toBe(false);
        expect((await ledger.getRevertKey('rk1'))?.usedAt).toBe(T0);
      });

      it('is not used when it does not exist', async () => {
        expect(await ledger.useRevertKey('none', 'rollback/shop/1', T0)).toBe(false);
      });

      it('lets one of many concurrent users have it', async () => {
        await ledger.issueRevertKey(key, 'hash-1');

        const users = Array.from({ length: 20 }, (_, index) => `rollback/shop/${index}`);
        const won = await Promise.all(
          users.map(async (user) => ledger.useRevertKey('rk1', user, T0)),
        );

        expect(won.filter(Boolean)).toHaveLength(1);
      });
    });

    describe('digests and tags', () => {
      const bad = { digest: A, svc: 'shop', reason: 'rolled back', at: T0, actor: 'carol' };

      it('remembers a bad digest until it is released', async () => {
        await ledger.markBad(bad);
        await ledger.markBad({ ...bad, reason: 'again' });

        expect(await ledger.findBad('shop', A)).toEqual(bad);
        expect(await ledger.findBad('cart', A)).toBeNull();
        expect(await ledger.releaseBad('shop', A, 'erin', 'false alarm', T1)).toBe(true);
        expect(await ledger.findBad('shop', A)).toBeNull();
        expect(await ledger.releaseBad('shop', A, 'erin', 'false alarm', T1)).toBe(false);
      });

      it('remembers a released digest again when it turns bad again', async () => {
        await ledger.markBad(bad);
        await ledger.releaseBad('shop', A, 'erin', 'false alarm', T1);
        await ledger.markBad({ ...bad, reason: 'again' });

        expect(await ledger.findBad('shop', A)).toEqual({ ...bad, reason: 'again' });
      });

      it('knows what is quarantined', async () => {
        await under.quarantine(A);

        expect(await ledger.isQuarantined(A)).toBe(true);
        expect(await ledger.isQuarantined(B)).toBe(false);
      });

      it('gives a tag to its first digest for ever', async () => {
        const image = { repository: 'apps/shop/web', digest: A };

        expect(await ledger.claimTag(image, '1.0.0_abc1234', 'run-1', T0)).toBe(true);
        expect(await ledger.claimTag(image, '1.0.0_abc1234', 'run-2', T0)).toBe(true);
        const other = { ...image, digest: B };
        expect(await ledger.claimTag(other, '1.0.0_abc1234', 'run-3', T0)).toBe(false);
        expect(await ledger.claimTag(other, '1.0.1_abc1234', 'run-3', T0)).toBe(true);
      });

      it('gives a tag to exactly one of fifty concurrent digests', async () => {
        const claims = Array.from({ length: 50 }, async (_, index) =>
          ledger.claimTag(
            { repository: 'apps/shop/web', digest: digestOf(`claim ${index}`) },
            '1.0.0_abc1234',
            `run-${index}`,
            T0,
          ),
        );

        expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
      });
    });

    describe('records', () => {
      const entry = {
        at: T0,
        actor: 'alice',
        action: 'release.submitted',
        svc: 'shop',
        subject: 'shop/1.0.0_abc1234',
        details: { via: 'api', list: [1, null, true] },
      };

      it('lists audit entries newest first, each key once', async () => {
        await ledger.appendAudit(entry, 'a1');
        await ledger.appendAudit({ ...entry, action: 'release.approved' }, 'a2');
        await ledger.appendAudit({ ...entry, action: 'never seen' }, 'a1');
        await ledger.appendAudit({ ...entry, svc: 'cart' }, 'a3');

        const listed = await ledger.listAudit('shop', 10);

        expect(listed).toEqual([{ ...entry, action: 'release.approved' }, entry]);
        expect(await ledger.listAudit('shop', 1)).toHaveLength(1);
      });

      it('lists exceptions of the service and of all services, expired ones too', async () => {
        const revoked = grantedOf({ id: 'e-2', packageVersion: '6.5.2', revokedAt: T1 });
        await under.addException(grantedOf({ id: 'e-1', svc: 'shop', expiresAt: T0 }));
        await under.addException(revoked);
        await under.addException(grantedOf({ id: 'e-3', svc: 'cart' }));
        await under.addException(grantedOf({ id: 'e-4', kind: 'break-glass', expiresAt: T1 }));

        const listed = await ledger.listExceptions('shop');

        expect(listed.map(({ id }) => id)).toEqual(['e-2', 'e-4', 'e-1']);
        expect(listed[0]).toEqual(revoked);
      });

      it('accepts a token id once, also when shown many times at once', async () => {
        const far = '2999-01-01T00:00:00.000Z';
        const uses = Array.from({ length: 20 }, async (_, index) =>
          ledger.useTokenId('jti-1', far, `user-${index}`),
        );

        expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
        expect(await ledger.useTokenId('jti-2', far, 'user-0')).toBe(true);
      });

      it('lets the user of a token repeat its own use, as after a lost answer', async () => {
        const far = '2999-01-01T00:00:00.000Z';
        await ledger.useTokenId('jti-3', far, 'first');

        expect(await ledger.useTokenId('jti-3', far, 'first')).toBe(true);
        expect(await ledger.useTokenId('jti-3', far, 'second')).toBe(false);
      });

      it('numbers the rollbacks of a service without gaps, once a key', async () => {
        const keys = Array.from({ length: 10 }, (_, index) => `key-${index % 5}`);

        const numbers = await Promise.all(
          keys.map(async (key) => ledger.nextRollbackNumber('shop', key)),
        );

        expect(numbers.slice(0, 5)).toEqual(numbers.slice(5));
        expect(new Set(numbers)).toEqual(new Set([1, 2, 3, 4, 5]));
        expect(await ledger.nextRollbackNumber('cart', 'key-0')).toBe(1);
      });

      it('keeps the newest text of a document', async () => {
        await ledger.saveDocument('release-notes', 'shop/1', 'first');
        await ledger.saveDocument('release-notes', 'shop/1', 'second');

        expect(await ledger.getDocument('release-notes', 'shop/1')).toBe('second');
        expect(await ledger.getDocument('log-entry', 'shop/1')).toBeNull();
      });

      it('answers a ping', async () => {
        await expect(ledger.ping()).resolves.toBeUndefined();
      });
    });
  });
}
