import { createChannelActivities, type MoveChannelInput } from '../../../activities/channel';
import type { ReleaseError } from '../../../src/contract/errors';
import type { Digest } from '../../../src/domain/digest';
import type { ChannelStore } from '../../../src/ports/ledger';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';

const AT = { env: 'prod', tag: 'stable' } as const;

describe('moveChannel', () => {
  let deps: FakeDeps;
  let first: Digest;
  let second: Digest;

  beforeEach(async () => {
    deps = await createFakeDeps();
    const repository = 'apps/shop/shop';
    first = deps.registry.pushImage({ repository, layers: [Buffer.from('1')] });
    second = deps.registry.pushImage({ repository, layers: [Buffer.from('2')] });
  });

  function move(overrides: Partial<MoveChannelInput>): MoveChannelInput {
    return {
      svc: 'shop',
      name: 'shop',
      channel: AT,
      expected: null,
      next: first,
      epoch: 1,
      actor: 'rita',
      reason: 'test',
      releaseId: 'shop/1',
      idempotencyKey: 'one',
      ...overrides,
    };
  }

  const run = (input: MoveChannelInput, on: FakeDeps = deps): Promise<unknown> =>
    quietEnvironment().run(
      (one: MoveChannelInput) => createChannelActivities(on).moveChannel(one),
      input,
    );
  const tag = async (): Promise<Digest | undefined> =>
    (await deps.registry.resolve('channels/prod/shop', 'stable'))?.digest;
  const ledger = async (): Promise<Digest | null | undefined> =>
    (await deps.ledger.getChannel('shop', AT))?.digest;
  const codeOf = (error: unknown): unknown => (error as ReleaseError).code;

  it('points tag and ledger at the digest', async () => {
    await run(move({}));

    expect([await tag(), await ledger()]).toEqual([first, first]);
  });

  it('empties the channel', async () => {
    await run(move({}));

    await run(move({ expected: first, next: null, idempotencyKey: 'two' }));

    expect([await tag(), await ledger()]).toEqual([undefined, null]);
  });

  it.each(['mount', 'putTag', 'resolve'])(
    'is right after a retry that %s made needed',
    async (call) => {
      deps.registry.fail('REGISTRY_UNAVAILABLE', 1, call);

      await expect(run(move({}))).rejects.toThrow();
      await run(move({}));

      expect([await tag(), await ledger()]).toEqual([first, first]);
      expect(await deps.ledger.history('shop', 10)).toHaveLength(1);
    },
  );

  it('is right after a retry that a lost answer of the ledger made needed', async () => {
    await run(move({}));
    await run(move({}));

    expect([await tag(), await ledger()]).toEqual([first, first]);
    expect(await deps.ledger.history('shop', 10)).toHaveLength(1);
  });

  it('refuses a channel that holds something else, and leaves the tag alone', async () => {
    await run(move({}));

    const error = await run(
      move({ expected: second, next: null, idempotencyKey: 'two', releaseId: 'shop/2' }),
    ).catch(codeOf);

    expect(error).toBe('CHANNEL_MOVED');
    expect(await tag()).toBe(first);
  });

  it('puts back what the ledger says when it was fenced after it had written the tag', async () => {
    await run(move({}));
    const late = move({ expected: first, next: second, idempotencyKey: 'two' });
    // The newer writer takes the epoch between the tag and the end of the move.
    const racing: FakeDeps = {
      ...deps,
      ledger: Object.assign(Object.create(deps.ledger) as FakeDeps['ledger'], {
        completeMove: async (...args: Parameters<ChannelStore['completeMove']>) => {
          await deps.ledger.bumpEpoch('shop', 'rollback');
          return deps.ledger.completeMove(...args);
        },
      }),
    };

    const error = await run(late, racing).catch(codeOf);

    expect(error).toBe('FENCED');
    expect([await tag(), await ledger()]).toEqual([first, first]);
  });

  it('gives up on a tag that somebody outside keeps writing', async () => {
    await run(move({}));
    const stubborn: FakeDeps = {
      ...deps,
      registry: { ...deps.registry, putTag: () => Promise.resolve() },
    };

    const error = await run(
      move({ expected: first, next: second, idempotencyKey: 'two' }),
      stubborn,
    ).catch(codeOf);

    expect(error).toBe('CHANNEL_MOVED');
  });
});
