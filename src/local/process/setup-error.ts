/** Something on this machine a person must put right. Shown as one line: what is wrong, then the remedy. */
export class SetupError extends Error {
  readonly remedy: string;
  /** Last lines of the log that shows why, if there is one. */
  readonly log: string;

  constructor(message: string, remedy: string, log = '') {
    super(message);
    this.name = 'SetupError';
    this.remedy = remedy;
    this.log = log;
  }
}

/** `what. remedy`, preceded by the log's last lines. */
export function describeFailure(error: unknown): string {
  if (error instanceof SetupError) {
    return `${error.log === '' ? '' : `${error.log.trimEnd()}\n`}${error.message} ${error.remedy}`;
  }
  return error instanceof Error ? error.message : String(error);
}
