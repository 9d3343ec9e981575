import { setImmediate as afterThisTurn } from 'node:timers/promises';
import type { AllowFacts } from '../../domain/admission/allow-facts';
import type { Digest } from '../../domain/digest';
import type { AllowList } from '../../ports/allow-list';
import type { ReleaseFacts, ReleaseFactsStore } from '../../ports/ledger';
import { ALLOW_FACTS, readAllowFacts, toAllowFacts, type AllowFactsRow } from './allow-list-facts';
import type { Database } from './database';
import {
  readReleaseFacts,
  RELEASE_FACTS,
  toReleaseFacts,
  type ReleaseFactsRow,
} from './release-facts';

export type ReviewFacts = Pick<AllowList, 'facts'> & ReleaseFactsStore;

/** The text with other parameters in the place of its own, first to last. @throws Error when it has more of them */
function withParameters(text: string, names: readonly string[]): string {
  return text.replaceAll(/\$(\d+)/g, (own, number: string) => {
    const name = names[Number(number) - 1];
    if (name === undefined) throw new Error(`no parameter for ${own}`);
    return name;
  });
}

/** `$1` is the digest, `$2` the repository, `$3` the service. Each of the two has one row. */
const BOTH = `
  SELECT allow_facts.*, release_facts.*
  FROM (${withParameters(ALLOW_FACTS, ['$1', '$2'])}) allow_facts,
    (${withParameters(RELEASE_FACTS, ['$3', '$1'])}) release_facts`;

/** About one digest. */
interface Question {
  repository?: string;
  svc?: string;
}

/** To what was asked. */
interface Answer {
  readonly allow: AllowFacts | null;
  readonly release: ReleaseFacts | null;
}

interface Asking {
  readonly question: Question;
  readonly answer: Promise<Answer>;
}

/**
 * What a review asks Postgres about an image. When both questions about a digest come in one turn of the event loop, they make one statement
 * of one moment: one process of Postgres is woken in place of two, while webhook and gateway have work for every core. They don't where
 * a review waits for keys first, or has one of the answers already.
 */
export function createReviewFacts(db: Database): ReviewFacts {
  const asked = new Map<Digest, Asking>();

  async function read(digest: Digest, { repository, svc }: Question): Promise<Answer> {
    if (repository !== undefined && svc !== undefined) {
      const values = [digest, repository, svc];
      const rows = await db.query<AllowFactsRow & ReleaseFactsRow>(BOTH, values, 'review-facts');
      const row = rows[0] ?? null;
      return { allow: toAllowFacts(row, digest), release: toReleaseFacts(row) };
    }
    return {
      allow: repository === undefined ? null : await readAllowFacts(db, { repository, digest }),
      release: svc === undefined ? null : await readReleaseFacts(db, svc, digest),
    };
  }

  function begin(digest: Digest, question: Question): Asking {
    const answer = afterThisTurn().then(() => {
      if (asked.get(digest) === asking) asked.delete(digest);
      return read(digest, question);
    });
    const asking: Asking = { question, answer };
    asked.set(digest, asking);
    return asking;
  }

  function ask(digest: Digest, name: keyof Question, value: string): Promise<Answer> {
    const open = asked.get(digest);
    const isFree = open && (open.question[name] ?? value) === value;
    const asking = isFree ? open : begin(digest, {});
    asking.question[name] = value;
    return asking.answer;
  }

  return {
    facts: async ({ repository, digest }) => {
      const { allow } = await ask(digest, 'repository', repository);
      return allow ?? readAllowFacts(db, { repository, digest });
    },
    releaseFacts: async (svc, digest) => {
      const { release } = await ask(digest, 'svc', svc);
      return release ?? readReleaseFacts(db, svc, digest);
    },
  };
}
