import {
  decideAbort,
  decideApproval,
  judgeApprovals,
  quorumReached,
  refuseApprover,
  validApprovals,
  type DecisionContext,
} from '../../../src/domain/approval';
import type { Actor } from '../../../src/domain/actor';
import { commitAuthors } from '../../../src/domain/authors';
import { ADAM, ANNA, OLGA, RITA, VERA } from '../../support/builders';

const AT = '2026-03-01T12:00:00Z';
const approvedBy = (actor: string) => ({ actor, at: AT, via: 'api' as const });

function context(overrides: Partial<DecisionContext> = {}): DecisionContext {
  return {
    stage: 'approval',
    outcome: null,
    pinned: false,
    ending: null,
    requestedBy: 'rita',
    approvals: [],
    nowMs: Date.parse(AT),
    policy: {
      required: true,
      roles: ['approver', 'security'],
      quorum: 2,
      timeoutMs: 1,
      approverMayBeRequester: false,
    },
    ...overrides,
  };
}

const NOBODY = commitAuthors({}, null);
const as = (subject: string): Actor => ({ subject, roles: ['approver'] });

const ending = { actor: OLGA, reason: 'no' };

describe('decideApproval', () => {
  it.each([
    ['counts the first of two', {}, ADAM, 'Approved; 1 more needed.'],
    [
      'counts the last',
      { approvals: [approvedBy('anna')] },
      ADAM,
      'Approved; the release goes on.',
    ],
  ])('%s', (_, overrides, actor, message) => {
    expect(decideApproval(context(overrides), actor)).toEqual({
      accepted: true,
      changes: true,
      message,
    });
  });

  it('accepts the same person again without counting it', () => {
    const decision = decideApproval(context({ approvals: [approvedBy('adam')] }), ADAM);

    expect(decision).toMatchObject({ accepted: true, changes: false });
  });

  it.each([
    ['after the end', { outcome: 'rejected' as const }, ADAM, 'ALREADY_ENDED'],
    ['after the pin', { pinned: true }, ADAM, 'ALREADY_ENDED'],
    ['while it is taken back', { ending }, ADAM, 'NOT_WAITING'],
    ['before its stage', { stage: 'canary' as const }, ADAM, 'NOT_WAITING'],
    ['by one without the role', {}, VERA, 'FORBIDDEN'],
    ['by who asked', {}, RITA, 'FORBIDDEN'],
  ])('refuses %s', (_, overrides, actor, code) => {
    expect(decideApproval(context(overrides), actor)).toMatchObject({ accepted: false, code });
  });

  it('says to a late one that the approvals are there', () => {
    const late = context({ stage: 'prod-stable', approvals: [approvedBy('adam')] });

    expect(decideApproval(late, ANNA)).toMatchObject({
      code: 'NOT_WAITING',
      message: 'The release has its approvals already.',
    });
  });
});

describe('decideApproval with authors', () => {
  const authors = commitAuthors({ 'plura.commit_author': 'Adam <ADAM@example.com>' }, null);

  it('refuses the author of the commit, and says where that stands', () => {
    expect(decideApproval(context({ authors }), ADAM)).toEqual({
      accepted: false,
      code: 'FORBIDDEN',
      message:
        'Adam <ADAM@example.com> wrote the commit (label plura.commit_author) and may not approve it.',
    });
    expect(decideApproval(context({ authors }), ANNA)).toMatchObject({ accepted: true });
  });

  it('compares as the policy says', () => {
    const policy = { ...context().policy, authorMatch: ['subject' as const] };

    expect(decideApproval(context({ authors, policy }), ADAM)).toMatchObject({ accepted: false });
    const byAddress = commitAuthors({ 'plura.commit_author': 'adam@example.com' }, null);
    expect(decideApproval(context({ authors: byAddress, policy }), ADAM)).toMatchObject({
      accepted: true,
    });
  });

  it('takes nobody while it is not known who the author is', () => {
    expect(decideApproval(context({ authors: null }), ADAM)).toMatchObject({
      accepted: false,
      code: 'NOT_WAITING',
    });
  });
});

describe('people who are written in several ways', () => {
  it.each([
    ['ana@x.example', 'Ana@X.example', ['subject'] as const],
    ['ana@x.example', 'ana', ['localPart'] as const],
    ['ana+ci@x.example', 'ANA', undefined],
  ])('%s asked for it, so %s may not approve it', (requestedBy, subject, authorMatch) => {
    const policy = { ...context().policy, ...(authorMatch && { authorMatch }) };

    const decision = decideApproval(context({ requestedBy, policy, authors: NOBODY }), as(subject));

    expect(decision).toMatchObject({ accepted: false, code: 'FORBIDDEN' });
  });

  it('are others where the policy compares whole subjects', () => {
    const policy = { ...context().policy, authorMatch: ['subject' as const] };
    const one = context({ requestedBy: 'ana@x.example', policy, authors: NOBODY });

    expect(decideApproval(one, as('ana@y.example'))).toMatchObject({ accepted: true });
  });

  it('are one of a quorum', () => {
    const approvals = [approvedBy('Ana@x.example'), approvedBy('ana@x.example')];
    const one = context({ approvals, authors: NOBODY });

    expect(quorumReached(one)).toBe(false);
    expect(decideApproval(one, as('ANA@x.example'))).toMatchObject({ changes: false });
  });

  it('are told apart by capitals in a release from before authors were read', () => {
    const approvals = [approvedBy('Ana'), approvedBy('ana')];

    expect(quorumReached(context({ approvals }))).toBe(true);
    expect(decideApproval(context({ requestedBy: 'Ana' }), as('ana'))).toMatchObject({
      accepted: true,
    });
  });
});

describe('an approval of somebody who may not give it', () => {
  const authors = commitAuthors({ 'plura.commit_author': 'adam@example.com' }, null);
  const approvals = [approvedBy('Adam'), approvedBy('anna'), approvedBy('RITA')];

  it('does not count, however it came in', () => {
    const input = context({ approvals, authors });

    expect(validApprovals(input)).toEqual([approvedBy('anna')]);
    expect(quorumReached(input)).toBe(false);
    expect(judgeApprovals({ ...input, authors })).toMatchObject({
      outcome: 'fail',
      evidence: { approvals: [{ counts: false }, { counts: true }, { counts: false }] },
    });
  });

  it('does not count while it is not known who the author is', () => {
    expect(validApprovals(context({ approvals, authors: null }))).toEqual([]);
  });
});

describe('approvals that expire', () => {
  const nowMs = Date.parse(AT) + 60_000;
  const policy = { ...context().policy, validForMs: 60_000 };
  const fresh = { ...approvedBy('anna'), at: '2026-03-01T12:00:01Z' };
  const approvals = [approvedBy('adam'), fresh];
  const expiring = context({ policy, nowMs, approvals, authors: NOBODY });

  it('do not count any more', () => {
    expect(validApprovals(expiring)).toEqual([fresh]);
    expect(quorumReached(expiring)).toBe(false);
    expect(quorumReached({ ...expiring, nowMs: nowMs - 1 })).toBe(true);
  });

  it('can be given again by the same person', () => {
    expect(decideApproval(expiring, ADAM)).toEqual({
      accepted: true,
      changes: true,
      message: 'Approved; the release goes on.',
    });
  });

  it('count once each, the newest', () => {
    const renewed = { ...approvedBy('adam'), at: '2026-03-01T12:00:30Z' };

    expect(validApprovals({ ...expiring, approvals: [approvedBy('adam'), renewed] })).toEqual([
      renewed,
    ]);
  });
});

describe('judgeApprovals', () => {
  const nowMs = Date.parse(AT) + 60_000;
  const policy = { ...context().policy, validForMs: 60_000 };
  const late = { ...approvedBy('adam'), comment: 'tests are green' };
  const fresh = { ...approvedBy('anna'), at: '2026-03-01T12:00:30Z', comment: 'go' };
  const judged = { approvals: [late, fresh], requestedBy: 'rita', policy, nowMs };

  it('fails with what is missing, and keeps comments and what was too old', () => {
    const authors = commitAuthors({ 'plura.commit_author': 'Rita' }, null);

    expect(judgeApprovals({ ...judged, authors })).toEqual({
      gate: 'approval',
      subject: 'quorum 2',
      outcome: 'fail',
      reasons: ['1 of 2 approvals by 2026-03-01T12:01:00.000Z'],
      evidence: {
        approvals: [
          { ...late, counts: false },
          { ...fresh, counts: true },
        ],
        authors: [{ who: 'Rita', from: 'label plura.commit_author' }],
        authorRule: 'held: no approver is an author of the commit',
      },
    });
  });

  const two = { ...judged, approvals: [fresh, { ...fresh, actor: 'adam' }], authors: NOBODY };
  const UNKNOWN = 'neither provenance nor labels name the author of the commit';

  it.each([
    ['nothing', {}],
    ['allow', { unknownAuthor: 'allow' as const }],
  ])('passes with a quorum where nobody is named and the policy says %s', (_, more) => {
    expect(judgeApprovals({ ...two, policy: { ...policy, ...more } })).toMatchObject({
      outcome: 'pass',
      reasons: [],
      evidence: { authorRule: `not held: ${UNKNOWN} (approval.unknownAuthor: allow)` },
    });
  });

  it('fails where nobody is named and the policy refuses that', () => {
    const strict = { ...policy, unknownAuthor: 'refuse' as const };

    expect(judgeApprovals({ ...two, policy: strict })).toMatchObject({
      outcome: 'fail',
      reasons: [`${UNKNOWN}, and the policy asks for one (approval.unknownAuthor)`],
      evidence: { authorRule: `not held: ${UNKNOWN} (approval.unknownAuthor: refuse)` },
    });
    const known = commitAuthors({ 'plura.commit_author': 'Rita' }, null);
    expect(judgeApprovals({ ...two, policy: strict, authors: known }).outcome).toBe('pass');
  });
});

describe('refuseApprover', () => {
  const authors = commitAuthors({ 'plura.commit_author': 'adam@example.com' }, null);

  it.each([
    [VERA, 'role'],
    [RITA, 'approver differs from requester'],
    [ADAM, 'approver differs from commit author'],
  ])('names the rule', (actor, rule) => {
    expect(refuseApprover(context({ authors }), actor)).toMatchObject({ rule });
  });

  it('lets everyone else', () => {
    expect(refuseApprover(context({ authors }), ANNA)).toBeNull();
  });
});

describe('quorumReached', () => {
  it('counts people, not approvals', () => {
    const approvals = [approvedBy('adam'), approvedBy('adam')];

    expect(quorumReached(context({ approvals }))).toBe(false);
    expect(quorumReached(context({ approvals: [...approvals, approvedBy('anna')] }))).toBe(true);
  });
});

describe('decideAbort', () => {
  it.each(['queued', 'build', 'canary', 'approval', 'prod-stable'] as const)(
    'is taken at %s',
    (stage) => {
      expect(decideAbort(context({ stage }), OLGA)).toMatchObject({
        accepted: true,
        changes: true,
      });
    },
  );

  it.each([
    ['after the end', { outcome: 'aborted' as const }, OLGA, 'ALREADY_ENDED'],
    ['once it is pinned', { pinned: true }, OLGA, 'ALREADY_ENDED'],
    ['by a viewer', {}, VERA, 'FORBIDDEN'],
  ])('is refused %s', (_, overrides, actor, code) => {
    expect(decideAbort(context(overrides), actor)).toMatchObject({ accepted: false, code });
  });

  it('changes nothing the second time, and says who was first', () => {
    expect(decideAbort(context({ ending }), ADAM)).toEqual({
      accepted: true,
      changes: false,
      message: 'It is being taken back already, by olga.',
    });
  });
});
