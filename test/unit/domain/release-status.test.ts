import { judgeCompensationError } from '../../../src/domain/compensation';
import { renderReleaseNotes } from '../../../src/domain/release-notes';
import {
  addVerdict,
  describeStatus,
  endStep,
  finishStatus,
  newStatus,
  outcomeOfFailure,
  startStep,
} from '../../../src/domain/release-status';
import { revertKeyExpiry, revertKeyId } from '../../../src/domain/revert-key';
import { releaseRequest } from '../../support/builders';

const AT = '2026-03-01T12:00:00Z';
const LATER = '2026-03-01T12:00:05Z';
const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const status = () => newStatus(releaseRequest('shop', '1.2.3'), 'release/shop/1.2.3_abc1234');

describe('a release status', () => {
  it('starts queued, with what was asked for', () => {
    expect(status()).toMatchObject({
      releaseId: 'shop/1.2.3_abc1234',
      repository: 'apps/shop/shop',
      stage: 'queued',
      requestedBy: 'rita',
    });
  });

  it('ends the newest running step of a title and leaves the others', () => {
    const twice = startStep(
      endStep(startStep(status(), 'canary', 'canary 5 %', AT), 'canary 5 %', 'done', AT),
      'canary',
      'canary 5 %',
      AT,
    );

    const ended = endStep(twice, 'canary 5 %', 'failed', LATER, 'errors');

    expect(ended.steps.map(({ state, note }) => [state, note])).toEqual([
      ['done', undefined],
      ['failed', 'errors'],
    ]);
    expect(endStep(status(), 'never started', 'done', AT)).toEqual(status());
  });

  it('keeps the newest verdict of a gate and subject', () => {
    const verdict = { gate: 'canary', subject: '5 %', reasons: [], evidence: {} } as const;
    const first = addVerdict(status(), { ...verdict, outcome: 'inconclusive' });

    const second = addVerdict(first, { ...verdict, outcome: 'pass' });

    expect(second.verdicts.map((one) => one.outcome)).toEqual(['pass']);
  });

  it('says first what a person can do, and names the digest once', () => {
    const scanned = addVerdict(
      {
        ...endStep(startStep(status(), 'scan', 'scan', AT), 'scan', 'done', LATER),
        digest: DIGEST,
      },
      { gate: 'scan', subject: DIGEST, outcome: 'pass', reasons: [], evidence: {} },
    );

    const text = describeStatus(scanned, ['Do this.']);

    expect(text.indexOf('Do this.')).toBeLessThan(text.indexOf('| step |'));
    expect(text.split(DIGEST)).toHaveLength(2);
    expect(text).toContain('| ✓ | scan | 2026-03-01 12:00:00 | 5.0 s |');
    expect(text).toContain('- **scan**: pass');
  });

  it('cannot have its table broken by a note', () => {
    const noted = endStep(
      startStep(status(), 'scan', 'scan', AT),
      'scan',
      'failed',
      AT,
      'a | b\nc',
    );

    expect(describeStatus(noted, [])).toContain('| a \\| b c |');
  });
});

describe('outcomeOfFailure', () => {
  it.each([
    ['FENCED', 'preempted'],
    ['TAG_TAKEN', 'rejected'],
    ['GATE_FAILED', 'rejected'],
    ['REGISTRY_UNAVAILABLE', 'failed'],
    ['METRICS_UNAVAILABLE', 'failed'],
    ['CHANNEL_MOVED', 'failed'],
    ['INTERNAL', 'failed'],
  ])('of %s is %s', (code, outcome) => {
    expect(outcomeOfFailure(code)).toBe(outcome);
  });
});

describe('judgeCompensationError', () => {
  it('alarms about everything but a newer writer', () => {
    expect(judgeCompensationError('FENCED')).toBe('noted');
    expect(judgeCompensationError('CHANNEL_MOVED')).toBe('failed');
  });
});

describe('a revert key', () => {
  it('has an id of its own for each pin of a digest', () => {
    expect(revertKeyId('shop', 3, DIGEST)).toBe('shop/3-aaaaaaaaaaaa');
    expect(revertKeyId('shop', 4, DIGEST)).not.toBe(revertKeyId('shop', 3, DIGEST));
  });

  it('lives as long as the policy says', () => {
    expect(revertKeyExpiry(AT, 5_000)).toBe('2026-03-01T12:00:05.000Z');
  });
});

describe('release notes', () => {
  it('say what went out, why, and how to undo it', () => {
    const released = finishStatus(status(), 'released', 'done', LATER);

    const notes = renderReleaseNotes(released, {
      digest: DIGEST,
      previous: null,
      pinnedAt: AT,
      revertKeyId: 'shop/3-aaaaaaaaaaaa',
      logIndex: '42',
    });

    expect(notes).toContain('# shop 1.2.3+abc1234');
    expect(notes).toContain(`apps/shop/shop@${DIGEST}`);
    expect(notes).toContain('Revert key: shop/3-aaaaaaaaaaaa');
    expect(notes).toContain('Transparency log entry: 42');
  });
});
