import { diagnoseSince } from '../../../../src/adapters/kubernetes/pod-history';
import { Pod } from '../../../../src/adapters/kubernetes/schema';

const SINCE = Date.parse('2026-03-01T12:00:00.400Z');
const BEFORE = '2026-03-01T11:59:59Z';
const SAME_SECOND = '2026-03-01T12:00:00Z';
const AFTER = '2026-03-01T12:03:00Z';

const pod = (status: object, metadata: object = {}): Pod =>
  Pod.parse({ metadata: { name: 'p', creationTimestamp: BEFORE, ...metadata }, status });

const restarted = (terminated: object, more: object = {}): object => ({
  phase: 'Running',
  containerStatuses: [
    {
      name: 'app',
      ready: true,
      restartCount: 2,
      state: { running: {} },
      lastState: { terminated: { exitCode: 3, reason: 'Error', finishedAt: AFTER, ...terminated } },
    },
  ],
  ...more,
});

const evicted = (at?: string): object => ({
  phase: 'Failed',
  reason: 'Evicted',
  message: 'low on memory',
  ...(at !== undefined && {
    conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: at }],
  }),
});

describe('diagnoseSince', () => {
  it.each([
    ['a crash that the kubelet has mended', pod(restarted({})), 'with code 3 (Error), 2 restarts'],
    ['one in the same second', pod(restarted({ finishedAt: SAME_SECOND })), 'with code 3'],
    ['an end without an error', pod(restarted({ exitCode: 0, reason: 'Completed' })), 'code 0'],
    ['an eviction', pod(evicted(AFTER)), 'it was evicted: low on memory'],
    [
      'an eviction of a pod that came later',
      pod(evicted(), { creationTimestamp: AFTER }),
      'it was evicted',
    ],
  ])('tells of %s', (_name, one, cause) => {
    const well = pod({ phase: 'Running', containerStatuses: [{ name: 'app', ready: true }] });

    expect(diagnoseSince([well, one], SINCE)).toMatchObject({
      pod: 'p',
      cause: expect.stringContaining(cause) as string,
    });
  });

  it.each([
    ['a crash before', pod(restarted({ finishedAt: BEFORE }))],
    ['a crash without a time', pod(restarted({ finishedAt: null }))],
    ['an eviction before', pod(evicted(BEFORE))],
    ['a pod that is drained', pod(restarted({}), { deletionTimestamp: AFTER })],
    [
      'a pod that went with its node',
      pod(restarted({}, { phase: 'Failed', reason: 'NodeShutdown' })),
    ],
    ['a node that started again', pod(restarted({ reason: 'Unknown', exitCode: 255 }))],
    ['another container', pod({ ...restarted({}), containerStatuses: [] })],
  ])('says nothing of %s', (_name, one) => {
    expect(diagnoseSince([one], SINCE)).toBeNull();
  });

  it('shows the lines from before the restart, or those of the end', () => {
    const down = {
      phase: 'Running',
      containerStatuses: [
        { name: 'app', restartCount: 0, state: { terminated: { exitCode: 1, finishedAt: AFTER } } },
      ],
    };

    expect(diagnoseSince([pod(restarted({}))], SINCE)).toMatchObject({ log: 'previous' });
    expect(diagnoseSince([pod(down)], SINCE)).toMatchObject({ log: 'current', crashed: true });
  });
});
