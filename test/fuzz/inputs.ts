/** Hostile inputs: good ones that were damaged, and what parsers are known to choke on. */
import fc from 'fast-check';

const odd = [
  ...['\0', '\ufeff', '\u2028', '\u202e', '\ud800', '\r', '\n', '\n\n', '\\', '"', "'", '`'],
  ...['$(', '${', '${a', '%', '%%', '*', '?', '../', '//', ' ', '\t', ',', ',,', '=', ':', '-'],
  ...['{', '}', '[', ']', '{}', '[]', '":', 'null', 'true', '1e999', '-1', '9'.repeat(400), '0x'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '<',
    '>',
    '</',
    '&',
    '&#0;',
    '&#x110000;',
    '&x;',
    '<!--',
  ],
  ...['<![CDATA[', '<!DOCTYPE a [<!ENTITY b "c">]>', '\u{1f600}', 'é'],
];

/** Up to half a megabyte of one thing. */
const muchOfOne = fc
  .tuple(
    fc.constantFrom(...odd, 'a', ' =', '"a"', '{"a":', '<a>', '*a', '\\"', '"$('),
    fc.nat(20_000),
  )
  .map(([piece, times]) => piece.repeat(times).slice(0, 500_000));

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...odd) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: muchOfOne },
);

type Damage = readonly [at: number, removed: number, inserted: string, copies: number];

/** Places are shares of the text, so that it may have any length. */
const damage: fc.Arbitrary<Damage> = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.oneof(fc.constant(0), fc.nat(8), fc.nat(400)),
  fc.oneof(fc.constant(''), text),
  fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(300) }),
);

/** Something is cut out, something put in, and what was cut out repeated. */
function damaged(sample: string, [place, removed, inserted, copies]: Damage): string {
  const at = Math.floor(place * sample.length);
  const cut = sample.slice(at, at + removed);
  const again = copies > 1 ? cut.repeat(copies) : '';
  return sample.slice(0, at) + inserted + again + sample.slice(at + removed);
}

/** One of the samples, damaged in a few places; or what looks like nothing at all. */
export function hostile(...samples: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom(...samples), fc.array(damage, { maxLength: 4 }))
        .map(([sample, all]) => all.reduce(damaged, sample).slice(0, 2_000_000)),
    },
    { weight: 1, arbitrary: fc.array(text, { maxLength: 6 }).map((parts) => parts.join('')) },
  );
}

/** The same as bytes, in which characters may have been cut in two, in pieces. */
export function hostileChunks(...samples: readonly string[]): fc.Arbitrary<Buffer[]> {
  return fc
    .tuple(
      hostile(...samples),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 3 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
    )
    .map(([whole, changes, cuts]) => {
      const bytes = Buffer.from(whole);
      for (const [place, value] of changes) bytes[Math.floor(place * bytes.length)] = value;
      const places = cuts.map((place) => Math.floor(place * bytes.length)).sort((a, b) => a - b);
      return [0, ...places].map((at, index) => bytes.subarray(at, places[index]));
    });
}

/** JSON of any shape, and deeper than anybody means it. */
export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc
    .tuple(fc.constantFrom('[', '{"a":', '{"return":', '[{"":'), fc.nat(30_000))
    .map(([open, depth]) => {
      const close = Array.from(open).reverse().join('').replace(/[^[{]/g, '');
      return `${open.repeat(depth)}1${close.replaceAll('[', ']').replaceAll('{', '}').repeat(depth)}`;
    }),
);
