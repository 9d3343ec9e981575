export type Severity = 'info' | 'warning' | 'critical';

export interface Notification {
  /** Stable: the same notification sent twice has the same id. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly text: string;
  readonly svc: string;
  readonly releaseId?: string;
}

/** Alerts people. `send` must not lose: it throws when it could not hand over. */
export interface Notifier {
  send(notification: Notification): Promise<void>;
}
