import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { CommandLineError, type CommandLineErrorCode } from '../../../src/qemu/commandline/errors';
import { parseLaunchScript, quoteArguments } from '../../../src/qemu/commandline/launch-script';
import { libvirt9 } from './samples';

const qemu = '/usr/bin/qemu-system-x86_64';

/** What bash makes of a command's words, with nothing on its PATH; undefined if it refuses. */
function wordsByBash(command: string): string[] | undefined {
  const script = `qemu-show() { printf '%s\\0' "$@"; }\n${command}`;
  const { status, stdout, error } = spawnSync('/bin/bash', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: '', LC_ALL: 'C.UTF-8' },
  });
  if (error !== undefined) throw error;
  // 127: a second command, which it does not find.
  return status === 0 || status === 127 ? stdout.split('\0').slice(0, -1) : undefined;
}

/** libvirt's log of a domain, as virCommandToString and the daemon write it. */
function libvirtLog(...argv: readonly string[]): string {
  const words = argv.map((word) =>
    /^[\w@%+:,./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  const lines = words.map((word) => (word.startsWith('-') ? ` \\\n${word}` : ` ${word}`)).join('');
  return `2024-05-01 10:00:00.123+0000: starting up libvirt version: 9.0.0, package: 4 (Debian), qemu version: 7.2.9Debian 1:7.2+dfsg-7, kernel: 6.1.0-20-amd64, hostname: host
LC_ALL=C \\
PATH=/usr/local/sbin:/usr/bin \\
HOME='/var/lib/libvirt/qemu/domain-1-vm one' \\
${qemu}${lines}
char device redirected to /dev/pts/0 (label charserial0)
2024-05-01T10:00:05.123456Z qemu-system-x86_64: terminating on signal 15 from pid 1 (it's <unknown process>)
2024-05-01 10:00:06.123+0000: shutting down, reason=shutdown
`;
}

describe('a launch script', () => {
  const scripts: [string, string, string[]][] = [
    ['a plain command', 'qemu -m 1G', ['-m', '1G']],
    ['quotes of every kind', `qemu 'a b'"c d"e\\ f '' ""`, ['a bc de f', '', '']],
    ['backslashes in double quotes', 'qemu "a\\"b\\\\c\\$d\\x\\\ne"', ['a"b\\c$d\\xe']],
    [
      "bash's escapes",
      `qemu $'a\\'b\\n\\x41\\303\\274\\u00fc\\?\\q' $"c"`,
      [`a'b\nA\u00fc\u00fc?\\q`, 'c'],
    ],
    ['a dollar that stands for nothing', `qemu a$ "$" '$x' \\$x`, ['a$', '$', '$x', '$x']],
    ['continued lines', 'qemu \\\n  -m 1G \\\r\n  -s\\\nmp 2\n', ['-m', '1G', '-smp', '2']],
    ['comments', '#!/bin/sh\n# it\'s "one"\nqemu -s # two\n', ['-s']],
    ['a hash within a word', 'qemu a#b "#c"', ['a#b', '#c']],
    ['redirections', 'qemu -s >log 2>&1 </dev/null &>> "$LOG" 3<>x -S', ['-s', '-S']],
    ['the background', 'qemu -daemonize &', ['-daemonize']],
    ["the script's own arguments", 'exec qemu -s "$@" $*', ['-s']],
    ['prefixes', 'X=1 exec nohup env Y=2 qemu -s', ['-s']],
    ['QEMU among other commands', 'cd "$HOME"\nqemu-img create a 1G && qemu -s; echo $?', ['-s']],
    ['QEMU within a condition', 'if [ -e x ]; then\n  exec qemu -s\nfi', ['-s']],
    ['braces and globs as they stand', 'qemu {a,b} * -cpu ?', ['{a,b}', '*', '-cpu', '?']],
  ];
  for (const [what, script, expected] of scripts) {
    it(`is read with ${what}`, () => {
      const command = parseLaunchScript(script);
      assert.equal(command.program, 'qemu');
      assert.deepEqual(command.arguments, expected);
    });
  }

  it('has an environment in its leading assignments', () => {
    const script = `A=1 B="x y=z" exec C= ${qemu} D=4`;
    assert.deepEqual(parseLaunchScript(script), {
      environment: { A: '1', B: 'x y=z', C: '' },
      program: qemu,
      arguments: ['D=4'],
    });
  });

  it('has one command of any name', () => {
    assert.deepEqual(parseLaunchScript('my-wrapper -s\n').program, 'my-wrapper');
    assert.deepEqual(parseLaunchScript("'A=1' -s").program, 'A=1');
  });

  const refused: [string, string, CommandLineErrorCode, number?, string?][] = [
    ['a variable', 'qemu \\\n -hda $DISK', 'UNEXPANDED', 2, '$DISK'],
    ['a variable in quotes', 'qemu "a\n${DISK:-"}"}/$B"', 'UNEXPANDED', 2, '${DISK:-"}"}'],
    ['a command', 'qemu -name $(echo "$(id)" \')\')', 'UNEXPANDED', 1, `$(echo "$(id)" ')')`],
    ['a command in backquotes', 'qemu -name "`id`"', 'UNEXPANDED', 1, '`id`'],
    ['a home directory', 'qemu ~/disk.img', 'UNEXPANDED', 1, '~'],
    ['another process', 'qemu <(echo)', 'UNEXPANDED', 1, '<(echo)'],
    ['an array', 'args=(-s)\nqemu "${args[@]}"', 'UNEXPANDED', 2, '${args[@]}'],
    ['a variable as the program', '$QEMU -s', 'UNEXPANDED', 1, '$QEMU'],
    ['a variable in the environment', 'P=$P:/x qemu -s', 'UNEXPANDED', 1, '$P'],
    ['a single quote that does not end', "# one\nqemu -s 'x\ny\n", 'TRUNCATED', 2],
    ['a double quote that does not end', 'qemu -s\\\n "x', 'TRUNCATED', 2],
    ['a quote of bash that does not end', "qemu $'x\\'", 'TRUNCATED', 1],
    ['a continued line at the end', 'qemu -s \\\n -m 1G \\\n', 'TRUNCATED', 2],
    ['a continued word at the end', 'qemu -s\\\n', 'TRUNCATED', 1],
    ['a backslash at the end', 'qemu -s\\', 'TRUNCATED', 1],
    ['a bracket that does not close', 'qemu $(x', 'TRUNCATED', 1],
    ['nothing', '', 'NO_COMMAND'],
    ['comments alone', '#!/bin/sh\n# qemu\n', 'NO_COMMAND'],
    ['assignments alone', 'A=1\nB=2\n', 'NO_COMMAND'],
    ['several commands and no QEMU', 'cd x\nqemu-img info a\n', 'AMBIGUOUS_COMMAND'],
    ['two QEMUs', 'qemu -s\nqemu-system-arm -s\n', 'AMBIGUOUS_COMMAND'],
    ['a here-document', 'cat <<END\nx\nEND\nqemu -s', 'UNSUPPORTED_SHELL', 1],
    ['sudo with options', 'sudo -u me qemu -s', 'UNSUPPORTED_SHELL', 1],
  ];
  for (const [what, script, code, line, named = ''] of refused) {
    it(`is refused for ${what}`, () => {
      assert.throws(
        () => parseLaunchScript(script),
        (error) => {
          assert.ok(error instanceof CommandLineError);
          assert.deepEqual([error.code, error.line], [code, line]);
          assert.ok(error.message.includes(named), error.message);
          return true;
        },
      );
    });
  }

  it('executes nothing', () => {
    const witness = join(tmpdir(), `sidestep-executed-${process.pid}`);
    assert.throws(() => parseLaunchScript(`qemu -name $(touch ${witness})`));
    assert.equal(existsSync(witness), false);
  });

  it('is read as bash reads it', () => {
    const part = fc.oneof(
      fc.constantFrom(' ', "'", '"', '\\', '\\\n', '#', '=', '\u00fc', "$'", '\\x', '\\4'),
      fc.constantFrom('a b', '"a"', "'a'", `$'\\n'`, '-m'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        // The last word shows whether a quote is still open, or a comment.
        const script = `qemu-show -s ${parts.join('')} end`;
        const byBash = wordsByBash(script);
        if (byBash === undefined) {
          assert.throws(() => parseLaunchScript(script), { code: 'TRUNCATED' });
        } else {
          assert.deepEqual(parseLaunchScript(script).arguments, byBash);
        }
      }),
      { seed: 5, numRuns: 150 },
    );
  });
});

describe("libvirt's log of a domain", () => {
  it('holds the command line and the environment', () => {
    assert.deepEqual(parseLaunchScript(libvirtLog(...libvirt9)), {
      environment: {
        LC_ALL: 'C',
        PATH: '/usr/local/sbin:/usr/bin',
        HOME: '/var/lib/libvirt/qemu/domain-1-vm one',
      },
      program: qemu,
      arguments: libvirt9,
    });
  });

  it('counts for its last start', () => {
    const log = libvirtLog('-name', 'old') + libvirtLog('-name', 'new');
    assert.deepEqual(parseLaunchScript(log).arguments, ['-name', 'new']);
  });

  it('is refused where it breaks off, with the line', () => {
    const log = libvirtLog('-name', 'old') + libvirtLog('-name', 'a b', '-S');
    for (const broken of [
      log.slice(0, log.lastIndexOf(' b')),
      log.slice(0, log.lastIndexOf('-S')),
    ]) {
      const line = broken.trimEnd().split('\n').length;
      assert.throws(() => parseLaunchScript(broken), { code: 'TRUNCATED', line });
    }
  });
});

describe('quoteArguments', () => {
  const argv = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.string()));

  it('leaves plain words plain', () => {
    assert.equal(
      quoteArguments([qemu, '-drive', 'file=a.img,if=none', 'a b', "it's", '', '$x']),
      `${qemu} -drive file=a.img,if=none 'a b' 'it'\\''s' '' '$x'`,
    );
  });

  it('is undone by reading a launch script', () => {
    fc.assert(
      fc.property(argv, (words) => {
        const command = parseLaunchScript(quoteArguments([qemu, ...words]));
        assert.deepEqual(command, { environment: {}, program: qemu, arguments: words });
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it('is undone by a shell', () => {
    const words = [
      '',
      ' ',
      "'",
      '"',
      '\\',
      '$(id)',
      '`id`',
      '~',
      '*',
      '#',
      '!',
      '\n',
      '\u00fc\u{1f5a5}',
    ];
    assert.deepEqual(wordsByBash(`qemu-show ${quoteArguments(['x', ...words])}`), ['x', ...words]);
  });
});
