import type { GuardrailFindings } from '../../../../src/admission/dependencies';
import { ReleaseError } from '../../../../src/contract/errors';
import type { AdmissionRequest } from '../../../../src/contract/schema/admission-review';
import type { Breach } from '../../../../src/domain/admission/guardrails/guardrail';
import type { ImageRef } from '../../../../src/domain/reference';
import { deploymentOf, pod, podOf } from '../../../support/admission-pods';
import {
  blockOf,
  createAdmissionWorld,
  deniedOf,
  HOST,
  nameOf,
  type AdmissionWorld,
} from '../../../support/admission-world';
import { fakeDigest } from '../../../support/api-fixtures';
import { reviewIn, rulesOf } from '../../../support/admission-review';

let world: AdmissionWorld;
let good: ImageRef;

beforeEach(async () => {
  world = await createAdmissionWorld();
  good = await world.release();
});

const review = reviewIn(() => world);
const rulesFor = rulesOf(review);

const DIGEST = `@${fakeDigest('nothing')}`;
const BREACH: Breach = {
  rule: 'read-only-root',
  pointer: '/spec/containers/0',
  message: 'is writable',
};
const NONE: GuardrailFindings = { denied: [], warnings: [], audited: [], unread: [] };
const ASKED = { annotations: { 'plura.reg/break-glass': 'incident 4711, the registry is down' } };
const SRE = { userInfo: { username: 'sam', groups: ['sre'] } };

describe('updates', () => {
  const old = { operation: 'UPDATE' as const };
  const bad = `${HOST}/apps/checkout/checkout${DIGEST}`;

  it.each<[string, Partial<AdmissionRequest>]>([
    ['a deletion', { operation: 'DELETE' }],
    ['a connection', { operation: 'CONNECT' }],
  ])('asks nobody about %s', async (_what, over) => {
    expect(await rulesFor(podOf(bad), over)).toEqual([]);
  });

  it('asks nobody about an object without pods, or none at all', async () => {
    expect(await rulesFor({ apiVersion: 'v1', kind: 'ConfigMap' })).toEqual([]);
    expect(await rulesFor(null)).toEqual([]);
  });

  it('lets a pod be that keeps its images', async () => {
    world.isPostgresDown = true;
    const labelled = podOf(bad, { labels: { seen: 'yes' } });

    expect(await rulesFor(labelled, { ...old, oldObject: podOf(bad) })).toEqual([]);
  });

  it('lets a Deployment be scaled', async () => {
    world.guardrails = { ...NONE, denied: [BREACH] };
    const scaled = deploymentOf(bad, { replicas: 3 });

    expect(await rulesFor(scaled, { ...old, oldObject: deploymentOf(bad) })).toEqual([]);
  });

  it('judges a new image, and the guardrails of a template that changed', async () => {
    world.guardrails = { ...NONE, denied: [BREACH] };

    expect(
      await rulesFor(deploymentOf(bad), { ...old, oldObject: deploymentOf(nameOf(good)) }),
    ).toEqual(expect.arrayContaining(['released', 'read-only-root']));
    expect(
      await rulesFor(deploymentOf(bad, { labels: { a: 'b' } }), {
        ...old,
        oldObject: deploymentOf(bad),
      }),
    ).toEqual(['read-only-root']);
  });

  it('judges the ephemeral container that is added', async () => {
    const containers = [{ name: 'web', image: bad }];
    const debugged = pod({
      containers,
      ephemeralContainers: [{ name: 'debug', image: 'busybox' }],
    });

    expect(
      await rulesFor(debugged, {
        ...old,
        subResource: 'ephemeralcontainers',
        oldObject: pod({ containers }),
      }),
    ).toEqual(['registry-name']);
  });

  it('judges an image that moved to another container', async () => {
    const before = pod({ containers: [{ name: 'a', image: bad }] });
    const after = pod({ containers: [{ name: 'b', image: bad }] });

    expect(await rulesFor(after, { ...old, oldObject: before })).toContain('released');
  });

  it('does not hold against a running pod what it was before', async () => {
    world.guardrails = { ...NONE, denied: [BREACH], warnings: [BREACH] };
    const labelled = podOf(bad, { labels: { seen: 'yes' } });

    const { response } = await review(labelled, { ...old, oldObject: podOf(bad) });

    expect(response).toEqual({ uid: 'uid-1', allowed: true });
  });
});

describe('guardrails', () => {
  it('refuses, warns and writes down', async () => {
    world.guardrails = {
      denied: [BREACH],
      warnings: [{ ...BREACH, rule: 'seccomp', message: 'no profile' }],
      audited: [],
      unread: [],
    };

    const { response } = await review(podOf(nameOf(good)));

    expect(response.status?.message).toContain(
      '- /spec/containers/0: [read-only-root] is writable',
    );
    expect(response.status?.message).toMatch(/\nTo mend \[read-only-root]: set /);
    expect(response.warnings).toEqual([expect.stringMatching(/^\[seccomp] no profile: set /)]);
  });

  it('warns without refusing', async () => {
    world.guardrails = { ...NONE, warnings: [BREACH], audited: [BREACH] };

    const { response } = await review(podOf(nameOf(good)));

    expect(response).toEqual({
      uid: 'uid-1',
      allowed: true,
      warnings: [expect.stringMatching(/^\[read-only-root] is writable: set /)],
    });
  });

  it('refuses while what it needs to know can not be read', async () => {
    const unread = [
      { rule: 'not-known', message: 'no list of policies', unknown: 'cluster' },
    ] as const;
    world.guardrails = { ...NONE, unread };

    const { verdict, response } = await review(podOf(nameOf(good)));

    expect(verdict).toBe('unknown');
    expect(response.status?.message).toContain('- guardrails: [not-known] no list of policies');
  });

  it('does not let a breach through by break-glass', async () => {
    world.guardrails = { ...NONE, denied: [BREACH] };
    world.isPostgresDown = true;

    const { response } = await review(podOf(nameOf(good), ASKED), SRE);

    expect(response.allowed).toBe(false);
    expect(world.audited).toEqual([]);
  });
});

describe('break-glass', () => {
  it.each<[string, () => void]>([
    [
      'the registry',
      () => {
        world.registry.fail('REGISTRY_UNAVAILABLE', 99);
      },
    ],
    [
      'Postgres',
      () => {
        world.isPostgresDown = true;
      },
    ],
    [
      'the keys',
      () => {
        world.signer.fail('SIGNER_UNAVAILABLE', 99);
      },
    ],
  ])('lets in what could not be checked as %s is down', async (_what, breakIt) => {
    breakIt();

    const { verdict, response } = await review(podOf(nameOf(good), ASKED), SRE);

    expect(verdict).toBe('break-glass');
    expect(response).toEqual({
      uid: 'uid-1',
      allowed: true,
      warnings: ['admitted unchecked by break-glass: incident 4711, the registry is down'],
    });
    expect(world.audited).toMatchObject([{ actor: 'sam', subject: 'shop-prod/Pod shop' }]);
  });

  it('tells of itself in kubectl when the reason is a block of YAML, which ends with a line break', async () => {
    world.isPostgresDown = true;
    const block = { annotations: { 'plura.reg/break-glass': 'incident 4711,\nall is down\n' } };

    const { response } = await review(podOf(nameOf(good), block), SRE);

    expect(response.warnings).toEqual([
      'admitted unchecked by break-glass: incident 4711, all is down',
    ]);
  });

  it('is no way around a quarantine, also while Postgres is away', async () => {
    world.blocks.set(good.digest, blockOf(good.digest));
    world.isPostgresDown = true;

    const { response } = await review(podOf(nameOf(good), ASKED), SRE);

    expect(response.status?.message).toContain('break-glass does not cover [quarantined]');
    expect(world.audited).toEqual([]);
  });

  it('is no way around a denial, also while Postgres is away', async () => {
    world.denied.set(good.digest, deniedOf(good.digest));
    world.isPostgresDown = true;

    const { verdict, response } = await review(podOf(nameOf(good), ASKED), SRE);

    expect(verdict).toBe('denied');
    expect(response.status?.message).toContain('[allow-list] it is denied since');
    expect(response.status?.message).toContain('break-glass does not cover [allow-list]');
    expect(world.audited).toEqual([]);
  });

  it('is no way around a denial that came while the allow-list did not answer', async () => {
    jest.spyOn(world.deps.allow, 'judge').mockImplementation(() => {
      world.denied.set(good.digest, deniedOf(good.digest));
      world.isPostgresDown = true;
      return Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'connection refused'));
    });

    const { response } = await review(podOf(nameOf(good), ASKED), SRE);

    expect(response.status?.message).toContain('break-glass does not cover [allow-list]');
  });

  it('leaves what is denied to the allow-list while it answers', async () => {
    world.denied.set(good.digest, deniedOf(good.digest));

    expect(await rulesFor(podOf(nameOf(good)))).toEqual([]);
  });

  it('is no way around a bad signature, also while Postgres is away', async () => {
    const image = await world.release({ without: ['signature'], seed: 'unsigned' });
    world.isPostgresDown = true;

    const { response } = await review(podOf(nameOf(image), ASKED), SRE);

    expect(response.status?.message).toContain('break-glass does not cover [signature]');
  });

  it('is no way for one bad image beside one that can not be checked', async () => {
    world.isPostgresDown = true;
    const containers = [
      { name: 'a', image: nameOf(good) },
      { name: 'b', image: 'nginx' },
    ];

    const { response } = await review(pod({ containers }, ASKED), SRE);

    expect(response.allowed).toBe(false);
  });

  it('tells whoever may not', async () => {
    world.isPostgresDown = true;

    const { response } = await review(podOf(nameOf(good), ASKED));

    expect(response.status?.message).toContain('- rita may not break the glass');
  });

  it('does not happen when it can not be written down', async () => {
    world.isPostgresDown = true;
    world.isAuditDown = true;

    const { response } = await review(podOf(nameOf(good), ASKED), SRE);

    expect(response.status?.message).toContain('could not be written to the audit trail');
  });

  it('is not asked where everything is in order', async () => {
    const { verdict } = await review(podOf(nameOf(good), ASKED), SRE);

    expect(verdict).toBe('admitted');
    expect(world.audited).toEqual([]);
  });

  it('writes nothing down for a dry run', async () => {
    world.isPostgresDown = true;

    const { verdict } = await review(podOf(nameOf(good), ASKED), { ...SRE, dryRun: true });

    expect(verdict).toBe('break-glass');
    expect(world.audited).toEqual([]);
  });
});
