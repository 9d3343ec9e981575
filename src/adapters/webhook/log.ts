import type { Notification, Notifier, Severity } from '../../ports/notifier';

/** The part of a pino logger that is used here. */
export interface NotificationLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const LEVELS = { info: 'info', warning: 'warn', critical: 'error' } as const satisfies Record<
  Severity,
  keyof NotificationLogger
>;

/** Where no webhook is set: notifications go to the log, at the level of their severity. */
export function createLogNotifier(logger: NotificationLogger): Notifier {
  return {
    send: ({ title, ...notification }: Notification) => {
      logger[LEVELS[notification.severity]]({ notification }, title);
      return Promise.resolve();
    },
  };
}
