import fc from 'fast-check';
import { covers } from '../../../../src/domain/exceptions/covers';
import { endMsOf, stateOf } from '../../../../src/domain/exceptions/exception';
import { describeLeft, parseExpiry } from '../../../../src/domain/exceptions/expiry';
import { noticesOf } from '../../../../src/domain/exceptions/notices';
import { parsePackage } from '../../../../src/domain/exceptions/package-name';
import { exceptionsOf } from '../../../../src/domain/exceptions/policy';
import { judgeApproval, judgeRequest } from '../../../../src/domain/exceptions/rules';
import { coveredFinding, exceptionOf, grantedOf } from '../../../support/exceptions';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const POLICY = exceptionsOf({});
const at = (ms: number): string => new Date(ms).toISOString();

describe('the end of an exception', () => {
  it.each([
    ['2026-12-01', '2026-12-01T00:00:00.000Z'],
    [' 2026-12-01 ', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01T08:00:00+02:00', '2026-12-01T06:00:00.000Z'],
    ['2026-12-01T08:00Z', '2026-12-01T08:00:00.000Z'],
    ['12h', '2026-12-01T00:00:00.000Z'],
    ['30d', '2026-12-30T12:00:00.000Z'],
    ['2026-02-30', null],
    ['2026-12-01T08:00', null],
    ['tomorrow', null],
    ['0h', null],
    ['', null],
  ])('reads %j as %j', (text, expected) => {
    expect(parseExpiry(text, NOW)).toBe(expected);
  });

  it.each([
    ['2026-11-30T23:59:59.000Z', 'approved'],
    ['2026-12-01T00:00:00.000Z', 'expired'],
    ['2026-12-01T00:00:01.000Z', 'expired'],
  ] as const)('at %s an exception until 2026-12-01 is %s', (now, state) => {
    const exception = exceptionOf({ expiresAt: parseExpiry('2026-12-01', NOW) ?? '' });

    expect(stateOf(exception, Date.parse(now))).toBe(state);
  });

  it('is the revocation, when that is earlier; one that can not be read has come', () => {
    expect(endMsOf({ expiresAt: at(NOW), revokedAt: at(NOW - 1) })).toBe(NOW - 1);
    expect(endMsOf({ expiresAt: at(NOW), revokedAt: at(NOW + 1) })).toBe(NOW);
    expect(endMsOf({ expiresAt: 'never', revokedAt: null })).toBe(-Infinity);
  });

  it.each([
    [6 * DAY_MS + 4 * HOUR_MS, '6d 4h'],
    [3 * HOUR_MS + 20 * 60_000, '3h 20m'],
    [61_000, '1m 1s'],
    [1, '1s'],
    [0, 'over'],
    [-1, 'over'],
  ])('in %d ms is %s', (leftMs, text) => {
    expect(describeLeft(NOW + leftMs, NOW)).toBe(text);
  });
});

describe('what an exception may last', () => {
  it.each([
    ['standard', 90 * DAY_MS, true],
    ['standard', 90 * DAY_MS + 1, false],
    ['standard', 0, false],
    ['break-glass', DAY_MS, true],
    ['break-glass', DAY_MS + 1, false],
  ] as const)('%s for %d ms: %s', (kind, lastsMs, allowed) => {
    const fault = judgeRequest({ kind, expiresAt: at(NOW + lastsMs) }, POLICY, NOW);

    expect(fault === null).toBe(allowed);
  });
});

describe('who may approve', () => {
  const asked = exceptionOf({ approvedBy: null, approvedAt: null, expiresAt: at(NOW + DAY_MS) });

  it.each([
    ['somebody else', {}, 'sam', null],
    ['who asked for it', {}, 'alice', 'forbidden'],
    ['who asked for it, in other letters', {}, ' Alice', 'forbidden'],
    ['its owner', {}, 'ERIN', 'forbidden'],
    ['its owner, as an address', { owner: 'sam@example.com' }, 'sam', 'forbidden'],
    ['its owner, as git writes it', { owner: 'Sam S. <sam@example.com>' }, 'SAM', 'forbidden'],
    ['its owner, as a user', { owner: 'user:sam' }, 'sam', 'forbidden'],
    ['its owner, in letters of other width', { owner: 'ｓａｍ' }, 'sam', 'forbidden'],
    ['its owner, with what is not seen', { owner: 's\u200bam' }, 'sam', 'forbidden'],
    ['its owner, decomposed', { owner: 'e\u0301lodie' }, 'Élodie', 'forbidden'],
    ['its owner, by its issuer', { owner: 'oidc:user:sam' }, 'sam', 'forbidden'],
    ['its owner, of a domain', { owner: 'CORP\\sam' }, 'sam', 'forbidden'],
    ['its owner, with a tag', { owner: 'sam+work@example.com' }, 'sam@example.org', 'forbidden'],
    ['somebody of its team', { owner: 'team-sam' }, 'sam', null],
    ['somebody else, of one that was approved', { approvedAt: at(NOW - 1) }, 'sam', 'conflict'],
    ['somebody else, of one that was revoked', { revokedAt: at(NOW - 1) }, 'sam', 'conflict'],
    ['somebody else, of one that has ended', { expiresAt: at(NOW) }, 'sam', 'conflict'],
    ['somebody else, of one the policy no longer allows', { kind: 'break-glass' }, 'sam', null],
  ] as const)('%s', (_, over, approver, kind) => {
    const fault = judgeApproval({ ...asked, ...over }, approver, POLICY, NOW);

    expect(fault?.kind ?? null).toBe(kind);
  });

  it('nobody any more when the policy has become stricter', () => {
    const stricter = { ...POLICY, maxDurationMs: HOUR_MS };

    expect(judgeApproval(asked, 'sam', stricter, NOW)?.kind).toBe('invalid');
  });
});

describe('packages', () => {
  it.each([
    ['qs', 'qs', null],
    ['pkg:npm/qs', 'pkg:npm/qs', null],
    ['pkg:npm/qs@6.5.2', 'pkg:npm/qs', '6.5.2'],
    ['PKG:NPM/Qs@6.5.2?x=y#z', 'pkg:npm/qs', '6.5.2'],
    ['pkg:npm/%40scope/name@1.0', 'pkg:npm/@scope/name', '1.0'],
    ['pkg:npm/@scope/name', 'pkg:npm/@scope/name', null],
    ['pkg:pypi/Some_Package@1', 'pkg:pypi/some-package', '1'],
    ['pkg:deb/debian/openssl@3.0.1%2Bdeb12?arch=amd64', 'pkg:deb/debian/openssl', '3.0.1+deb12'],
    ['pkg:golang/github.com/A/b@v1', 'pkg:golang/github.com/A/b', 'v1'],
    ['pkg:npm/%zz', 'pkg:npm/%zz', null],
  ])('%s is %s in version %s', (text, name, version) => {
    expect(parsePackage(text)).toEqual({ name, version });
  });

  it('are covered by name and vulnerability together, and by the kind that the finding needs', () => {
    const any = fc.constantFrom('a', 'b');
    fc.assert(
      fc.property(
        any,
        any,
        any,
        any,
        fc.boolean(),
        fc.boolean(),
        (cve, pkg, of, at_, glass, urgent) => {
          const kind = glass ? 'break-glass' : 'standard';
          const needs = urgent ? 'break-glass' : 'exception';
          const exception = grantedOf({ kind, vulnerabilityId: cve, packageName: pkg });
          const finding = coveredFinding({ vulnerabilityId: of, packageName: at_, needs });

          const covered = covers(exception, finding, 'checkout');

          expect(covered).toBe(cve === of && pkg === at_ && (glass || !urgent));
        },
      ),
    );
  });
});

describe('what people are told', () => {
  const lasting = (leftMs: number, over = {}): ReturnType<typeof exceptionOf> =>
    exceptionOf({ approvedAt: at(NOW - 30 * DAY_MS), expiresAt: at(NOW + leftMs), ...over });
  const namesOf = (exception: ReturnType<typeof exceptionOf>): readonly string[] =>
    noticesOf(exception, POLICY, NOW).map(({ name }) => name);

  it.each([
    ['long before', lasting(8 * DAY_MS), []],
    ['a week before', lasting(7 * DAY_MS), [`before/${7 * DAY_MS}`]],
    ['a day before', lasting(DAY_MS - 1), [`before/${DAY_MS}`]],
    ['within the last hour only once', lasting(1_000), [`before/${HOUR_MS}`]],
    ['at the end', lasting(0), ['ended']],
    ['when it was revoked', lasting(DAY_MS, { revokedAt: at(NOW) }), ['ended']],
    ['never of one that nobody approved', lasting(0, { approvedAt: null }), []],
    [
      'of a broken glass at once, and not of a day that it never had',
      lasting(4 * HOUR_MS, { kind: 'break-glass', approvedAt: at(NOW) }),
      ['broken'],
    ],
    [
      'of a broken glass again each day',
      lasting(8 * DAY_MS, { kind: 'break-glass', approvedAt: at(NOW - 2 * DAY_MS) }),
      ['broken/2'],
    ],
    [
      'of a broken glass that was over before anybody was told',
      lasting(HOUR_MS, { kind: 'break-glass', approvedAt: at(NOW - 60_000), revokedAt: at(NOW) }),
      ['broken', 'ended'],
    ],
    [
      'of a broken glass nothing new days after its end',
      lasting(-2 * DAY_MS, { kind: 'break-glass', approvedAt: at(NOW - 2 * DAY_MS - HOUR_MS) }),
      ['broken', 'ended'],
    ],
  ] as const)('%s', (_, exception, names) => {
    expect(namesOf(exception)).toEqual(names);
  });
});
