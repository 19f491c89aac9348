import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CommandLine, option } from '../../../src/qemu/commandline/commandline';
import { CommandLineError } from '../../../src/qemu/commandline/errors';
import { handWritten, libvirt9 } from './samples';

const anyWord = fc.string({ unit: 'grapheme' });

describe('CommandLine', () => {
  it('reads the words of a real command line as options', () => {
    const { options } = CommandLine.parse(libvirt9);
    assert.equal(options.length, 36);
    assert.deepEqual(
      options.filter(({ value }) => value === undefined).map(({ name }) => name),
      ['S', 'no-user-config', 'nodefaults', 'no-hpet', 'no-shutdown'],
    );
    assert.deepEqual(options[0], option('name', 'guest=vm one,debug-threads=on'));
  });

  it('prints real command lines as they were read', () => {
    for (const argv of [libvirt9, ...handWritten]) {
      assert.deepEqual(CommandLine.parse(argv).toArguments(), argv);
    }
  });

  const readings: [string, string[], [string, string, string | undefined][]][] = [
    ['two dashes', ['--drive', 'x'], [['drive', '--drive', 'x']]],
    ['the second name of an option', ['-M', 'q35'], [['machine', '-M', 'q35']]],
    ['a value that begins with a dash', ['-append', '-s'], [['append', '-append', '-s']]],
    ['an empty value', ['-append', ''], [['append', '-append', '']]],
    [
      'a bare disk image, as -hda',
      ['-s', 'a.img'],
      [
        ['s', '-s', undefined],
        ['hda', '', 'a.img'],
      ],
    ],
    ['an empty word, as an image too', [''], [['hda', '', '']]],
    ['an option that is not known, with a value', ['-new', 'x'], [['new', '-new', 'x']]],
    [
      'an option that is not known, before another',
      ['-new', '-s'],
      [
        ['new', '-new', undefined],
        ['s', '-s', undefined],
      ],
    ],
    ['an option that is not known, at the end', ['-new'], [['new', '-new', undefined]]],
    ['an option of an older QEMU', ['-soundhw', 'hda'], [['soundhw', '-soundhw', 'hda']]],
  ];
  for (const [what, argv, expected] of readings) {
    it(`reads ${what}`, () => {
      const options = CommandLine.parse(argv).options;
      assert.deepEqual(
        options,
        expected.map(([name, flag, value]) => ({ name, flag, value })),
      );
    });
  }

  it('refuses an option without its value, by name', () => {
    assert.throws(
      () => CommandLine.parse(['-s', '--drive']),
      (error) =>
        error instanceof CommandLineError &&
        error.code === 'MISSING_VALUE' &&
        error.option === '--drive' &&
        error.message.includes('--drive'),
    );
  });

  it('makes the arguments of options put together', () => {
    const line = CommandLine.of([option('M', 'q35'), option('S'), option('append', '')]);
    assert.deepEqual(line.toArguments(), ['-M', 'q35', '-S', '-append', '']);
    assert.deepEqual(CommandLine.parse(line.toArguments()).options, line.options);
  });

  it('prints any words as they were read', () => {
    const word = fc.oneof(
      anyWord,
      anyWord.map((text) => `-${text}`),
      fc.constantFrom('-drive', '--device', '-S', '-nographic', '-M', '--', '-'),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const argv = [...words, '-S'];
        assert.deepEqual(CommandLine.parse(argv).toArguments(), argv);
      }),
      { seed: 7202, numRuns: 500 },
    );
  });
});
