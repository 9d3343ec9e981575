import { OLGA, releaseRequest, testPolicy, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const STAYING = withoutWindows(
  testPolicy({ approval: { ...testPolicy().approval, required: true } }),
);

/** Every channel and both tracks of each environment. */
async function everything({ ledger, registry, rollout }: FakeDeps, svc: string): Promise<unknown> {
  const channels = await ledger.listChannels(svc);
  const tags = await Promise.all(
    (['dev', 'stg', 'prod'] as const).flatMap((env) =>
      (['stable', 'candidate'] as const).map((tag) =>
        registry.resolve(`channels/${env}/${svc}`, tag),
      ),
    ),
  );
  return {
    channels: channels.map(({ digest }) => digest).filter((digest) => digest !== null),
    tags: tags.filter((tag) => tag !== null),
    traffic: (['stg', 'prod'] as const).map((env) => {
      const state = rollout.states.get(`${svc}/${env}`);
      return [env, state?.stable ?? null, state?.candidate ?? null];
    }),
  };
}

const NOTHING = {
  channels: [],
  tags: [],
  traffic: [
    ['stg', null, null],
    ['prod', null, null],
  ],
};

describe('the first release of a service', () => {
  const server = useDevServer();

  it('leaves nothing behind when it is aborted after stg:stable', async () => {
    const deps = await createFakeDeps();
    server.workers.use('newborn', deps);
    const request = releaseRequest('newborn', '1.0.0', { policy: STAYING });
    await server.caller.submit(request);
    await eventually(() => server.caller.waitForStage(request.releaseId, 'approval'));

    await server.caller.decide(request.releaseId, 'abort', OLGA);
    const result = await server.caller.result(request.releaseId);

    expect(result.outcome).toBe('aborted');
    expect(await everything(deps, 'newborn')).toEqual(NOTHING);
  });

  it('leaves nothing behind when its pin fails between traffic and channel', async () => {
    const deps = await createFakeDeps();
    const ledger = Object.assign(Object.create(deps.ledger) as FakeDeps['ledger'], {
      beginMove: (move: Parameters<FakeDeps['ledger']['beginMove']>[0]) => {
        if (move.channel.env === 'prod' && move.channel.tag === 'stable' && move.next) {
          deps.ledger.fail('CHANNEL_MOVED', 1, 'beginMove');
        }
        return deps.ledger.beginMove(move);
      },
    });
    server.workers.use('halfway', { ...deps, ledger });
    const request = releaseRequest('halfway', '1.0.0', { policy: withoutWindows() });

    const result = await server.caller.run(request);

    expect(result.outcome).toBe('failed');
    expect(await everything(deps, 'halfway')).toEqual(NOTHING);
  });
});
