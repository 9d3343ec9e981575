import { property, assert, string } from 'fast-check';
import { grantAccess, parseAskedScopes } from '../../../../src/domain/registry/token-scope';

const APP = 'apps/checkout/checkout';

describe('scopes that a token is asked for', () => {
  it('reads repeated and space-separated ones alike', () => {
    const asked = [
      { kind: 'repository', name: APP, actions: ['pull', 'push'] },
      { kind: 'repository', name: 'charts/checkout', actions: ['pull'] },
    ];
    const texts = [`repository:${APP}:push,pull`, 'repository:charts/checkout:pull'];

    expect(parseAskedScopes(texts)).toEqual(asked);
    expect(parseAskedScopes([texts.join(' ')])).toEqual(asked);
  });

  it('reads * as everything, the catalogue, and what is not ours as nothing', () => {
    expect(
      parseAskedScopes([
        `repository:${APP}:*`,
        'registry:catalog:*',
        'repository(plugin):some/plugin:pull',
        'artifact:x:read',
        `repository:${APP}:metadata`,
      ]),
    ).toEqual([
      { kind: 'repository', name: APP, actions: ['pull', 'push', 'delete'] },
      { kind: 'catalog' },
      { kind: 'other' },
      { kind: 'other' },
      { kind: 'repository', name: APP, actions: [] },
    ]);
  });

  it.each([
    'repository',
    'repository:apps/x',
    'repository:apps/x:',
    'repository::pull',
    'repository:apps/x:pull,',
    'repository:apps/x:PULL',
    'repository:Apps/x:pull',
    'repository:apps/../x:pull',
    'repository:apps/x":pull',
    'repository:localhost:5000/x:pull',
    'repository:apps/**:pull',
    ':apps/x:pull',
    `repository:${'a'.repeat(600)}:pull`,
  ])('refuses %j', (text) => {
    expect(() => parseAskedScopes([text])).toThrow(RangeError);
  });

  it('takes no more than 32', () => {
    const many = Array.from({ length: 33 }, (_, index) => `repository:apps/x${index}:pull`);

    expect(parseAskedScopes(many.slice(1))).toHaveLength(32);
    expect(() => parseAskedScopes(many)).toThrow('At most 32');
  });

  it('throws nothing but RangeError, whatever comes', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 80 }), (text) => {
        try {
          parseAskedScopes([text]);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('what is granted', () => {
  const held = [
    { repositories: 'apps/checkout/**', actions: ['pull', 'push'] },
    { repositories: 'bases/**', actions: ['pull'] },
  ] as const;

  it('is what was asked for and is held, each repository once', () => {
    const asked = parseAskedScopes([
      `repository:${APP}:pull`,
      `repository:${APP}:push,delete`,
      'repository:bases/static:pull,push',
      'repository:apps/payments/payments:pull',
    ]);

    expect(grantAccess(asked, held)).toEqual([
      { type: 'repository', name: APP, actions: ['pull', 'push'] },
      { type: 'repository', name: 'bases/static', actions: ['pull'] },
    ]);
  });

  it('is the catalogue for who may pull something', () => {
    const asked = parseAskedScopes(['registry:catalog:*']);

    expect(grantAccess(asked, held)).toEqual([
      { type: 'registry', name: 'catalog', actions: ['*'] },
    ]);
    expect(grantAccess(asked, [{ repositories: '**', actions: ['push'] }])).toEqual([]);
  });
});
