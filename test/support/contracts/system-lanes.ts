import type { SystemLanes } from '../../../src/ports/system-lanes';

/** What all lanes must do that need no release. `open` gives them, and the name of a service that never had one. */
export function describeLanes(
  name: string,
  open: () => { readonly lanes: SystemLanes; readonly svc: string },
): void {
  describe(`lanes contract: ${name}`, () => {
    it('show an empty lane of a service that never had one', async () => {
      const { lanes, svc } = open();

      expect(await lanes.look(svc)).toEqual({ running: null, rollbackRunning: false, hold: null });
    });

    it('are held in the name of the system, once for a request', async () => {
      const { lanes, svc } = open();

      await lanes.hold(svc, 'it flaps', 'hold-1');
      await lanes.hold(svc, 'it flaps', 'hold-1');

      const { hold } = await lanes.look(svc);
      expect(hold).toMatchObject({ by: 'system:plura', reason: 'it flaps' });
    });

    it('leave a hold as it is', async () => {
      const { lanes, svc } = open();
      await lanes.hold(svc, 'the first', 'hold-1');

      await lanes.hold(svc, 'the second', 'hold-2');

      expect((await lanes.look(svc)).hold).toMatchObject({ reason: 'the first' });
    });
  });
}
