import type { Head } from './dispatch';
import { parseResponseHead, declaredLength } from './response-head';

/** `unusable` and `late`: nothing of the answer was handed on; `late`: the registry's time was over. */
export type Outcome = 'whole' | 'broken' | 'unusable' | 'late';

/** Who takes an answer. */
export interface Answering {
  /** False: it is not wanted like this. */
  head(head: Head): boolean;
  /** The memory is used again after the return, or after `goOn` when it returns false. */
  data(chunk: Buffer, goOn: () => void): boolean;
  /** Once, at the end. */
  over(outcome: Outcome): void;
}

export interface AnswerReader {
  start(answering: Answering): void;
  /** False: no more, until `onFree` or the end. */
  read(chunk: Buffer): boolean;
  /** The connection has gone; `isLate`: since nothing came. */
  end(isLate: boolean): void;
  /** Waits for who takes the answer. */
  isHeld(): boolean;
}

interface ReaderEvents {
  /** Before `over` is told: whether another request may follow on the connection. */
  readonly onOver: (isReusable: boolean) => void;
  readonly onFree: () => void;
}

const MAX_HEAD_BYTES = 32 * 1024;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const NONE = Buffer.alloc(0);

interface FoundHead {
  readonly parsed: Head;
  readonly length: number;
  readonly bodyAt: number;
}

/** Null for what is no plain answer with a length. */
function findHead(bytes: Buffer): FoundHead | 'unfinished' | null {
  const end = bytes.indexOf(END_OF_HEAD);
  if (end < 0) return bytes.length <= MAX_HEAD_BYTES ? 'unfinished' : null;
  const parsed = parseResponseHead(bytes.subarray(0, end));
  const length = parsed && declaredLength(parsed);
  if (!parsed || length === null) return null;
  return { parsed, length, bodyAt: end + END_OF_HEAD.length };
}

/** One plain answer after the other: a head, and as many bytes as it says. Anything else is unusable. */
export function createAnswerReader({ onOver, onFree }: ReaderEvents): AnswerReader {
  let answering: Answering | null = null;
  let head: Buffer = NONE;
  /** Of the body; -1 before it. */
  let left = -1;
  let isHeld = false;
  let isKept = true;

  function finish(outcome: Outcome): void {
    const done = answering;
    answering = null;
    head = NONE;
    left = -1;
    isHeld = false;
    onOver(outcome === 'whole' && isKept);
    done?.over(outcome);
  }

  function giveUp(outcome: Outcome): false {
    finish(outcome);
    return false;
  }

  const goOn = (): void => {
    if (!isHeld) return;
    isHeld = false;
    if (left === 0) finish('whole');
    onFree();
  };

  function takeBody(chunk: Buffer): boolean {
    if (!answering || chunk.length > left) return giveUp('broken');
    left -= chunk.length;
    isHeld = chunk.length > 0 && !answering.data(chunk, goOn);
    if (isHeld) return false;
    if (left === 0) finish('whole');
    return true;
  }

  function takeHead(chunk: Buffer): boolean {
    head = Buffer.concat([head, chunk]);
    const found = findHead(head);
    if (found === 'unfinished') return true;
    if (!found || !answering?.head(found.parsed)) return giveUp('unusable');
    const { parsed, length, bodyAt } = found;
    left = length;
    isKept = parsed.headers['connection']?.toLowerCase() !== 'close';
    return takeBody(head.subarray(bodyAt));
  }

  return {
    start: (wanted) => {
      answering = wanted;
    },
    read: (chunk) => {
      // Asked by nobody: kept, it would be the beginning of the next answer.
      if (!answering) return giveUp('unusable');
      return left < 0 ? takeHead(chunk) : takeBody(chunk);
    },
    end: (isLate) => {
      const before = isLate ? 'late' : 'unusable';
      if (answering) finish(left < 0 ? before : 'broken');
    },
    isHeld: () => isHeld,
  };
}
