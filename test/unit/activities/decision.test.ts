import {
  createDecisionActivities,
  type VerifyDecisionInput,
  type VerifyDecisionResult,
} from '../../../activities/decision';
import { mintDecisionToken } from '../../../src/contract/schema/decision-token';
import { KEY_IDS } from '../../../src/ports/signer';
import { OLGA } from '../../support/builders';
import { createFakeKeyManagement } from '../../support/fakes/kms';
import { createFakeLedger, type FakeLedger } from '../../support/fakes/ledger';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const RELEASE = 'shop/1.0.0_1234567';

describe('verifyDecision', () => {
  const kms = createFakeKeyManagement();
  let ledger: FakeLedger;

  beforeEach(() => {
    ledger = createFakeLedger();
  });

  async function verify(
    action: VerifyDecisionInput['action'],
    over: Partial<VerifyDecisionInput> = {},
  ): Promise<VerifyDecisionResult> {
    const mac = (data: Buffer): Promise<Buffer> => kms.mac(KEY_IDS.decision, data);
    const token = await mintDecisionToken(mac, OLGA, action, RELEASE, NOW.getTime());
    const activities = createDecisionActivities({ kms, ledger, now: () => NOW });
    const input = { token, action, releaseId: RELEASE, usedBy: 'one', ...over };
    return activities.verifyDecision(input);
  }

  it('lets an abort in while the ledger is down', async () => {
    ledger.fail('LEDGER_UNAVAILABLE', 1, 'useTokenId');

    expect(await verify('abort')).toEqual({ valid: true, actor: OLGA });
  });

  it('lets an abort in while the ledger does not answer', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    Object.assign(ledger, { useTokenId: () => new Promise<boolean>(() => undefined) });

    const verifying = verify('abort');
    await jest.advanceTimersByTimeAsync(2_000);
    const verified = await verifying;
    jest.useRealTimers();

    expect(verified).toMatchObject({ valid: true });
  });

  it('lets no approval in that the ledger does not know to be the first use', async () => {
    ledger.fail('LEDGER_UNAVAILABLE', 1, 'useTokenId');

    await expect(verify('approve')).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });

  it.each(['abort', 'approve'] as const)('refuses a token to %s that was used', async (action) => {
    Object.assign(ledger, { useTokenId: () => Promise.resolve(false) });

    expect(await verify(action)).toMatchObject({
      valid: false,
      reason: 'The token was used before',
    });
  });

  it.each([
    ['another release', { releaseId: 'shop/2.0.0_1234567' }],
    ['something that is no token', { token: 'abc' }],
    ['a token of somebody else', { token: 'e30.e30' }],
  ])('refuses an abort of %s, whatever the ledger does', async (_what, over) => {
    ledger.fail('LEDGER_UNAVAILABLE', 1, 'useTokenId');

    expect(await verify('abort', over)).toMatchObject({ valid: false });
  });
});
