import { createLogNotifier } from '../../../../src/adapters/webhook/log';
import { NOTIFICATION } from '../../../support/contracts/notifier';

describe('log notifier', () => {
  it.each([
    ['info', 'info'],
    ['warning', 'warn'],
    ['critical', 'error'],
  ] as const)('logs %s at level %s', async (severity, level) => {
    const lines: [string, object, string][] = [];
    const at = (name: string) => (fields: object, message: string) => {
      lines.push([name, fields, message]);
    };
    const notifier = createLogNotifier({ info: at('info'), warn: at('warn'), error: at('error') });

    await notifier.send({ ...NOTIFICATION, severity });

    const { title, ...rest } = NOTIFICATION;
    expect(lines).toEqual([[level, { notification: { ...rest, severity } }, title]]);
  });
});
