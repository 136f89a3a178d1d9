// Which of the databases is the application's: evidence decides, and doubt asks.
import { basename } from 'node:path';
import type { NotUnderstood } from '../../migrations/reading/named';
import { shown } from '../paths';
import type { Candidate, Origin } from '../project';
import type { Found } from './candidates';
import type { Answers, Mention } from './sources';
import { said } from '../../said';

/** What speaks for a database, the strongest last. */
enum Tier {
  /** A test database, a cache, a copy, what ships with the project. */
  none,
  /** A lone file with SQLite's header. */
  header,
  /** Named by an example, a default in code, another environment. */
  example,
  /** Named, does not exist yet. */
  absent,
  /** Named and exists. */
  named,
  /** Nothing names it, but these files know the rows of its version table. */
  known,
  /** Both, though what names it is an example or not proven. */
  knownExample,
  /** Named, and these files know its rows. */
  knownNamed,
}

export interface Choice {
  readonly chosen: Found | null;
  readonly origin: Origin | null;
  /** Why it is a question, in a sentence; null: it is clear. */
  readonly question: string | null;
  /** Strongest first. */
  readonly candidates: readonly Candidate[];
  /** Absolute paths of the project's other databases. */
  readonly notProtected: readonly string[];
}

export function choose(all: readonly Found[], answers: Answers, root: string): Choice {
  const open = answers.notUnderstood.filter(
    ({ from, isFirm }) => isFirm === true || !all.some(({ mentions }) => mentions.some(({ mention }) => mention.from === from)),
  );
  const [only] = all;
  if (only !== undefined && all.length === 1 && open.length === 0 && isNamedAndThere(only)) {
    // Whatever its tables say, it is this one: a run that only looks at backups does not open it.
    const candidate: Candidate = {
      path: only.path,
      get reasons() {
        return reasonsOf(only, tierOf(only));
      },
      chosen: true,
    };
    return { chosen: only, origin: originOf(only), question: null, candidates: [candidate], notProtected: [] };
  }
  const ranked = all
    .map((found) => ({ found, tier: tierOf(found) }))
    .sort((a, b) => b.tier - a.tier || strengthOf(b.found) - strengthOf(a.found));
  const best = ranked[0]?.tier ?? Tier.none;
  const { chosen, question } = decide(ranked, best, open, answers, root);
  return {
    chosen,
    origin: chosen === null ? null : originOf(chosen),
    question,
    candidates: ranked.map(({ found, tier }) => ({
      path: found.path,
      reasons: reasonsOf(found, tier),
      chosen: found === chosen,
    })),
    notProtected: all.filter((found) => found !== chosen && isOther(found)).map(({ path }) => path),
  };
}

interface Ranked {
  readonly found: Found;
  readonly tier: Tier;
}

type Decision = Pick<Choice, 'chosen' | 'question'>;

function decide(ranked: readonly Ranked[], best: Tier, open: readonly NotUnderstood[], answers: Answers, root: string): Decision {
  const at = (...tiers: Tier[]): Found[] => ranked.filter(({ tier }) => tiers.includes(tier)).map(({ found }) => found);
  const unread = open[0];
  // It is nowhere on this machine: what lies here may be anything.
  const absent = answers.named.filter((each) => each.places.length > 0 && !isAmong(each, ranked));
  // A file of the same name here looks like it, and is another one.
  const elsewhere = absent.find(
    ({ rank, isMounted, written }) =>
      rank <= 1 && isMounted === true && ranked.some(({ found }) => found.exists && basename(found.path) === basename(written)),
  );
  const gone = absent.find(({ rank }) => rank === 0) ?? elsewhere;
  const unclear =
    unread !== undefined
      ? said`${unread.from} names ${unread.written}, which only running the project could tell.`
      : gone !== undefined
        ? said`${gone.from} names ${gone.written}, which does not exist.`
        : null;
  const hard = open.find(({ tail }) => tail !== '');
  const firm = open.find(({ isFirm }) => isFirm === true);
  if (firm !== undefined && ranked.some(({ found, tier }) => found.exists && tier !== Tier.none)) {
    return ask(firm.sentence ?? said`${firm.from} names ${firm.written}, which only running the project could tell.`);
  }
  switch (best) {
    case Tier.knownNamed:
      return single(at(best), root);
    case Tier.knownExample:
      return single(at(best), root);
    case Tier.known: {
      const others = at(Tier.named);
      return elsewhere !== undefined
        ? ask(said`${elsewhere.from} names ${elsewhere.written}, which does not exist.`)
        : hard === undefined
          ? single([...at(best), ...others], root)
          : ask(said`${hard.from} names ${hard.written}, which is not understood.`);
    }
    case Tier.named:
      return hard === undefined ? single(at(best), root) : ask(said`${hard.from} names ${hard.written}, which is not understood.`);
    case Tier.absent: {
      const named = at(best)[0]?.mentions.find(({ mention }) => mention.isMounted === true)?.mention;
      const isAlike = ranked.some(({ found }) => found.exists && basename(found.path) === basename(named?.written ?? '/'));
      return named !== undefined && isAlike
        ? ask(said`${named.from} names ${named.written}, which does not exist.`)
        : { chosen: at(best)[0] ?? null, question: null };
    }
    case Tier.example:
    case Tier.header: {
      const [other] = answers.otherEngines;
      return unclear !== null
        ? ask(unclear)
        : other !== undefined
          ? ask(said`${other} names another kind of database.`)
          : single(at(best), root);
    }
    case Tier.none: {
      const some = ranked.filter(({ found }) => found.exists && found.aside !== 'it looks like a copy');
      return unclear !== null && some.length > 0
        ? ask(unclear)
        : { chosen: null, question: some.length > 0 ? 'Nothing says which database is the application’s.' : null };
    }
  }
}

function isAmong(mention: Mention, ranked: readonly Ranked[]): boolean {
  return ranked.some(({ found }) => found.mentions.some((place) => place.mention === mention));
}

function ask(question: string): Decision {
  return { chosen: null, question };
}

/** The only one left, when each mention counts for the likeliest place that it may mean. */
function single(found: readonly Found[], root: string): Decision {
  const likeliest = found.filter(
    (each) =>
      each.mentions.length === 0 ||
      each.mentions.some(
        ({ mention, index }) =>
          !found.some(
            (other) =>
              other !== each &&
              // From where an application was started is a guess, and no reason against a database that it has migrated, too.
              (each.evidence().known === 0 || other.evidence().known > each.evidence().known || mention.isExact === true) &&
              other.mentions.some((place) => place.mention === mention && place.index < index),
          ),
      ),
  );
  const strongest = Math.max(...likeliest.map(strengthOf));
  const left = likeliest.filter((each) => strengthOf(each) === strongest);
  const [only, second] = left;
  if (only !== undefined && second === undefined) {
    return { chosen: only, question: null };
  }
  const names = left.map(({ path }) => shown(path, root)).join(', ');
  return ask(
    left.some(({ mentions }) => mentions.length > 0)
      ? said`What names the database does not agree: ${names}.`
      : said`Nothing says which of these it is: ${names}.`,
  );
}

function isNamedAndThere({ mentions, exists, isEmpty, aside }: Found): boolean {
  return aside === null && exists && !isEmpty && mentions.some(({ mention }) => mention.rank === 0);
}

function tierOf({ mentions, evidence, exists, isEmpty, aside }: Found): Tier {
  const ranks = mentions.map(({ mention }) => mention.rank);
  const isApp = ranks.includes(0);
  const isExample = ranks.includes(1);
  if (aside !== null || (ranks.length > 0 && !isApp && !isExample)) {
    return Tier.none;
  }
  if (exists && evidence().known > 0) {
    return isApp ? Tier.knownNamed : isExample ? Tier.knownExample : Tier.known;
  }
  if (isApp) {
    return exists && !isEmpty ? Tier.named : Tier.absent;
  }
  return !exists || isEmpty ? Tier.none : isExample ? Tier.example : Tier.header;
}

/** Within a tier: the table of a migration tool. */
function strengthOf({ evidence }: Found): number {
  return evidence().tool === null ? 0 : 1;
}

function originOf({ mentions, evidence }: Found): Origin {
  const named = mentions.find(({ mention }) => mention.rank === 0) ?? mentions[0];
  return named?.mention.origin ?? (evidence().known > 0 ? 'migrations' : 'header');
}

/** A database of the project that a backup does not hold. */
function isOther({ exists, isEmpty, aside }: Found): boolean {
  return exists && !isEmpty && aside === null;
}

const KINDS = [
  (from: string) => said`${from} names it`,
  (from: string) => said`${from} names it as an example or in another environment`,
  (from: string) => said`${from} names it for tests`,
  (from: string) => said`${from} names it beside the application’s`,
] as const;

function reasonsOf({ mentions, evidence: evidenceOf, exists, isEmpty, aside }: Found, tier: Tier): string[] {
  const evidence = evidenceOf();
  const named = [...new Set(mentions.map(({ mention }) => KINDS[mention.rank](mention.from)))];
  const table =
    evidence.tool === null
      ? []
      : evidence.known > 0
        ? [said`it holds ${evidence.tool}'s table, and these files know its rows`]
        : evidence.rows > 0
          ? [said`it holds ${evidence.tool}'s table, but these files do not know its rows`]
          : [said`it holds the table of ${evidence.tool}`];
  const state = !exists ? ['it does not exist yet'] : isEmpty ? ['it is empty'] : [];
  const lone = tier === Tier.header && table.length === 0 ? ['it is a SQLite database, and nothing names it'] : [];
  return [...named, ...table, ...(aside === null ? [] : [aside]), ...state, ...lone];
}
