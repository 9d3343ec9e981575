import { pinBase } from '../../../../src/domain/bases';
import { judgeOffer, pinsOf, type HeldBase } from '../../../../src/domain/bases/pins';
import { fakeDigest } from '../../../support/api-fixtures';

const D = (seed: string): HeldBase['digest'] => fakeDigest(seed);

function held(version: string, day: string, over: Partial<HeldBase> = {}): HeldBase {
  return {
    ...{ repository: 'bases/alpine', version, digest: D(version) },
    ...{ importedAt: `2026-03-${day}T12:00:00.000Z`, withdrawnAt: null, ...over },
  };
}

const OLD = held('3.22.1', '01');
const NEW = held('3.22.2', '09');
const WITHDRAWN = '2026-03-10T00:00:00.000Z';

describe('pinsOf', () => {
  const seeded = { 'bases/go': { repository: 'bases/go', digest: D('go') } };

  it('pins a mirror to its newest import, whatever order they come in', () => {
    const pins = pinsOf([OLD, NEW], seeded);

    expect(pins).toEqual({
      ...seeded,
      'bases/alpine': {
        repository: 'bases/alpine',
        digest: NEW.digest,
        alsoHeld: [OLD.digest],
      },
    });
    expect(pinBase('bases/alpine', pins)?.digest).toBe(NEW.digest);
    expect(pinBase(`bases/alpine@${OLD.digest}`, pins)).toEqual({
      repository: 'bases/alpine',
      digest: OLD.digest,
    });
    expect(pinBase(`bases/alpine@${D('other')}`, pins)).toBeNull();
  });

  it('leaves out what was withdrawn, of imports and of what a stack brought', () => {
    const pins = pinsOf(
      [OLD, { ...NEW, withdrawnAt: WITHDRAWN }, held('go', '01', { withdrawnAt: WITHDRAWN })],
      seeded,
    );

    expect(pins).toEqual({
      'bases/alpine': { repository: 'bases/alpine', digest: OLD.digest },
    });
    expect(pinBase(`bases/alpine@${NEW.digest}`, pins)).toBeNull();
  });

  it('prefers an import to what a stack brought under the same name', () => {
    const pins = pinsOf([NEW], {
      'bases/alpine': { repository: 'bases/alpine', digest: D('own') },
    });

    expect(pins['bases/alpine']?.digest).toBe(NEW.digest);
  });
});

describe('judgeOffer', () => {
  const offer = (version: string): Pick<HeldBase, 'version' | 'digest'> => ({
    version,
    digest: D(version),
  });

  it.each([
    ['the first one', offer('3.22.2'), [], 'new'],
    ['a newer one', offer('3.22.10'), [OLD, NEW], 'new'],
    ['what is held', offer('3.22.2'), [OLD, NEW], 'held'],
    ['an older version', offer('3.22.0'), [OLD, NEW], 'refused'],
    ['a digest that was replaced', offer('3.22.1'), [OLD, NEW], 'refused'],
    ['the same version, made again', { ...offer('3.22.2'), digest: D('again') }, [NEW], 'new'],
    ['words that say nothing of age', offer('nonroot'), [held('debug', '01')], 'new'],
    [
      'a word again, of a replaced digest',
      offer('a'),
      [held('a', '01'), held('b', '02')],
      'refused',
    ],
  ])('%s is %s', (_what, offered, all, kind) => {
    expect(judgeOffer(offered, all, false).kind).toBe(kind);
  });

  it('takes something older for who says so', () => {
    expect(judgeOffer(offer('3.22.1'), [OLD, NEW], true)).toEqual({ kind: 'new' });
    expect(judgeOffer(offer('3.22.0'), [OLD, NEW], true)).toEqual({ kind: 'new' });
  });

  it('never takes what was withdrawn, and does not go by it either', () => {
    const withdrawn = { ...NEW, withdrawnAt: WITHDRAWN };

    expect(judgeOffer(offer('3.22.2'), [OLD, withdrawn], true)).toMatchObject({ kind: 'refused' });
    expect(judgeOffer(offer('3.22.1'), [OLD, withdrawn], false)).toEqual({ kind: 'held' });
  });
});
