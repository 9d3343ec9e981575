import {
  baseMaterials,
  bindsSubject,
  judgeProvenance,
  type ProvenanceInput,
} from '../../../src/domain/provenance';
import type { Json } from '../../../src/domain/verdict';
import { fakeProvenance } from '../../support/fakes/builder';

const digest = `sha256:${'a'.repeat(64)}` as const;
const other = `sha256:${'b'.repeat(64)}` as const;
const labels = { 'org.opencontainers.image.version': '1.0.0' };
const base = { repository: 'bases/static', digest };
const builderId = 'https://builder.test/buildkit';
const build = {
  contextPath: '/s',
  repository: 'apps/a/a',
  labels,
  bases: { 'bases/static': base },
};
const predicate = fakeProvenance(build, builderId);

interface Predicate {
  buildDefinition: { buildType: string; resolvedDependencies: Json[] };
  runDetails: { builder: { id: string } };
}

function edited(edit: (predicate: Predicate) => void): Json {
  const copy = structuredClone(predicate) as unknown as Predicate;
  edit(copy);
  return copy as unknown as Json;
}

function judge(extra: Partial<ProvenanceInput> = {}): readonly string[] {
  const verdict = judgeProvenance({
    subject: digest,
    predicate,
    schemaErrors: [],
    policy: {
      trustedBuilders: ['https://builder.test/'],
      bases: { allow: ['bases/static'], signatureRequired: true },
    },
    signedBases: [digest],
    ...extra,
  });
  expect(verdict.outcome).toBe(verdict.reasons.length > 0 ? 'fail' : 'pass');
  return verdict.reasons;
}

describe('judgeProvenance of an adopted digest', () => {
  it('passes a build of a trusted builder from signed bases of the allow-list', () => {
    expect(judge()).toEqual([]);
  });

  it('fails without provenance, and when it breaks the schema', () => {
    expect(judge({ predicate: null })).toEqual([expect.stringMatching(/no SLSA v1 provenance/)]);
    expect(judge({ schemaErrors: ['runDetails: required'] })).toEqual([
      expect.stringMatching(/not SLSA v1: runDetails/),
    ]);
  });

  it('fails on a build type that it cannot read', () => {
    const strange = edited((one) => {
      one.buildDefinition.buildType = 'https://example.test/other';
    });

    expect(judge({ predicate: strange })).toEqual([expect.stringMatching(/is unknown/)]);
  });

  it('fails on a builder that is not trusted; no list trusts any', () => {
    const strange = edited((one) => {
      one.runDetails.builder.id = 'https://evil.test/https://builder.test/';
    });

    expect(judge({ predicate: strange })).toEqual([expect.stringMatching(/not trusted/)]);
    const policy = {
      trustedBuilders: [],
      bases: { allow: ['bases/static'], signatureRequired: true },
    };
    expect(judge({ predicate: strange, policy })).toEqual([]);
  });

  it.each([
    ['https://ci.test/acme', 'https://ci.test/acme-evil/build', false],
    ['https://ci.test', 'https://ci.test.evil.test/build', false],
    ['https://ci.test/acme', 'https://ci.test/acme', true],
    ['https://ci.test/acme', 'https://ci.test/acme/build@v1', true],
    ['https://ci.test/acme/', 'https://ci.test/acme/build', true],
    ['https://ci.test/build.yml@', 'https://ci.test/build.yml@refs/tags/v1', true],
  ])('trusts by %s the builder %s: %s', (prefix, id, trusted) => {
    const built = edited((one) => {
      one.runDetails.builder.id = id;
    });
    const bases = { allow: ['bases/static'], signatureRequired: true };

    const reasons = judge({ predicate: built, policy: { trustedBuilders: [prefix], bases } });

    expect(reasons.length === 0).toBe(trusted);
  });

  it('fails on a base that was withdrawn, signed as it is', () => {
    expect(judge({ withdrawnBases: [other] })).toEqual([]);
    expect(judge({ withdrawnBases: [digest] })).toEqual([expect.stringMatching(/was withdrawn/)]);
  });

  it('fails on a base that nobody signed, unless the policy asks for no signature', () => {
    expect(judge({ signedBases: [other] })).toEqual([expect.stringMatching(/no valid signature/)]);
    const policy = {
      trustedBuilders: [],
      bases: { allow: ['bases/static'], signatureRequired: false },
    };
    expect(judge({ signedBases: [], policy })).toEqual([]);
  });

  it.each([
    [
      'off the allow-list',
      { uri: 'pkg:docker/alpine@3.20', digest: { sha256: 'a'.repeat(64) } },
      /allow-list/,
    ],
    ['without a digest', { uri: 'pkg:docker/h:1/bases/static' }, /no sha256 digest/],
    [
      'with half a digest',
      { uri: 'pkg:docker/h:1/bases/static', digest: { sha256: 'aa' } },
      /no sha256/,
    ],
    ['of no known kind and no digest', { uri: 'https://x.test/a.tgz' }, /has no digest/],
  ])('fails on a material %s', (_, material, reason) => {
    const more = edited((one) => {
      one.buildDefinition.resolvedDependencies.push(material);
    });

    expect(judge({ predicate: more })).toEqual([expect.stringMatching(reason)]);
  });

  it('takes other materials that have a digest', () => {
    const more = edited((one) => {
      one.buildDefinition.resolvedDependencies.push({
        uri: 'https://x.test/a.tgz',
        digest: { sha256: 'c'.repeat(64) },
      });
    });

    expect(judge({ predicate: more })).toEqual([]);
  });
});

describe('judgeProvenance of a build of ours', () => {
  const request = { builderId, bases: [digest], labels };

  it('passes when the builder did what it was asked', () => {
    expect(judge({ request })).toEqual([]);
  });

  it('fails on another builder, even a trusted one', () => {
    expect(judge({ request: { ...request, builderId: 'https://builder.test/2' } })).toEqual([
      expect.stringMatching(/calls itself/),
    ]);
  });

  it('fails on a base that we did not give it', () => {
    expect(judge({ request: { ...request, bases: [other] } })).toEqual([
      expect.stringMatching(/did not give/),
    ]);
  });

  it.each([{}, { 'org.opencontainers.image.version': '2.0.0' }, { ...labels, extra: 'x' }])(
    'fails on other labels than %j',
    (asked) => {
      expect(judge({ request: { ...request, labels: asked } })).toEqual([
        expect.stringMatching(/another label:/),
      ]);
    },
  );
});

describe('baseMaterials', () => {
  it.each([
    ['pkg:docker/127.0.0.1:5000/bases/go?digest=sha256:aa', 'bases/go'],
    ['pkg:docker/localhost/bases/go@1', 'bases/go'],
    ['pkg:docker/registry.test%3A443/bases/go@1', 'bases/go'],
    ['pkg:docker/bases/go@1?platform=linux%2Famd64', 'bases/go'],
    ['pkg:docker/alpine@3.20', 'alpine'],
  ])('reads the repository of %s', (uri, repository) => {
    const materials = baseMaterials({ buildDefinition: { resolvedDependencies: [{ uri }] } });

    expect(materials).toEqual([{ uri, repository, digest: null }]);
  });

  it('makes nothing of what is no predicate', () => {
    for (const value of [null, 'text', [], { buildDefinition: 7 }]) {
      expect(baseMaterials(value)).toEqual([]);
    }
  });
});

it('bindsSubject looks at sha256 digests alone', () => {
  expect(bindsSubject([{ digest: { sha256: 'a'.repeat(64) } }], digest)).toBe(true);
  expect(bindsSubject([{ digest: { sha512: 'a'.repeat(64) } }], digest)).toBe(false);
  expect(bindsSubject([], digest)).toBe(false);
});
