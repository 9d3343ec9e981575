/** Where the CLI finds its server and its token. */
interface CliSettings {
  /** Overrides the server that `login` stored. */
  readonly server: string | undefined;
  /** Overrides the token that `login` stored. */
  readonly token: string | undefined;
  readonly configFile: string;
  /** State folder of the local stack: `stack.json` and `issuer-secret`. */
  readonly stateDir: string;
}

export interface Stream {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

/** All that a command may touch of its machine; tests give their own. */
export interface CliContext {
  readonly settings: CliSettings;
  readonly version: string;
  readonly cwd: string;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly colors: boolean;
  /** Whether the terminal shows UTF-8; yes when it is not said. */
  readonly unicode?: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Asks yes or no; null where nobody can answer. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The commit a folder is at; null when it is in no git repository. */
  readonly readRevision: (folder: string) => Promise<string | null>;
  /** The e-mail address of who wrote a commit; null when the folder's repository, if it is in one, has no such commit. */
  readonly readAuthor: (folder: string, revision: string) => Promise<string | null>;
}
