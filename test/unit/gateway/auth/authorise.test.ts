import type { Principal } from '../../../../src/domain/registry/principal';
import {
  authorise,
  authoriseBase,
  authoriseCatalog,
  mayMount,
} from '../../../../src/gateway/auth/authorise';
import type { Caller } from '../../../../src/gateway/auth/caller';
import { Refused } from '../../../../src/gateway/http/refused';

const REPOSITORY = 'apps/checkout/checkout';
const REALM = 'https://registry.test/token';
const PULL = [{ repositories: REPOSITORY, actions: ['pull'] }] as const;
const ALL = [{ repositories: '**', actions: ['pull', 'push', 'delete'] }] as const;

function caller(over: Partial<Caller> = {}): Caller {
  const base = { name: 'ci', kind: 'robot', shown: 'basic', realm: REALM, mayList: true } as const;
  return { ...base, scopes: PULL, grantable: PULL, ...over };
}

const ANONYMOUS = caller({
  name: 'anonymous',
  kind: 'anonymous',
  shown: 'nothing',
  scopes: [],
  grantable: [],
});

function refusalOf(act: () => void): Refused {
  try {
    act();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('authorise', () => {
  it('lets through what a scope covers', () => {
    expect(() => {
      authorise(caller(), REPOSITORY, 'pull');
    }).not.toThrow();
  });

  it('tells who is anonymous where to log in, and what for', () => {
    const refusal = refusalOf(() => {
      authorise(ANONYMOUS, REPOSITORY, 'push');
    });

    expect(refusal).toMatchObject({ status: 401, refusal: { code: 'UNAUTHORIZED' } });
    expect(refusal.headers['www-authenticate']).toBe(
      `Bearer realm="${REALM}",service="plura-registry",scope="repository:${REPOSITORY}:pull,push"`,
    );
  });

  it('refuses a robot for good, by the rule scope', () => {
    for (const shown of ['basic', 'bearer'] as const) {
      const refusal = refusalOf(() => {
        authorise(caller({ shown }), REPOSITORY, 'push');
      });

      expect(refusal).toMatchObject({ status: 403, refusal: { code: 'DENIED', rule: 'scope' } });
      expect(refusal.headers).toEqual({});
    }
  });

  it('sends a token that was asked for less back for another one', () => {
    const refusal = refusalOf(() => {
      authorise(caller({ shown: 'bearer', grantable: ALL }), REPOSITORY, 'delete');
    });

    expect(refusal.status).toBe(401);
    expect(refusal.headers['www-authenticate']).toBe(
      `Bearer realm="${REALM}",service="plura-registry",scope="repository:${REPOSITORY}:delete",error="insufficient_scope"`,
    );
  });
});

describe('authoriseBase', () => {
  it('challenges who shows nothing, even where anyone may pull: clients learn there how to log in', () => {
    const refusal = refusalOf(() => {
      authoriseBase({ ...ANONYMOUS, scopes: PULL });
    });

    expect(refusal.status).toBe(401);
    expect(refusal.headers['www-authenticate']).toBe(
      `Bearer realm="${REALM}",service="plura-registry"`,
    );
  });

  it.each<[string, Principal]>([
    ['a robot', caller({ scopes: [] })],
    ['an anonymous token', { ...ANONYMOUS, shown: 'bearer' } as Caller],
  ])('lets %s through', (_who, principal) => {
    expect(() => {
      authoriseBase(principal);
    }).not.toThrow();
  });
});

describe('authoriseCatalog', () => {
  it('asks for a token of the catalogue', () => {
    for (const principal of [ANONYMOUS, caller({ shown: 'bearer', mayList: false })]) {
      const refusal = refusalOf(() => {
        authoriseCatalog(principal);
      });

      expect(refusal.status).toBe(401);
      expect(refusal.headers['www-authenticate']).toContain('scope="registry:catalog:*"');
    }
  });

  it('lets through who may ask', () => {
    expect(() => {
      authoriseCatalog(caller());
      authoriseCatalog(caller({ shown: 'bearer' }));
    }).not.toThrow();
  });
});

describe('mayMount', () => {
  const FROM = 'apps/payments/payments';
  const one = [{ repositories: REPOSITORY, actions: ['pull', 'push'] }] as const;

  it('asks for a token that holds both repositories, when the robot could have one', () => {
    const refusal = refusalOf(() => {
      mayMount(caller({ shown: 'bearer', scopes: one, grantable: ALL }), REPOSITORY, FROM);
    });

    expect(refusal.status).toBe(401);
    expect(refusal.headers['www-authenticate']).toContain(
      `scope="repository:${REPOSITORY}:pull,push repository:${FROM}:pull",error="insufficient_scope"`,
    );
  });

  it('mounts nothing, and asks for nothing, where the robot itself may not read', () => {
    expect(
      mayMount(caller({ shown: 'bearer', scopes: one, grantable: one }), REPOSITORY, FROM),
    ).toBe(false);
    expect(
      mayMount(caller({ shown: 'basic', scopes: one, grantable: one }), REPOSITORY, FROM),
    ).toBe(false);
  });

  it('mounts from where the scopes let it read', () => {
    expect(
      mayMount(caller({ shown: 'bearer', scopes: ALL, grantable: ALL }), REPOSITORY, FROM),
    ).toBe(true);
  });
});
