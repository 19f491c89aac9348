import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CommandLine } from '../../../src/qemu/commandline/commandline';
import { CommandLineError, type CommandLineErrorCode } from '../../../src/qemu/commandline/errors';
import { impliedKey } from '../../../src/qemu/commandline/option-table';
import { escapeValue, Properties } from '../../../src/qemu/commandline/properties';
import { handWritten, libvirt9 } from './samples';

const runs = { seed: 100013, numRuns: 500 };

function pairs(properties: Properties): [string, string][] {
  return properties.entries().map(({ key, value }) => [key, value]);
}

function code(expected: CommandLineErrorCode) {
  return (error: unknown) => error instanceof CommandLineError && error.code === expected;
}

describe('Properties', () => {
  it('print the values of real command lines as they were read', () => {
    for (const argv of [libvirt9, ...handWritten]) {
      for (const { name, value } of CommandLine.parse(argv).options) {
        if (value === undefined) continue;
        assert.equal(Properties.parse(value, impliedKey(name)).toString(), value);
      }
    }
  });

  describe('in key=value syntax', () => {
    const readings: [string, string | undefined, [string, string][]][] = [
      ['', 'driver', []],
      [
        'id=a,bus=b',
        undefined,
        [
          ['id', 'a'],
          ['bus', 'b'],
        ],
      ],
      [
        'virtio-net,id=a',
        'driver',
        [
          ['driver', 'virtio-net'],
          ['id', 'a'],
        ],
      ],
      ['driver=virtio-net', 'driver', [['driver', 'virtio-net']]],
      ['file=a,,b=c,,', undefined, [['file', 'a,b=c,']]],
      [
        'file=a,,,if=none',
        undefined,
        [
          ['file', 'a,'],
          ['if', 'none'],
        ],
      ],
      [
        'unix:/a,,b,password',
        'vnc',
        [
          ['vnc', 'unix:/a,b'],
          ['password', 'on'],
        ],
      ],
      [
        'socket,server,nowait',
        'backend',
        [
          ['backend', 'socket'],
          ['server', 'on'],
          ['wait', 'off'],
        ],
      ],
      ['readonly', undefined, [['readonly', 'on']]],
      [
        'id=,mac=a=b',
        undefined,
        [
          ['id', ''],
          ['mac', 'a=b'],
        ],
      ],
      ['a=1,', undefined, [['a', '1']]],
      ['addr.type=inet', undefined, [['addr.type', 'inet']]],
      ['id=\u00fc \u{1f5a5}', undefined, [['id', '\u00fc \u{1f5a5}']]],
    ];
    for (const [text, implied, expected] of readings) {
      it(`reads '${text}'`, () => {
        const properties = Properties.parse(text, implied);
        assert.equal(properties.syntax, 'keyval');
        assert.deepEqual(pairs(properties), expected);
        assert.equal(properties.toString(), text);
      });
    }

    it('takes the last of repeated values, and gives all of them', () => {
      const user = Properties.parse('user,hostfwd=tcp::1-:1,hostfwd=tcp::2-:2', 'type');
      assert.equal(user.get('hostfwd'), 'tcp::2-:2');
      assert.deepEqual(user.getAll('hostfwd'), ['tcp::1-:1', 'tcp::2-:2']);
      assert.deepEqual(user.getAll('guestfwd'), []);
      assert.equal(user.without('hostfwd').toString(), 'user');
    });

    it('reads booleans in every spelling', () => {
      const flags = Properties.parse('a=on,b=off,c=yes,d=no,e=true,f=false,g=y,h=n,i,noj,k=maybe');
      assert.deepEqual(
        'a b c d e f g h i j k l'.split(' ').map((key) => flags.flag(key)),
        [true, false, true, false, true, false, true, false, true, false, undefined, undefined],
      );
    });

    const changes: [string, string, (old: Properties) => Properties, string][] = [
      ['replaces in place', 'a=1,b=2,c', (old) => old.with('b', 'x,y'), 'a=1,b=x,,y,c'],
      ['appends', 'a=1', (old) => old.with('b', true), 'a=1,b=on'],
      ['makes the first', '', (old) => old.with('b', false), 'b=off'],
      ['replaces an implied value', 'pty,id=a', (old) => old.with('backend', 'null'), 'null,id=a'],
      [
        'writes out what cannot be implied',
        'pty',
        (old) => old.with('backend', 'a=b'),
        'backend=a=b',
      ],
      [
        'lets no implied value look like JSON',
        'pty',
        (old) => old.with('backend', '{'),
        'backend={',
      ],
      ['replaces a short form', 'pty,server', (old) => old.with('server', false), 'pty,server=off'],
      ['leaves what is already so', 'pty,nowait', (old) => old.with('wait', false), 'pty,nowait'],
      ['replaces the value that counts', 'a=1,a=2', (old) => old.with('a', '3'), 'a=1,a=3'],
      ['removes every occurrence', 'a=1,b=2,a=3', (old) => old.without('a'), 'b=2'],
      ['removes what is not there', 'a=1,', (old) => old.without('b'), 'a=1,'],
      ['keeps a flag a flag', 'pty,server,id=a', (old) => old.without('backend'), 'server=on,id=a'],
      ['makes no escape of two commas', 'pty,a=1,', (old) => old.with('b', '2'), 'pty,a=1,b=2'],
    ];
    for (const [what, text, change, expected] of changes) {
      it(what, () => {
        const old = Properties.parse(text, 'backend');
        assert.equal(change(old).toString(), expected);
        assert.equal(old.toString(), text);
      });
    }

    it('refuses a key that cannot be written', () => {
      for (const key of ['', 'a=b', 'a,b']) {
        assert.throws(() => Properties.parse('a=1').with(key, 'x'), code('BAD_KEY'));
      }
    });

    const implied = fc.constantFrom(undefined, 'driver');
    const separators = fc.string({ unit: fc.constantFrom(',', '=', 'n', 'o', '\u00fc', ' ') });
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), separators);
    // A key that begins with a brace is none in QEMU's eyes.
    const text = value.filter((candidate) => !candidate.includes('{'));
    const key = fc.stringMatching(/^[a-z][a-z0-9.-]{0,4}$/);

    it('print any text as it was read', () => {
      fc.assert(
        fc.property(text, implied, (written, first) => {
          assert.equal(Properties.parse(written, first).toString(), written);
        }),
        runs,
      );
    });

    it('read back what was set, and everything else as it was', () => {
      fc.assert(
        fc.property(text, implied, key, value, (written, first, name, set) => {
          const old = Properties.parse(written, first);
          const changed = Properties.parse(old.with(name, set).toString(), first);
          assert.equal(changed.get(name), set);
          const others = (properties: Properties) =>
            pairs(properties).filter(([other]) => other !== name);
          assert.deepEqual(others(changed), others(old));
        }),
        runs,
      );
    });

    it('no longer have what was removed, and everything else as it was', () => {
      fc.assert(
        fc.property(text, implied, fc.nat(), (written, first, choice) => {
          const old = Properties.parse(written, first);
          const entries = pairs(old);
          const name = entries[choice % entries.length]?.[0] ?? 'absent';
          const changed = Properties.parse(old.without(name).toString(), first);
          assert.equal(changed.has(name), false);
          assert.deepEqual(
            pairs(changed),
            entries.filter(([other]) => other !== name),
          );
        }),
        runs,
      );
    });

    it('keep the bytes of what is not changed', () => {
      const pair = fc.tuple(key, value).map(([name, held]) => `${name}=${escapeValue(held)}`);
      fc.assert(
        fc.property(fc.array(pair), fc.array(pair), value, (before, after, set) => {
          const around = (middle: string) => [...before, middle, ...after].join(',');
          const changed = Properties.parse(around('THE=old')).with('THE', set);
          assert.equal(changed.toString(), around(`THE=${escapeValue(set)}`));
        }),
        runs,
      );
    });
  });

  describe('in JSON', () => {
    const device = Properties.parse(
      '{"driver":"x", "addr":{"type":"unix","path":"/a,b"} ,"size":18446744073709551615,' +
        '"rate":1.50,"on":true,"off":false,"backing":null,"hostfwd":[{"str":"a"},"b"],"cpus":[0,1]}',
    );

    it('reads members by their dotted keys, numbers as they are written', () => {
      assert.equal(device.syntax, 'json');
      assert.deepEqual(pairs(device), [
        ['driver', 'x'],
        ['addr.type', 'unix'],
        ['addr.path', '/a,b'],
        ['size', '18446744073709551615'],
        ['rate', '1.50'],
        ['on', 'on'],
        ['off', 'off'],
        ['backing', ''],
        ['hostfwd.0.str', 'a'],
        ['hostfwd.1', 'b'],
        ['cpus.0', '0'],
        ['cpus.1', '1'],
      ]);
      assert.deepEqual(device.getAll('hostfwd'), ['a', 'b']);
      assert.deepEqual(device.getAll('cpus'), ['0', '1']);
      assert.deepEqual(device.getAll('driver'), ['x']);
      assert.equal(device.has('addr'), true);
      assert.equal(device.get('addr'), undefined);
      assert.deepEqual(
        [device.flag('on'), device.flag('off'), device.flag('size')],
        [true, false, undefined],
      );
    });

    it('reads strings in single quotes, and keeps them until something changes', () => {
      const text = `{'driver':'x "y" \\'z\\'' , "a":{'b':'\\u00fc'}}`;
      const single = Properties.parse(text);
      assert.deepEqual(pairs(single), [
        ['driver', `x "y" 'z'`],
        ['a.b', '\u00fc'],
      ]);
      assert.equal(single.toString(), text);
      assert.equal(single.with('a.b', '\u00fc').toString(), text);
      assert.equal(
        single.with('a.b', 'c').toString(),
        `{"driver":"x \\"y\\" 'z'" , "a":{"b":"c"}}`,
      );
    });

    const changes: [string, string, (old: Properties) => Properties, string][] = [
      [
        'replaces in place',
        '{ "a" : {"b":"c"} , "n":1.0}',
        (old) => old.with('a.b', '"'),
        '{ "a" : {"b":"\\""} , "n":1.0}',
      ],
      ['appends a string', '{"n":1}', (old) => old.with('s', '1'), '{"n":1,"s": "1"}'],
      ['appends a boolean', '{}', (old) => old.with('b', true), '{"b": true}'],
      ['appends within', '{"a":{"b":1}}', (old) => old.with('a.c', 'd'), '{"a":{"b":1,"c": "d"}}'],
      ['keeps a boolean', '{"b":true}', (old) => old.with('b', 'off'), '{"b":false}'],
      ['keeps a string', '{"b":"on"}', (old) => old.with('b', false), '{"b":"off"}'],
      [
        'keeps a number of 64 bits',
        '{"n":1}',
        (old) => old.with('n', '18446744073709551615'),
        '{"n":18446744073709551615}',
      ],
      ['gives up a number', '{"n":1}', (old) => old.with('n', '1G'), '{"n":"1G"}'],
      ['replaces null', '{"n":null}', (old) => old.with('n', 'node'), '{"n":"node"}'],
      ['replaces an item', '{"l":["a","b"]}', (old) => old.with('l.1', 'c'), '{"l":["a","c"]}'],
      ['appends an item', '{"l":["a"]}', (old) => old.with('l.1', 'c'), '{"l":["a","c"]}'],
      ['removes a member', '{"a":1, "b":2}', (old) => old.without('a'), '{"b":2}'],
      ['removes an object', '{"a":{"b":1},"c":2}', (old) => old.without('a'), '{"c":2}'],
      ['removes what is not there', "{'a':1 }", (old) => old.without('b'), "{'a':1 }"],
    ];
    for (const [what, text, change, expected] of changes) {
      it(what, () => {
        const old = Properties.parse(text);
        assert.equal(change(old).toString(), expected);
        assert.equal(old.toString(), text);
      });
    }

    it('refuses a member below a value that holds none', () => {
      for (const key of ['s.t', 'l.2', 'l.x']) {
        const old = Properties.parse('{"s":"x","l":["a"]}');
        assert.throws(() => old.with(key, 'x'), code('BAD_KEY'));
      }
    });

    const malformed: [string, number][] = [
      ['{', 1],
      ['{"a":1,}', 7],
      ['{"a":1} x', 8],
      ['{"a":1,"a":2}', 7],
      ['{"a":{"b":1,"b":2}}', 12],
      ['{"a":1 /* one */}', 7],
      [`{'a"b"\\'':1, 'c':x}`, 17],
      ['{driver=x}', 1],
    ];
    for (const [text, offset] of malformed) {
      it(`refuses ${text}, with the offset`, () => {
        assert.throws(
          () => Properties.parse(text),
          (error) =>
            error instanceof CommandLineError &&
            error.code === 'MALFORMED_JSON' &&
            error.offset === offset &&
            error.message.includes(`offset ${offset}`),
        );
      });
    }

    const member = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,4}$/);
    const { object } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 2 },
        fc.string({ unit: 'grapheme' }),
        fc.oneof(fc.boolean(), fc.integer(), fc.constant(null)),
        tie('object'),
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
      ),
      object: fc.dictionary(member, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    }));
    const indent = fc.constantFrom(0, 1);

    it('print any object as it was read', () => {
      fc.assert(
        fc.property(object, indent, (value, spaces) => {
          const text = JSON.stringify(value, null, spaces);
          assert.equal(Properties.parse(text).toString(), text);
        }),
        runs,
      );
    });

    it('change nothing but what is set or removed', () => {
      fc.assert(
        fc.property(object, indent, member, fc.string(), (value, spaces, name, set) => {
          const old = Properties.parse(JSON.stringify(value, null, spaces));
          const changed = old.with(name, set);
          assert.equal(changed.get(name), set);
          const rest: Record<string, unknown> = { ...value };
          Reflect.deleteProperty(rest, name);
          assert.deepEqual(JSON.parse(changed.without(name).toString()), rest);
          assert.deepEqual(JSON.parse(old.without(name).toString()), rest);
        }),
        runs,
      );
    });
  });
});
