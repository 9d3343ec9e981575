import { diagnose } from '../../../../src/adapters/kubernetes/diagnosis';
import { Pod } from '../../../../src/adapters/kubernetes/schema';

interface PodInput {
  readonly name?: string;
  readonly created?: string;
  readonly status: object;
}

const pod = ({ name = 'p', created = '2026-01-01T00:00:00Z', status }: PodInput): Pod =>
  Pod.parse({ metadata: { name, creationTimestamp: created }, status });

const container = (state: object, more: object = {}): object => ({
  phase: 'Running',
  containerStatuses: [{ name: 'app', state, ...more }],
});

it.each<[string, object, string]>([
  [
    'a crash loop',
    container(
      { waiting: { reason: 'CrashLoopBackOff' } },
      { restartCount: 4, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
    ),
    'its container ended with code 137 (OOMKilled), 4 restarts',
  ],
  [
    'an end without a restart yet',
    container({ terminated: { exitCode: 1 } }),
    'its container ended with code 1, 0 restarts',
  ],
  [
    'an image that is not there',
    container({ waiting: { reason: 'ErrImagePull', message: 'not found' } }),
    "its image can't be pulled: ErrImagePull: not found",
  ],
  [
    'an eviction by the kubelet',
    { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
    'it was evicted: low on memory',
  ],
  [
    'an eviction by the API',
    {
      phase: 'Running',
      conditions: [
        { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'x' },
      ],
    },
    'it was evicted: EvictionByEvictionAPI: x',
  ],
  [
    'a Secret that is missing',
    container({
      waiting: { reason: 'CreateContainerConfigError', message: 'secret "s" not found' },
    }),
    'its container can\'t be started: CreateContainerConfigError: secret "s" not found',
  ],
  [
    'a lack of nodes',
    {
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
      ],
    },
    'no node takes it: Unschedulable: 0/3 nodes',
  ],
  [
    'a probe that fails',
    container({ running: {} }, { ready: false }),
    'its container runs but is not ready',
  ],
])('tells of %s', (_name, status, cause) => {
  expect(diagnose([pod({ status })])).toMatchObject({ pod: 'p', cause });
});

it('finds nothing in pods that are well, or only begin', () => {
  const well = container({ running: {} }, { ready: true });
  const begins = container({ waiting: { reason: 'ContainerCreating' } });

  expect(diagnose([])).toBeNull();
  expect(diagnose([pod({ status: well }), pod({ status: begins })])).toBeNull();
});

it('tells the worst first, of the newest pod that has it', () => {
  const crash = (name: string, created: string): Pod =>
    pod({ name, created, status: container({ terminated: { exitCode: 1 } }) });
  const evicted = pod({ name: 'e', status: { phase: 'Failed', reason: 'Evicted' } });

  const found = diagnose([
    evicted,
    crash('old', '2026-01-01T00:00:00Z'),
    crash('new', '2026-01-02T00:00:00Z'),
  ]);

  expect(found).toMatchObject({ pod: 'new', crashed: true });
});

it('does not take an evicted container for a crash', () => {
  const status = {
    phase: 'Failed',
    reason: 'Evicted',
    message: 'disk',
    ...{ containerStatuses: [{ name: 'app', state: { terminated: { exitCode: 137 } } }] },
  };

  expect(diagnose([pod({ status })])).toMatchObject({
    crashed: false,
    cause: 'it was evicted: disk',
  });
});
