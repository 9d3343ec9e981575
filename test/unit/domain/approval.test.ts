import {
  decideAbort,
  decideApproval,
  quorumReached,
  type DecisionContext,
} from '../../../src/domain/approval';
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
