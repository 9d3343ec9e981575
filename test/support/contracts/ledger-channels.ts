import type { Ledger, ChannelMove } from '../../../src/ports/ledger';
import { A, B, C, CANDIDATE, codeOf, digestOf, moveOf, STABLE, T0, T1 } from './ledger-builders';

/** Channels by compare-and-set, fencing and history: the part of the contract that keeps a pin right. */
export function describeChannels(current: () => Ledger): void {
  let ledger: Ledger;

  beforeEach(() => {
    ledger = current();
  });

  async function pin(over: Partial<ChannelMove>): Promise<void> {
    await ledger.beginMove(moveOf(over));
    await ledger.completeMove(moveOf(over), T0);
  }

  describe('channel moves', () => {
    it('moves an empty channel and tells who and when', async () => {
      expect(await ledger.beginMove(moveOf())).toEqual({ done: false });
      expect(await ledger.getChannel('shop', STABLE)).toBeNull();

      await ledger.completeMove(moveOf(), T0);

      expect(await ledger.getChannel('shop', STABLE)).toEqual({
        channel: 'prod:stable',
        digest: A,
        epoch: 1,
        releaseId: 'shop/1.0.0_abc1234',
        changedAt: T0,
        changedBy: 'alice',
      });
    });

    it('knows a channel whose move has not ended', async () => {
      expect(await ledger.openMoves('shop')).toEqual([]);

      await ledger.beginMove(moveOf());
      expect(await ledger.openMoves('shop')).toEqual(['prod:stable']);
      expect(await ledger.openMoves('other')).toEqual([]);

      await ledger.completeMove(moveOf(), T0);
      expect(await ledger.openMoves('shop')).toEqual([]);
    });

    it('goes on after a crash between begin and complete, and is done after that', async () => {
      await ledger.beginMove(moveOf());

      expect(await ledger.beginMove(moveOf())).toEqual({ done: false });
      await ledger.completeMove(moveOf(), T0);
      await ledger.completeMove(moveOf(), T1);

      expect(await ledger.beginMove(moveOf())).toEqual({ done: true });
      expect(await ledger.history('shop', 10)).toHaveLength(1);
      expect((await ledger.getChannel('shop', STABLE))?.changedAt).toBe(T0);
    });

    it('stays done for its key when the channel has moved on and the writer is fenced', async () => {
      await pin({});
      await pin({ epoch: 2, expected: A, next: B, idempotencyKey: 'k2' });

      expect(await ledger.beginMove(moveOf())).toEqual({ done: true });
      expect((await ledger.getChannel('shop', STABLE))?.digest).toBe(B);
    });

    it('refuses a move from a digest that the channel does not hold', async () => {
      await pin({});

      const code = await codeOf(
        ledger.beginMove(moveOf({ expected: C, next: B, idempotencyKey: 'k2' })),
      );

      expect(code).toBe('CHANNEL_MOVED');
    });

    it('accepts a move whose goal the channel holds already, and keeps it out of the history', async () => {
      await pin({});
      await pin({ expected: null, next: A, idempotencyKey: 'k2' });

      expect(await ledger.history('shop', 10)).toHaveLength(1);
    });

    it('empties a channel', async () => {
      await pin({ channel: CANDIDATE });
      await pin({ channel: CANDIDATE, expected: A, next: null, idempotencyKey: 'k2' });

      const channels = await ledger.listChannels('shop');

      expect(channels.map((one) => [one.channel, one.digest])).toEqual([['prod:candidate', null]]);
    });

    it('refuses one key for two different moves', async () => {
      await ledger.beginMove(moveOf());

      expect(await codeOf(ledger.beginMove(moveOf({ next: B })))).toBe('INVALID_INPUT');
      expect(await codeOf(ledger.completeMove(moveOf({ next: B }), T0))).toBe('INVALID_INPUT');
    });

    it('refuses to complete what was never begun', async () => {
      expect(await codeOf(ledger.completeMove(moveOf(), T0))).toBe('INVALID_INPUT');
      expect(await ledger.getChannel('shop', STABLE)).toBeNull();
    });

    it('lets one of many concurrent writers of a channel in', async () => {
      const moves = Array.from({ length: 20 }, (_, index) =>
        moveOf({
          idempotencyKey: `k${index}`,
          releaseId: `shop/${index}`,
          next: digestOf(`n${index}`),
        }),
      );

      const codes = await Promise.all(moves.map((move) => codeOf(ledger.beginMove(move))));

      expect(codes.filter((code) => code === 'fulfilled')).toHaveLength(1);
      expect(codes.filter((code) => code === 'CHANNEL_MOVED')).toHaveLength(19);
    });

    it('lets many concurrent attempts of one move in, and moves once', async () => {
      const attempt = async (): Promise<void> => {
        await ledger.beginMove(moveOf());
        await ledger.completeMove(moveOf(), T0);
      };

      const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(attempt())));

      expect(codes).toEqual(Array.from({ length: 20 }, () => 'fulfilled'));
      expect(await ledger.history('shop', 10)).toHaveLength(1);
    });

    it('keeps the channels and services apart', async () => {
      await pin({});
      await pin({ channel: CANDIDATE, next: B, idempotencyKey: 'k2' });
      await pin({ svc: 'cart', next: C, idempotencyKey: 'k3' });

      expect((await ledger.listChannels('shop')).map((one) => one.digest)).toEqual([B, A]);
      expect((await ledger.getChannel('cart', STABLE))?.digest).toBe(C);
    });
  });

  describe('fencing', () => {
    it('refuses to begin with an older epoch', async () => {
      expect(await ledger.bumpEpoch('shop', 'b1')).toBe(1);
      expect(await ledger.bumpEpoch('shop', 'b2')).toBe(2);

      expect(await codeOf(ledger.beginMove(moveOf({ epoch: 1 })))).toBe('FENCED');
      expect(await codeOf(ledger.beginMove(moveOf({ epoch: 2 })))).toBe('fulfilled');
    });

    it('refuses to complete a move that was begun before the fence rose', async () => {
      await ledger.bumpEpoch('shop', 'b1');
      await ledger.beginMove(moveOf({ epoch: 1 }));
      await ledger.bumpEpoch('shop', 'b2');

      expect(await codeOf(ledger.completeMove(moveOf({ epoch: 1 }), T0))).toBe('FENCED');
      expect(await ledger.getChannel('shop', STABLE)).toBeNull();
    });

    it('lets a newer epoch close the intent that a fenced writer left open', async () => {
      await pin({});
      await ledger.beginMove(moveOf({ expected: A, next: B, idempotencyKey: 'k2' }));

      await ledger.bumpEpoch('shop', 'rollback');
      const back = { epoch: 2, expected: A, next: C, idempotencyKey: 'k3', releaseId: 'shop/2' };
      await pin(back);

      expect((await ledger.getChannel('shop', STABLE))?.digest).toBe(C);
      const late = moveOf({ expected: A, next: B, idempotencyKey: 'k2' });
      expect(await codeOf(ledger.completeMove(late, T1))).toBe('FENCED');
    });

    it('lets the compensation of a release close the step that it undoes', async () => {
      await pin({});
      await ledger.beginMove(moveOf({ expected: A, next: B, idempotencyKey: 'k2' }));

      await pin({ expected: B, next: A, idempotencyKey: 'k2-undo' });

      expect((await ledger.getChannel('shop', STABLE))?.digest).toBe(A);
      const late = moveOf({ expected: A, next: B, idempotencyKey: 'k2' });
      expect(await codeOf(ledger.completeMove(late, T1))).toBe('FENCED');
      expect(await codeOf(ledger.beginMove(late))).toBe('FENCED');
    });

    it('gives each key its own epoch, once, also when asked at the same time', async () => {
      const keys = Array.from({ length: 10 }, (_, index) => `b${index % 5}`);

      const epochs = await Promise.all(keys.map(async (key) => ledger.bumpEpoch('shop', key)));

      expect(epochs.slice(0, 5)).toEqual(epochs.slice(5));
      expect(new Set(epochs)).toEqual(new Set([1, 2, 3, 4, 5]));
      expect(await ledger.currentEpoch('shop')).toBe(5);
    });

    it('starts a service at epoch 0', async () => {
      expect(await ledger.currentEpoch('shop')).toBe(0);
    });

    it('lets either the pin or the fence win, never both', async () => {
      await ledger.bumpEpoch('shop', 'b1');
      await ledger.beginMove(moveOf());

      const [completed] = await Promise.all([
        codeOf(ledger.completeMove(moveOf(), T0)),
        ledger.bumpEpoch('shop', 'b2'),
      ]);

      const held = (await ledger.getChannel('shop', STABLE))?.digest ?? null;
      expect([completed, held]).toEqual(
        completed === 'fulfilled' ? ['fulfilled', A] : ['FENCED', null],
      );
    });
  });

  describe('channel history', () => {
    it('lists moves newest first with what they replaced', async () => {
      await pin({});
      await pin({ expected: A, next: B, idempotencyKey: 'k2', reason: 'second' });

      const [newest, oldest] = await ledger.history('shop', 10);

      expect(newest).toEqual({
        channel: 'prod:stable',
        from: A,
        to: B,
        at: T0,
        actor: 'alice',
        reason: 'second',
        releaseId: 'shop/1.0.0_abc1234',
      });
      expect(oldest).toMatchObject({ from: null, to: A });
      expect(await ledger.history('shop', 1)).toHaveLength(1);
    });

    it('knows the past digests of a channel, newest first, without repeats or the present one', async () => {
      await pin({});
      await pin({ expected: A, next: B, idempotencyKey: 'k2' });
      await pin({ expected: B, next: A, idempotencyKey: 'k3' });
      await pin({ expected: A, next: C, idempotencyKey: 'k4' });

      expect(await ledger.pastDigests('shop', STABLE, 10)).toEqual([A, B]);
      expect(await ledger.pastDigests('shop', STABLE, 1)).toEqual([A]);
      expect(await ledger.pastDigests('shop', CANDIDATE, 10)).toEqual([]);
    });
  });
}
