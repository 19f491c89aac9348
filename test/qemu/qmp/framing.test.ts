import assert from 'node:assert/strict';
import fc from 'fast-check';
import { QmpError } from '../../../src/qemu/qmp/errors';
import { JsonSplitter } from '../../../src/qemu/qmp/framing';

function split(...chunks: (Buffer | string)[]): unknown[] {
  const splitter = new JsonSplitter();
  return chunks.flatMap((chunk) =>
    [...splitter.push(Buffer.from(chunk))].map(({ message }) => message),
  );
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...[...at].sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

function isNotQmp(error: unknown): boolean {
  return error instanceof QmpError && error.code === 'NOT_QMP';
}

describe('QMP framing', () => {
  it('gives the same messages however the byte stream is cut', () => {
    const message = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
    const stream = fc.array(fc.record({ message, indent: fc.constantFrom(0, 4) })).map((parts) => ({
      messages: parts.map((part) => JSON.parse(JSON.stringify(part.message)) as unknown),
      bytes: Buffer.from(
        parts.map((part) => `${JSON.stringify(part.message, null, part.indent)}\r\n`).join(''),
      ),
    }));
    fc.assert(
      fc.property(
        stream.chain(({ messages, bytes }) =>
          fc.record({
            messages: fc.constant(messages),
            chunks: fc
              .array(fc.nat({ max: bytes.length }), { maxLength: 20 })
              .map((places) => cut(bytes, places)),
          }),
        ),
        ({ messages, chunks }) => {
          assert.deepEqual(split(...chunks), messages);
        },
      ),
      { seed: 20_240_817, numRuns: 300 },
    );
  });

  it('reads a stream that comes byte by byte, multi-byte characters cut in half', () => {
    const bytes = Buffer.from('{"name": "Wächter 虎 🐯 \\" \\\\"}\r\n');
    assert.deepEqual(split(...cut(bytes, [...bytes.keys()])), [{ name: 'Wächter 虎 🐯 " \\' }]);
  });

  it('reads the many lines of a monitor with pretty=on', () => {
    const pretty =
      '{\r\n    "return": [\r\n        {\r\n            "a}": 1\r\n        }\r\n    ]\r\n}\r\n';
    assert.deepEqual(split(pretty.slice(0, 20), pretty.slice(20) + pretty), [
      { return: [{ 'a}': 1 }] },
      { return: [{ 'a}': 1 }] },
    ]);
  });

  it('tells how many bytes a message took', () => {
    const frames = [...new JsonSplitter().push(Buffer.from(' {"ä": 1}\r\n{}'))];
    assert.deepEqual(
      frames.map(({ bytes }) => bytes),
      [9, 2],
    );
  });

  it('reads a 10 MB reply in small chunks in time that grows with its size only', () => {
    const message = {
      return: Array.from({ length: 100_000 }, (_, i) => ({ name: `x${i}`.padEnd(90) })),
    };
    const bytes = Buffer.from(JSON.stringify(message));
    assert.ok(bytes.length > 10_000_000);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) =>
      bytes.subarray(i * 1000, (i + 1) * 1000),
    );
    const splitter = new JsonSplitter();
    const began = performance.now();
    const frames = chunks.flatMap((chunk) => [...splitter.push(chunk)]);
    const took = performance.now() - began;
    assert.deepEqual(
      frames.map(({ bytes: length }) => length),
      [bytes.length],
    );
    // Takes 0.15 s; copying what is held at each of the 10,000 chunks would take over 10 s.
    assert.ok(took < 3000, `took ${took} ms`);
  });

  for (const [what, text] of [
    ['a human monitor', 'QEMU 7.2.22 monitor - type "help" for more information\r\n(qemu) '],
    ['an SSH server', 'SSH-2.0-OpenSSH_9.2p1\r\n'],
    ['a telnet negotiation', Buffer.from([0xff, 0xfb, 0x01])],
    ['braces around no JSON', '{nonsense}'],
    ['JSON that is no object', '[]'],
  ] as const) {
    it(`takes ${what} for no QMP`, () => {
      assert.throws(() => split(text), isNotQmp);
    });
  }

  it('gives the messages that came before bytes that are no JSON', () => {
    const frames = new JsonSplitter().push(Buffer.from('{"a":1}\nError'));
    assert.deepEqual(frames.next().value, { message: { a: 1 }, bytes: 7 });
    assert.throws(() => frames.next(), isNotQmp);
  });

  it('refuses a message above the size limit as soon as it is', () => {
    const splitter = new JsonSplitter(1000);
    assert.deepEqual([...splitter.push(Buffer.from(`{"a":"${'x'.repeat(900)}`))], []);
    assert.throws(() => [...splitter.push(Buffer.alloc(100, 'x'))], isNotQmp);
  });
});
