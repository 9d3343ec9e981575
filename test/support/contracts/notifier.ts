import type { Notification, Notifier } from '../../../src/ports/notifier';

/** A notifier under test, with what arrived at the other end. */
export interface NotifierUnderTest {
  readonly notifier: Notifier;
  arrived(): readonly Notification[];
  /** From now on nothing can be handed over, until `repair`. */
  break(): void;
  repair(): void;
  close(): Promise<void>;
}

export const NOTIFICATION: Notification = {
  id: 'shop/1.0.0_abc1234/compensation-failed',
  severity: 'critical',
  title: 'Compensation failed',
  text: 'prod:candidate of shop could not be put back: registry unavailable ✗',
  svc: 'shop',
  releaseId: 'shop/1.0.0_abc1234',
};

/** What every notifier that hands over to another process must do. */
export function describeNotifier(name: string, open: () => Promise<NotifierUnderTest>): void {
  describe(`notifier contract: ${name}`, () => {
    let under: NotifierUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    it('hands a notification over whole', async () => {
      await under.notifier.send(NOTIFICATION);

      expect(under.arrived()).toEqual([NOTIFICATION]);
    });

    it('throws when it could not hand over, and can be tried again', async () => {
      under.break();
      await expect(under.notifier.send(NOTIFICATION)).rejects.toMatchObject({
        code: 'NOTIFIER_UNAVAILABLE',
      });
      under.repair();

      await under.notifier.send(NOTIFICATION);

      expect(under.arrived()).toEqual([NOTIFICATION]);
    });

    it('keeps the id, so that the other end can tell a repetition', async () => {
      await under.notifier.send(NOTIFICATION);
      await under.notifier.send(NOTIFICATION);

      expect(new Set(under.arrived().map((one) => one.id)).size).toBe(1);
    });
  });
}
