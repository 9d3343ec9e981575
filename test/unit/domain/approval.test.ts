import {
  decideAbort,
  decideApproval,
  judgeApprovals,
  quorumReached,
  validApprovals,
  type DecisionContext,
} from '../../../src/domain/approval';
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
});

describe('approvals that expire', () => {
  const nowMs = Date.parse(AT) + 60_000;
  const policy = { ...context().policy, validForMs: 60_000 };
  const fresh = { ...approvedBy('anna'), at: '2026-03-01T12:00:01Z' };

  it('do not count any more', () => {
    expect(validApprovals([approvedBy('adam'), fresh], policy, nowMs)).toEqual([fresh]);
    expect(quorumReached([approvedBy('adam'), fresh], policy, nowMs)).toBe(false);
    expect(quorumReached([approvedBy('adam'), fresh], policy, nowMs - 1)).toBe(true);
  });

  it('can be given again by the same person', () => {
    const again = decideApproval(
      context({ policy, nowMs, approvals: [approvedBy('adam'), fresh] }),
      ADAM,
    );

    expect(again).toEqual({
      accepted: true,
      changes: true,
      message: 'Approved; the release goes on.',
    });
  });

  it('count once each, the newest', () => {
    const renewed = { ...approvedBy('adam'), at: '2026-03-01T12:00:30Z' };

    expect(validApprovals([approvedBy('adam'), renewed], policy, nowMs)).toEqual([renewed]);
  });
});

describe('judgeApprovals', () => {
  const nowMs = Date.parse(AT) + 60_000;
  const policy = { ...context().policy, validForMs: 60_000 };
  const late = { ...approvedBy('adam'), comment: 'tests are green' };
  const fresh = { ...approvedBy('anna'), at: '2026-03-01T12:00:30Z', comment: 'go' };

  it('fails with what is missing, and keeps comments and what was too old', () => {
    const authors = commitAuthors({ 'plura.commit_author': 'Rita' }, null);

    expect(judgeApprovals({ approvals: [late, fresh], policy, authors, nowMs })).toEqual({
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

  it('passes with a quorum, and says that nobody is known as the author', () => {
    const authors = commitAuthors({}, null);
    const approvals = [fresh, { ...fresh, actor: 'adam' }];

    const verdict = judgeApprovals({ approvals, policy, authors, nowMs });

    expect(verdict).toMatchObject({
      outcome: 'pass',
      reasons: [],
      evidence: {
        authorRule: 'not held: neither provenance nor labels name the author of the commit',
      },
    });
  });
});

describe('quorumReached', () => {
  it('counts people, not approvals', () => {
    const { policy } = context();

    expect(quorumReached([approvedBy('adam'), approvedBy('adam')], policy)).toBe(false);
    expect(quorumReached([approvedBy('adam'), approvedBy('anna')], policy)).toBe(true);
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
