import { SYSTEM_ACTOR } from '../../../src/domain/actor';
import type { Denial, Grant } from '../../../src/domain/admission/grant';
import type { Digest } from '../../../src/domain/digest';
import type { Channel } from '../../../src/domain/reference';
import { MAX_GRANTS, type AllowList, type Hold } from '../../../src/ports/allow-list';
import type { Inventory } from '../../../src/ports/inventory';
import type { Ledger } from '../../../src/ports/ledger';
import type { Quarantine } from '../../../src/ports/quarantine';
import { releaseStatus } from '../api-fixtures';
import { listen } from './gateway-state';
import { child, pushed, REPOSITORY } from './inventory-builders';
import { A, B, C, codeOf, digestOf, moveOf, STABLE, T0, T1 } from './ledger-builders';
import { entryOf } from './quarantine';

export interface AllowListUnderTest {
  readonly allowList: AllowList;
  readonly ledger: Ledger;
  readonly quarantine: Quarantine;
  readonly inventory: Inventory;
  close(): Promise<void>;
}

const FAR = '2999-01-01T00:00:00.000Z';
const FARTHER = '2999-01-02T00:00:00.000Z';
const PAST = '2026-01-03T00:00:00.000Z';
const IMAGE = { repository: REPOSITORY, digest: A };
const INDEX = digestOf('index');
const NOT_REVOKED = { revokedAt: null, revokedBy: null, revokeReason: null };
const NOT_LIFTED = { liftedAt: null, liftedBy: null, liftReason: null };

export function grantOf(over: Partial<Grant> = {}): Grant {
  return {
    id: 'g-1',
    ...IMAGE,
    namespaces: 'shop-*',
    environment: null,
    owner: 'team-shop',
    reason: 'load test',
    grantedBy: 'erin',
    grantedAt: T0,
    expiresAt: FAR,
    ...over,
  };
}

export function denialOf(over: Partial<Denial> = {}): Denial {
  return { digest: A, repository: REPOSITORY, reason: 'leaks data', by: 'erin', at: T0, ...over };
}

export function holdOf(over: Partial<Hold> = {}): Hold {
  return {
    id: 'h-1',
    digest: A,
    repository: REPOSITORY,
    reason: 'incident 4711',
    by: 'olga',
    at: T0,
    until: null,
    ...over,
  };
}

/** Moves a channel of the service shop, as a release does. */
export async function pin(
  ledger: Ledger,
  next: Digest | null,
  at: string,
  channel: Channel = STABLE,
  svc = 'shop',
): Promise<void> {
  const held = (await ledger.getChannel(svc, channel))?.digest ?? null;
  const key = `${svc} ${at} ${channel.env}:${channel.tag}`;
  const epoch = await ledger.bumpEpoch(svc, key);
  const move = moveOf({ svc, channel, expected: held, next, epoch, idempotencyKey: key });
  await ledger.beginMove(move);
  await ledger.completeMove(move, at);
}

/** What every allow-list must do. `open` gives an empty one; it is closed after each test. */
export function describeAllowList(name: string, open: () => Promise<AllowListUnderTest>): void {
  describe(`allow-list contract: ${name}`, () => {
    let under: AllowListUnderTest;
    let allowList: AllowList;

    beforeEach(async () => {
      under = await open();
      ({ allowList } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    describe('grants', () => {
      it('are kept as they were given', async () => {
        const added = await allowList.addGrant(grantOf());

        expect(added).toEqual({ ...grantOf(), ...NOT_REVOKED });
        expect(await allowList.getGrant('g-1')).toEqual(added);
        expect(await allowList.getGrant('g-2')).toBeNull();
        expect((await allowList.facts(IMAGE)).grants).toEqual([grantOf()]);
      });

      it('given again under the same id are the first', async () => {
        const first = await allowList.addGrant(grantOf());

        expect(await allowList.addGrant(grantOf({ reason: 'other', expiresAt: FARTHER }))).toEqual(
          first,
        );
        expect(await allowList.listGrants({ limit: 10 })).toEqual([first]);
      });

      it('are of one repository and digest', async () => {
        await allowList.addGrant(grantOf());

        expect((await allowList.facts({ ...IMAGE, repository: 'apps/x/x' })).grants).toEqual([]);
        expect((await allowList.facts({ ...IMAGE, digest: B })).grants).toEqual([]);
      });

      it('are revoked once, with who and why', async () => {
        await allowList.addGrant(grantOf());
        const revoked = {
          ...grantOf(),
          revokedAt: T1,
          revokedBy: 'frank',
          revokeReason: 'test is over',
        };

        expect(await allowList.revokeGrant('g-1', 'frank', 'test is over', T1)).toEqual(revoked);
        expect(await allowList.revokeGrant('g-1', 'grace', 'me too', FAR)).toEqual(revoked);
        expect(await allowList.revokeGrant('g-2', 'grace', 'none', T1)).toBeNull();
        expect((await allowList.facts(IMAGE)).grants).toEqual([]);
        expect(await allowList.listGrants({ limit: 10 })).toEqual([]);
        expect(await allowList.listGrants({ all: true, limit: 10 })).toEqual([revoked]);
      });

      it('that expired are facts all the same, since they say why', async () => {
        await allowList.addGrant(grantOf({ expiresAt: PAST }));

        expect(await allowList.listGrants({ limit: 10 })).toEqual([]);
        expect((await allowList.facts(IMAGE)).grants).toEqual([grantOf({ expiresAt: PAST })]);
      });

      it('are listed newest first, up to the limit', async () => {
        for (const id of ['g-1', 'g-2', 'g-3']) await allowList.addGrant(grantOf({ id }));

        const listed = await allowList.listGrants({ limit: 2 });

        expect(listed.map(({ id }) => id)).toEqual(['g-3', 'g-2']);
      });

      it('are never so many that one could be left out of a decision', async () => {
        for (let number = 0; number < MAX_GRANTS; number += 1) {
          await allowList.addGrant(grantOf({ id: `g-${number}` }));
        }

        expect(await codeOf(allowList.addGrant(grantOf({ id: 'more' })))).toBe('INVALID_INPUT');
        expect((await allowList.facts(IMAGE)).grants).toHaveLength(MAX_GRANTS);
      });
    });

    describe('denials', () => {
      it('keep the first, until it is lifted once', async () => {
        const added = await allowList.addDenial(denialOf());

        expect(added).toEqual({ ...denialOf(), ...NOT_LIFTED });
        expect(await allowList.addDenial(denialOf({ reason: 'mine', by: 'frank' }))).toEqual(added);
        expect((await allowList.facts(IMAGE)).denials).toEqual([denialOf()]);

        expect(await allowList.liftDenial(A, 'frank', 'false alarm', T1)).toBe(true);
        expect(await allowList.liftDenial(A, 'frank', 'false alarm', T1)).toBe(true);
        expect(await allowList.liftDenial(A, 'grace', 'me too', T1)).toBe(false);
        expect((await allowList.facts(IMAGE)).denials).toEqual([]);
        expect(await allowList.listDenials({ limit: 10 })).toEqual([]);
        expect(await allowList.listDenials({ all: true, limit: 10 })).toEqual([
          { ...denialOf(), liftedAt: T1, liftedBy: 'frank', liftReason: 'false alarm' },
        ]);
      });

      it("are a person's from their word on, where the system had one", async () => {
        const by = SYSTEM_ACTOR.subject;
        const ofSystem = denialOf({ by, repository: null, reason: 'advisory CVE-2026-0001' });
        await allowList.addDenial(ofSystem);

        const taken = await allowList.addDenial(denialOf({ by: 'frank', at: T1 }));
        const again = await allowList.addDenial(ofSystem);

        expect(taken).toEqual({ ...denialOf({ by: 'frank' }), ...NOT_LIFTED });
        expect(again).toEqual(taken);
        expect(await allowList.liftDenial(A, by, 'not affected', T1, by)).toBe(false);
        expect((await allowList.facts(IMAGE)).denials).toEqual([denialOf({ by: 'frank' })]);
        expect(await allowList.liftDenial(A, by, 'not affected', T1, 'frank')).toBe(true);
      });

      it('are of the digest in every repository', async () => {
        await allowList.addDenial(denialOf({ repository: null }));

        const { denials } = await allowList.facts({ repository: 'apps/other/other', digest: A });

        expect(denials).toEqual([denialOf({ repository: null })]);
      });
    });

    describe('facts', () => {
      it('of an image that nobody knows are none', async () => {
        const facts = await allowList.facts(IMAGE);

        expect(facts).toEqual({
          revision: (await allowList.revisions()).allowList,
          homes: [],
          pins: [],
          holds: [],
          grants: [],
          denials: [],
          quarantines: [],
          bad: [],
          evidence: [],
        });
      });

      it('name the repositories of releases and of write-once tags, not those of other tags', async () => {
        const status = releaseStatus({ digest: A, repository: 'apps/checkout/checkout' });
        await under.ledger.saveStatus(status, 'run-1', 1);
        await pushed(under.inventory, {});
        await pushed(under.inventory, { repository: 'scratch/x', tag: 'latest', writeOnce: false });

        expect((await allowList.facts(IMAGE)).homes).toEqual([
          'apps/checkout/checkout',
          REPOSITORY,
        ]);
      });

      it('name what points at it now', async () => {
        await pin(under.ledger, A, T0);

        expect((await allowList.facts(IMAGE)).pins).toEqual([
          {
            svc: 'shop',
            channel: 'prod:stable',
            holds: true,
            pinnedAt: T0,
            replacedAt: null,
            newerPins: 0,
          },
        ]);
      });

      it('name what pointed at it, since when no more, and how many came after', async () => {
        const { ledger } = under;
        await pin(ledger, A, '2026-01-01T00:00:00.000Z');
        await pin(ledger, B, '2026-01-02T00:00:00.000Z');
        await pin(ledger, C, '2026-01-03T00:00:00.000Z');
        await pin(ledger, B, '2026-01-04T00:00:00.000Z');
        await pin(ledger, A, '2026-01-01T12:00:00.000Z', { env: 'stg', tag: 'candidate' });
        await pin(ledger, null, '2026-01-01T13:00:00.000Z', { env: 'stg', tag: 'candidate' });

        const { pins } = await allowList.facts(IMAGE);

        const shop = { svc: 'shop', holds: false };
        expect(pins).toEqual([
          {
            ...shop,
            channel: 'prod:stable',
            pinnedAt: '2026-01-01T00:00:00.000Z',
            replacedAt: '2026-01-02T00:00:00.000Z',
            newerPins: 2,
          },
          {
            ...shop,
            channel: 'stg:candidate',
            pinnedAt: '2026-01-01T12:00:00.000Z',
            replacedAt: '2026-01-01T13:00:00.000Z',
            newerPins: 0,
          },
        ]);
      });

      it('count from the last time that a channel came to it', async () => {
        const { ledger } = under;
        await pin(ledger, A, '2026-01-01T00:00:00.000Z');
        await pin(ledger, B, '2026-01-02T00:00:00.000Z');
        await pin(ledger, A, '2026-01-03T00:00:00.000Z');
        await pin(ledger, C, '2026-01-04T00:00:00.000Z');

        expect((await allowList.facts(IMAGE)).pins).toMatchObject([
          {
            pinnedAt: '2026-01-03T00:00:00.000Z',
            replacedAt: '2026-01-04T00:00:00.000Z',
            newerPins: 1,
          },
        ]);
      });

      it('say what holds it and who remembers it as bad', async () => {
        await allowList.addHold(holdOf());
        await allowList.addHold(holdOf({ id: 'h-2', until: FAR }));
        await allowList.addHold(holdOf({ id: 'h-3' }));
        // Of an incident copy: it keeps the digest, and lets nothing run.
        await allowList.addHold(holdOf({ id: 'worm-1' }));
        await allowList.releaseHold('h-3', 'olga', 'over', T1);
        await under.ledger.markBad({
          svc: 'shop',
          digest: A,
          reason: 'errors',
          at: T0,
          actor: 'olga',
        });

        expect(await allowList.facts(IMAGE)).toMatchObject({
          holds: [
            { reason: 'incident 4711', by: 'olga', at: T0, until: null },
            { reason: 'incident 4711', by: 'olga', at: T0, until: FAR },
          ],
          bad: [{ svc: 'shop', reason: 'errors' }],
        });
      });

      it('tell of quarantine and denial through what holds it and what it holds', async () => {
        const { inventory, quarantine } = under;
        await pushed(inventory, { tag: null, digest: A });
        await pushed(inventory, { tag: null, digest: B });
        await pushed(inventory, { digest: INDEX, edges: [child(A), child(B)] });
        await quarantine.add(entryOf({ digest: A }));
        await allowList.addDenial(denialOf({ digest: INDEX }));

        const ofIndex = await allowList.facts({ ...IMAGE, digest: INDEX });
        const ofSibling = await allowList.facts({ ...IMAGE, digest: B });

        expect(ofIndex.quarantines).toEqual([
          {
            digest: INDEX,
            cause: A,
            reason: 'vulnerable',
            cves: ['CVE-2026-0001'],
            by: 'erin',
            at: T0,
            graceUntil: null,
            expiresAt: null,
          },
        ]);
        expect(ofSibling.quarantines).toEqual([]);
        expect(ofSibling.denials).toEqual([denialOf({ digest: INDEX })]);
      });

      it('hold the newest verdict of each gate that tells of the image', async () => {
        const { ledger } = under;
        const status = releaseStatus({ releaseId: 'shop/1.0.0_abc1234', svc: 'shop', digest: A });
        await ledger.saveStatus(status, 'run-1', 1);
        const scan = { gate: 'scan', subject: '', evidence: {} } as const;
        const record = async (
          outcome: 'pass' | 'fail',
          reasons: readonly string[],
        ): Promise<void> =>
          ledger.recordVerdict(status.releaseId, 'run-1', 'h', { ...scan, outcome, reasons }, T0);
        await record('fail', ['CVE-2026-0001 is High.']);
        await record('pass', []);

        expect((await allowList.facts(IMAGE)).evidence).toEqual([
          { gate: 'scan', outcome: 'pass', at: T0, releaseId: status.releaseId, reasons: [] },
        ]);
        expect((await allowList.facts({ ...IMAGE, digest: B })).evidence).toEqual([]);
      });
    });

    describe('watch', () => {
      it('tells when it begins to listen and when the revision moved, until its signal', async () => {
        const watching = new AbortController();
        const heard = listen(watching.signal, allowList);
        await heard.next();
        const { allowList: before } = await allowList.revisions();

        await allowList.addGrant(grantOf());
        await heard.next();
        const { allowList: between } = await allowList.revisions();
        await allowList.addDenial(denialOf());
        await heard.next();
        watching.abort();
        await allowList.liftDenial(A, 'frank', 'false alarm', T1);

        expect(between).toBeGreaterThan(before);
        expect((await allowList.revisions()).allowList).toBeGreaterThan(between + 1);
        expect(heard.count()).toBe(3);
      });
    });
  });
}
