import { checkLabels, labelsToHold, requiredLabels } from '../../../src/domain/labels';

const labels = requiredLabels({
  service: { region: 'eu-west-1' },
  version: '1.2.3',
  revision: 'abcdef1',
  releaseId: 'checkout/1.2.3_abcdef1',
  buildId: 'run-1',
  created: '2026-01-01T00:00:00.000Z',
  source: 'checkout',
});
const required = Object.keys(labels);

describe('requiredLabels', () => {
  it('are the seven of the standard', () => {
    expect(required.sort()).toEqual([
      'org.opencontainers.image.created',
      'org.opencontainers.image.revision',
      'org.opencontainers.image.source',
      'org.opencontainers.image.version',
      'plura.build_id',
      'plura.region',
      'plura.release_id',
    ]);
  });

  it('pass their own check', () => {
    expect(checkLabels(labels, required, { 'plura.region': 'eu-west-1' })).toEqual({
      accepted: true,
    });
  });
});

describe('checkLabels', () => {
  it.each(required)('misses %s, absent or blank', (name) => {
    const without = Object.fromEntries(Object.entries(labels).filter(([key]) => key !== name));

    for (const given of [without, { ...labels, [name]: ' ' }]) {
      expect(checkLabels(given, required)).toMatchObject({
        accepted: false,
        code: 'LABEL_MISSING',
        missing: [name],
        message: expect.stringContaining(name) as unknown,
      });
    }
  });

  it('names a label with another value than the one expected, and both values', () => {
    const decision = checkLabels(labels, required, { 'org.opencontainers.image.version': '2.0.0' });

    expect(decision).toMatchObject({
      missing: [],
      wrong: ['org.opencontainers.image.version'],
      message: expect.stringMatching(/"1\.2\.3", expected "2\.0\.0"/) as unknown,
    });
  });

  it('does not take an inherited property for a label', () => {
    expect(checkLabels({}, ['constructor'])).toMatchObject({ missing: ['constructor'] });
  });

  it.each(['yesterday', '2026-01-01', '1767225600'])('refuses %s as a time', (created) => {
    const name = 'org.opencontainers.image.created';

    expect(checkLabels({ [name]: created }, [name])).toMatchObject({ wrong: [name] });
  });
});

describe('labelsToHold', () => {
  const facts = {
    service: { region: 'eu-west-1' },
    version: '1.2.3',
    revision: 'abcdef1',
    releaseId: 'checkout/1.2.3_abcdef1',
  };

  it.each([
    ['plura.release_id', 'payments/1.2.3_abcdef1'],
    ['plura.region', 'us-east-1'],
    ['org.opencontainers.image.version', '9.9.9'],
    ['org.opencontainers.image.revision', 'fffffff'],
  ])('catch a %s that is of another release', (name, value) => {
    const decision = checkLabels(
      { ...labels, [name]: value },
      required,
      labelsToHold(facts, required),
    );

    expect(decision).toMatchObject({ accepted: false, wrong: [name] });
  });

  it('ask for no label of ours that the policy does not require', () => {
    expect(Object.keys(labelsToHold(facts, []))).toEqual([
      'org.opencontainers.image.version',
      'org.opencontainers.image.revision',
    ]);
  });
});
