import { type CharSet, JS } from 'refa';

/*
 * An expression is exponential where a loop can read the same text in two ways. Its characters are the states of an
 * automaton (Glushkov); a loop is ambiguous where two walks over the same characters part and meet again.
 */

type Element = ReturnType<JS.Parser['parse']>['expression']['alternatives'][number]['elements'][number];
type Concatenation = { readonly elements: readonly Element[] };
/** What may come first and last, as states; whether it may be nothing at all. */
type Part = { readonly first: readonly number[]; readonly last: readonly number[]; readonly isNullable: boolean };
type Automaton = {
  readonly characters: CharSet[];
  /** State to state, and in how many ways. */
  readonly steps: Map<number, Map<number, number>>;
  /** What looks ahead or behind is an expression of its own. */
  readonly apart: (readonly Concatenation[])[];
};

/** A loop of fewer rounds cannot become long. */
const manyRounds = 10;
const nothing: Part = { first: [], last: [], isNullable: true };

export function isAmbiguous({ source, flags }: { readonly source: string; readonly flags: string }): boolean {
  const { expression } = JS.Parser.fromLiteral({ source, flags }).parse({ backreferences: 'unknown' });
  const waiting: (readonly Concatenation[])[] = [expression.alternatives];
  for (let alternatives = waiting.pop(); alternatives !== undefined; alternatives = waiting.pop()) {
    const automaton: Automaton = { characters: [], steps: new Map(), apart: [] };
    anyOf(automaton, alternatives);
    if (automaton.characters.some((_, state) => isAmbiguousAt(automaton, state))) return true;
    waiting.push(...automaton.apart);
  }
  return false;
}

function anyOf(automaton: Automaton, alternatives: readonly Concatenation[]): Part {
  const parts = alternatives.map(({ elements }) => inOrder(automaton, elements));
  return {
    first: parts.flatMap(({ first }) => first),
    last: parts.flatMap(({ last }) => last),
    isNullable: parts.some(({ isNullable }) => isNullable),
  };
}

const inOrder = (automaton: Automaton, elements: readonly Element[]): Part =>
  elements.reduce<Part>((before, element) => {
    const after = partOf(automaton, element);
    connect(automaton, before.last, after.first);
    return {
      first: before.isNullable ? [...before.first, ...after.first] : before.first,
      last: after.isNullable ? [...before.last, ...after.last] : after.last,
      isNullable: before.isNullable && after.isNullable,
    };
  }, nothing);

function partOf(automaton: Automaton, element: Element): Part {
  switch (element.type) {
    case 'CharacterClass': {
      const state = automaton.characters.push(element.characters) - 1;
      return { first: [state], last: [state], isNullable: false };
    }
    case 'Alternation':
      return anyOf(automaton, element.alternatives);
    case 'Quantifier': {
      const inside = anyOf(automaton, element.alternatives);
      if (element.max >= manyRounds) connect(automaton, inside.last, inside.first);
      return { ...inside, isNullable: inside.isNullable || element.min === 0 };
    }
    case 'Assertion':
      automaton.apart.push(element.alternatives);
      return nothing;
    default:
      return nothing;
  }
}

function connect({ steps }: Automaton, from: readonly number[], to: readonly number[]): void {
  for (const start of from) {
    const row = steps.get(start) ?? new Map<number, number>();
    steps.set(start, row);
    for (const end of to) row.set(end, (row.get(end) ?? 0) + 1);
  }
}

/** Two walks begin at one state, read the same, differ on their way, and are back together. */
function isAmbiguousAt({ characters, steps }: Automaton, origin: number): boolean {
  const size = characters.length;
  const [start, back] = [origin * size + origin, new Map<number, number[]>()];
  const parted = new Set<number>();
  const seen = new Set([start]);
  for (const pair of seen) {
    const [left, right] = [Math.trunc(pair / size), pair % size];
    for (const [nextLeft, ways] of steps.get(left) ?? []) {
      for (const nextRight of steps.get(right)?.keys() ?? []) {
        if (characters[nextLeft]?.isDisjointWith(characters[nextRight] as CharSet) !== false) continue;
        const next = nextLeft * size + nextRight;
        if (nextLeft !== nextRight || (left === right && ways > 1)) parted.add(next);
        back.set(next, [...(back.get(next) ?? []), pair]);
        seen.add(next);
      }
    }
  }
  const returning = new Set([start]);
  for (const pair of returning) for (const before of back.get(pair) ?? []) returning.add(before);
  return [...parted].some((pair) => returning.has(pair));
}
