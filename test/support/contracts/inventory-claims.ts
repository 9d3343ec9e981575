import { CLAIM_ABANDONED_AFTER_MS, type Inventory } from '../../../src/ports/inventory';
import {
  manifestOf,
  pushed,
  pushOf,
  REPOSITORY,
  TAG,
  type InventoryUnderTest,
} from './inventory-builders';
import { A, B, C, digestOf, T0, T1 } from './ledger-builders';

const LONG = CLAIM_ABANDONED_AFTER_MS + 2000;
const SHORT = CLAIM_ABANDONED_AFTER_MS - 20_000;
const takenBy = (digest: string, abandoned = false): object => ({
  kind: 'taken',
  digest,
  by: 'builder',
  at: T0,
  abandoned,
});

/** The claim of a write-once tag, which nothing may ever give to two digests. */
export function describeClaims(under: () => InventoryUnderTest): void {
  let inventory: Inventory;

  beforeEach(() => {
    ({ inventory } = under());
  });

  const holder = async (): Promise<unknown> =>
    inventory.beginPush(pushOf({ digest: digestOf('prober'), actor: 'prober' }));

  describe('claims', () => {
    it('gives a tag to the first digest, tells the next one who holds it, and lets the first repeat', async () => {
      expect(await inventory.beginPush(pushOf())).toEqual({ kind: 'claimed' });

      expect(await inventory.beginPush(pushOf({ digest: B }))).toEqual(takenBy(A));
      expect(await inventory.beginPush(pushOf())).toEqual({ kind: 'same' });
    });

    it('keeps the tag for good once the registry took it', async () => {
      await pushed(inventory);
      await under().pass(LONG);

      expect(await inventory.beginPush(pushOf({ digest: B }), true)).toEqual(takenBy(A));
      expect(await inventory.beginPush(pushOf())).toEqual({ kind: 'same' });
    });

    it('claims by repository and tag, not by tag alone', async () => {
      await inventory.beginPush(pushOf());

      const elsewhere = await inventory.beginPush(
        pushOf({ repository: 'apps/cart/web', digest: B }),
      );
      const nextTag = await inventory.beginPush(pushOf({ tag: '1.0.1_abc1234', digest: B }));

      expect([elsewhere, nextTag]).toEqual([{ kind: 'claimed' }, { kind: 'claimed' }]);
    });

    it('needs no claim for a moving tag or a push by digest', async () => {
      const moving = { tag: 'stable', writeOnce: false };

      const claims = [
        await inventory.beginPush(pushOf(moving)),
        await inventory.beginPush(pushOf({ ...moving, digest: B })),
        await inventory.beginPush(pushOf({ tag: null, writeOnce: true, digest: C })),
      ];

      expect(claims.map((one) => one.kind)).toEqual(['claimed', 'claimed', 'claimed']);
    });

    it('gives the tag to exactly one of two hundred concurrent digests', async () => {
      const pushes = Array.from({ length: 200 }, (_, index) =>
        pushOf({ digest: digestOf(`racer ${index}`), actor: `racer-${index}` }),
      );

      const claims = await Promise.all(pushes.map(async (push) => inventory.beginPush(push)));

      const winners = pushes.filter((_, index) => claims[index]?.kind === 'claimed');
      const losers = claims.filter((one) => one.kind !== 'claimed');
      expect(winners).toHaveLength(1);
      expect(new Set(losers.map((one) => JSON.stringify(one)))).toEqual(
        new Set([
          JSON.stringify({
            kind: 'taken',
            digest: winners[0]!.digest,
            by: winners[0]!.actor,
            at: T0,
            abandoned: false,
          }),
        ]),
      );
    });

    it('claims once for fifty concurrent pushes of one digest, and every one may go on', async () => {
      const claims = await Promise.all(
        Array.from({ length: 50 }, async () => inventory.beginPush(pushOf())),
      );

      expect(claims.filter((one) => one.kind === 'claimed')).toHaveLength(1);
      expect(claims.filter((one) => one.kind === 'same')).toHaveLength(49);
    });
  });

  describe('pushes that the registry refused', () => {
    it('gives the tag free again', async () => {
      const refused = pushOf();
      await inventory.beginPush(refused);

      await inventory.abandonPush(refused);

      expect(await inventory.beginPush(pushOf({ digest: B }))).toEqual({ kind: 'claimed' });
    });

    it('keeps the claim while another push of the digest is under way', async () => {
      const first = pushOf();
      const second = pushOf();
      await inventory.beginPush(first);
      await inventory.beginPush(second);

      await inventory.abandonPush(first);

      expect(await holder()).toEqual(takenBy(A));
      await inventory.completePush(second);
      await under().pass(LONG);
      expect(await inventory.beginPush(pushOf({ digest: B }), true)).toEqual(takenBy(A));
    });

    it('keeps the claim that another push of the digest completed', async () => {
      const first = pushOf();
      const second = pushOf();
      await inventory.beginPush(first);
      await inventory.beginPush(second);
      await inventory.completePush(second);

      await inventory.abandonPush(first);

      expect(await holder()).toEqual(takenBy(A));
      expect((await inventory.getTag(REPOSITORY, TAG))?.digest).toBe(A);
    });

    it('keeps the claim of an earlier push', async () => {
      await pushed(inventory);
      const again = pushOf();
      await inventory.beginPush(again);

      await inventory.abandonPush(again);

      expect(await holder()).toEqual(takenBy(A));
    });

    it('gives the tag free with the last of them', async () => {
      const refused = [pushOf(), pushOf(), pushOf()];
      for (const push of refused) await inventory.beginPush(push);

      await Promise.all(refused.map(async (push) => inventory.abandonPush(push)));

      expect(await holder()).toEqual({ kind: 'claimed' });
    });

    it('says nothing of the claim of another digest', async () => {
      await inventory.beginPush(pushOf());
      const loser = pushOf({ digest: B });
      await inventory.beginPush(loser);

      await inventory.abandonPush(loser);

      expect(await holder()).toEqual(takenBy(A));
    });

    it('told twice says nothing of a push that came since', async () => {
      const refused = pushOf();
      await inventory.beginPush(refused);
      await inventory.abandonPush(refused);
      await inventory.beginPush(pushOf());

      await inventory.abandonPush(refused);

      expect(await holder()).toEqual(takenBy(A));
    });

    it('keeps the claim when it was begun twice, as after a lost answer, and only one end is known', async () => {
      const push = pushOf();
      await inventory.beginPush(push);
      expect(await inventory.beginPush(push)).toEqual({ kind: 'same' });

      await inventory.abandonPush(push);

      expect(await holder()).toEqual(takenBy(A));
      await under().pass(LONG);
      await inventory.abandonPush(push);
      expect(await holder()).toEqual({ kind: 'claimed' });
    });

    it('tells attempts apart without ids, by actor and time, and else keeps the claim', async () => {
      const named = pushOf();
      const { tag, writeOnce, actor, at } = named;
      const push = { ...manifestOf(named), tag, writeOnce, actor, at };
      const later = { ...push, at: T1 };
      await inventory.beginPush(push);
      await inventory.beginPush(later);

      await inventory.abandonPush(later);
      expect(await holder()).toEqual(takenBy(A));

      await inventory.abandonPush(push);
      expect(await holder()).toEqual({ kind: 'claimed' });
    });

    it('leaves no claim or one final claim, whatever the order of ends, under fire', async () => {
      await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const push = pushOf();
          const claim = await inventory.beginPush(push);
          expect(claim.kind).not.toBe('taken');
          await (index % 4 === 0 ? inventory.completePush(push) : inventory.abandonPush(push));
        }),
      );

      await under().pass(LONG);
      expect(await inventory.beginPush(pushOf({ digest: B }), true)).toEqual(takenBy(A));
      expect(await under().movesOf(REPOSITORY, TAG)).toMatchObject([{ from: null, to: A }]);
    });
  });

  describe('pushes of unknown end', () => {
    it('are abandoned after a minute, not before', async () => {
      await inventory.beginPush(pushOf());

      await under().pass(SHORT);
      expect(await inventory.beginPush(pushOf({ digest: B }), true)).toEqual(takenBy(A));

      await under().pass(LONG - SHORT);
      expect(await inventory.beginPush(pushOf({ digest: B }))).toEqual(takenBy(A, true));
    });

    it('are replaced only by who asks for it, and for good', async () => {
      const lost = pushOf();
      await inventory.beginPush(lost);
      await under().pass(LONG);

      const next = pushOf({ digest: B });
      expect(await inventory.beginPush(next, true)).toEqual({ kind: 'claimed' });
      await inventory.abandonPush(lost);

      expect(await holder()).toEqual(takenBy(B));
      await inventory.completePush(next);
      expect((await inventory.getTag(REPOSITORY, TAG))?.digest).toBe(B);
    });

    it('are replaced by exactly one of thirty', async () => {
      await inventory.beginPush(pushOf());
      await under().pass(LONG);

      const claims = await Promise.all(
        Array.from({ length: 30 }, async (_, index) =>
          inventory.beginPush(pushOf({ digest: digestOf(`heir ${index}`) }), true),
        ),
      );

      expect(claims.filter((one) => one.kind === 'claimed')).toHaveLength(1);
      expect(claims.filter((one) => one.kind === 'taken' && !one.abandoned)).toHaveLength(29);
    });

    it('go on or are replaced, never both, when they are pushed again as they are replaced', async () => {
      const tags = Array.from({ length: 12 }, (_, index) => `1.0.${index}_abc1234`);
      await Promise.all(tags.map(async (tag) => inventory.beginPush(pushOf({ tag }))));
      await under().pass(LONG);

      const outcomes = await Promise.all(
        tags.map(async (tag) => {
          const claims = await Promise.all([
            inventory.beginPush(pushOf({ tag, digest: B }), true),
            inventory.beginPush(pushOf({ tag })),
            inventory.beginPush(pushOf({ tag, digest: C }), true),
            inventory.beginPush(pushOf({ tag })),
          ]);
          return claims.map((one) => one.kind);
        }),
      );

      const goOn = ['taken', 'same', 'taken', 'same'];
      const replaced = ['claimed,taken,taken,taken', 'taken,taken,claimed,taken'];
      for (const kinds of outcomes) expect([goOn.join(), ...replaced]).toContain(kinds.join());
    });

    it('are young again with each push of the same digest', async () => {
      await inventory.beginPush(pushOf());
      await under().pass(LONG);
      await inventory.beginPush(pushOf());
      await under().pass(SHORT);

      expect(await inventory.beginPush(pushOf({ digest: B }), true)).toEqual(takenBy(A));
    });

    it('stay of unknown end when a retry of theirs is refused', async () => {
      await inventory.beginPush(pushOf());
      const retry = pushOf();
      await inventory.beginPush(retry);

      await inventory.abandonPush(retry);
      await under().pass(LONG);

      expect(await holder()).toEqual(takenBy(A, true));
    });

    it('take the tag when the registry had taken them after all and nobody claimed it since', async () => {
      const slow = pushOf();
      await inventory.beginPush(slow);
      await inventory.abandonPush(slow);

      await inventory.completePush(slow);

      expect(await holder()).toEqual(takenBy(A));
      expect((await inventory.getTag(REPOSITORY, TAG))?.digest).toBe(A);
    });

    it('never take a tag that another digest claimed meanwhile, and that is told as drift', async () => {
      const slow = pushOf();
      await inventory.beginPush(slow);
      await under().pass(LONG);
      const heir = pushOf({ digest: B });
      await inventory.beginPush(heir, true);
      await inventory.completePush(heir);

      await inventory.completePush(slow);

      expect((await inventory.getTag(REPOSITORY, TAG))?.digest).toBe(B);
      expect(await holder()).toEqual(takenBy(B));
      expect(await inventory.listEvents({ kind: 'drift', limit: 10 })).toMatchObject([
        { repository: REPOSITORY, reference: TAG, detail: { claimed: B, pushed: A } },
      ]);
    });

    it('are listed for the reconcile until their end is told, oldest first', async () => {
      const far = '2999-01-01T00:00:00.000Z';
      const config = {
        kind: 'config',
        digest: C,
        size: 3,
        mediaType: 'application/config',
      } as const;
      const first = pushOf({ edges: [config] });
      const second = pushOf({ tag: null, writeOnce: false, digest: B });
      const done = pushOf({ tag: 'x', writeOnce: false, digest: C });
      for (const push of [first, second, done]) await inventory.beginPush(push);
      await inventory.completePush(done);
      const { pendingPushes } = under();

      expect(await pendingPushes.listPending({ before: far, limit: 10 })).toEqual([first, second]);
      expect(await pendingPushes.listPending({ before: far, limit: 1 })).toEqual([first]);
      expect(await pendingPushes.listPending({ before: T0, limit: 10 })).toEqual([]);
      expect(await pendingPushes.listPending({ before: far, since: T0, limit: 10 })).toHaveLength(
        2,
      );
      expect(await pendingPushes.listPending({ before: far, since: far, limit: 10 })).toEqual([]);

      await inventory.abandonPush(first);
      await inventory.completePush(second);
      expect(await pendingPushes.listPending({ before: far, limit: 10 })).toEqual([]);
    });
  });
}
