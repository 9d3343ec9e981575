import {
  absence,
  routeDrift,
  runDrift,
  serviceDrift,
} from '../../../../src/adapters/kubernetes/drift';
import {
  deploymentManifest,
  routeManifest,
  serviceManifest,
} from '../../../../src/adapters/kubernetes/manifests';
import { NOTHING_PLACED, type Placement } from '../../../../src/adapters/kubernetes/placement';
import { Deployment, HttpRoute, Service } from '../../../../src/adapters/kubernetes/schema';
import { clusterOptions, testImage } from '../../../support/kubernetes/cluster';

const AT = { svc: 'shop', env: 'prod' } as const;
const OPTIONS = clusterOptions({
  server: 'https://127.0.0.1',
  authorize: () => Promise.resolve({ headers: {}, connection: {} }),
});
const placed = (digit: string) => ({ ...testImage(digit), healthPath: '/' });
const [A, B] = [placed('a'), placed('b')];
const CANARY: Placement = { ...NOTHING_PLACED, epoch: 1, stable: A, candidate: B, percent: 25 };
const RUN = { at: AT, placed: B, epoch: 1, track: 'candidate', readyTimeoutMs: 1, replicas: 2 };

type Tree = Record<string, unknown>;

/** As the API server gives it back, with the fields of the spec that kubectl wrote. */
function stored(manifest: object, spec: Tree = {}): unknown {
  const { metadata, ...rest } = JSON.parse(JSON.stringify(manifest)) as {
    metadata: Tree;
    spec: Tree;
  };
  const fieldsV1 = {
    'f:spec': Object.fromEntries(Object.keys(spec).map((field) => [`f:${field}`, {}])),
  };
  const managedFields = [{ manager: 'kubectl-edit', operation: 'Update', fieldsV1 }];
  return {
    ...rest,
    metadata: { ...metadata, uid: 'u', resourceVersion: '1', managedFields },
    spec: { ...rest.spec, ...spec },
  };
}

const route = (spec?: Tree, versionHeader: string | null = null): HttpRoute =>
  HttpRoute.parse(stored(routeManifest(AT, CANARY, { ...OPTIONS, versionHeader }), spec));
const inRoute = (of: HttpRoute): string | null => routeDrift(AT, of, CANARY, OPTIONS);

it.each([null, 'x-plura-version', 'x-older-name'])(
  'is none on a route as it was written, with the header %s',
  (header) => {
    expect(inRoute(route({}, header))).toBeNull();
  },
);

it.each<[string, Tree, string]>([
  ['another host', { hostnames: ['else.example.com'] }, 'reached by else.example.com'],
  ['another Gateway', { parentRefs: [{ name: 'x', namespace: 'y' }] }, 'hangs on y/x'],
  ['no rule', { rules: [] }, 'it splits'],
])('is seen on a route with %s', (_name, spec, said) => {
  expect(inRoute(route(spec))).toMatch(
    new RegExp(`^kubectl-edit changed HTTPRoute shop: .*${said}`),
  );
});

it('is seen on a backend in another namespace, and on one with a filter of somebody else', () => {
  const { spec } = route();
  const [rule] = spec.rules;
  const refs = rule?.backendRefs ?? [];
  const change = (more: Tree) => ({
    rules: [
      { ...rule, backendRefs: refs.map((ref, index) => (index === 1 ? { ...ref, ...more } : ref)) },
    ],
  });

  expect(inRoute(route(change({ namespace: 'elsewhere' })))).toContain(
    'elsewhere/shop-bbbbbbbbbbbb',
  );
  expect(inRoute(route(change({ filters: [{ type: 'RequestMirror' }] })))).toContain(
    'its own filters of shop-bbbbbbbbbbbb',
  );
});

it('is no drift that our own settings name another host by now', () => {
  const urls = { ...OPTIONS.urls, prod: 'https://{svc}.new.example.com' };

  expect(routeDrift(AT, route(), CANARY, { ...OPTIONS, urls })).toBeNull();
});

function run(change: (pods: { containers: Tree[] } & Tree) => Tree = () => ({})): Deployment {
  const manifest = stored(deploymentManifest(RUN, OPTIONS)) as {
    spec: { template: { spec: { containers: Tree[] } & Tree } };
  };
  Object.assign(manifest.spec.template.spec, change(manifest.spec.template.spec));
  return Deployment.parse(manifest);
}

it.each<[string, (pods: { containers: Tree[] }) => Tree, string | null]>([
  ['nothing', () => ({}), null],
  [
    'a command',
    ({ containers: [app] }) => ({ containers: [{ ...app, command: ['sh'] }] }),
    'own command',
  ],
  [
    'privileges',
    ({ containers: [app] }) => ({
      containers: [{ ...app, securityContext: { privileged: true } }],
    }),
    'own privileges',
  ],
  [
    'a sidecar',
    ({ containers }) => ({ containers: [...containers, { name: 'x' }] }),
    'own container x',
  ],
  ['the network of its node', () => ({ hostNetwork: true }), 'own hostNetwork'],
  [
    'another image',
    ({ containers: [app] }) => ({ containers: [{ ...app, image: 'other' }] }),
    'it runs other',
  ],
])('says of pods that were given %s', (_name, change, said) => {
  const drift = runDrift(run(change), B, OPTIONS.registryHost);

  expect(drift).toEqual(said === null ? null : expect.stringContaining(said));
});

it('says of a Service where it leads', () => {
  const as = (spec: Tree = {}): Service => Service.parse(stored(serviceManifest(RUN), spec));

  expect(serviceDrift('shop', as(), B)).toBeNull();
  expect(serviceDrift('shop', as({ selector: { app: 'x' } }), B)).toContain('other pods');
  expect(serviceDrift('shop', as({ ports: [{ port: 80, targetPort: 1 }] }), B)).toContain(
    'another port',
  );
  expect(serviceDrift('shop', null, B)).toContain('deleted Service shop-bbbbbbbbbbbb');
});

it('says that the stable version is away', () => {
  const asleep = Deployment.parse(
    stored(
      { ...deploymentManifest(RUN, OPTIONS) },
      { replicas: 0, template: { spec: { containers: [] } } },
    ),
  );

  expect(absence('d', run())).toBeNull();
  expect(absence('d', null)).toContain('deleted');
  expect(absence('d', asleep)).toContain('kubectl-edit scaled Deployment d to 0');
});
