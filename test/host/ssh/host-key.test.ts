import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  asHostKey,
  fingerprintOf,
  judgeHostKey,
  preferredAlgorithms,
  type HostKey,
} from '../../../src/host/ssh/host-key';
import {
  hashName,
  isAbout,
  knownHostsName,
  parseKnownHosts,
  type KnownHostsLine,
} from '../../../src/host/ssh/known-hosts';

/** A key's form is all that matters here: its type, then anything. */
function key(type: string, rest: string): HostKey {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return asHostKey(Buffer.concat([length, Buffer.from(type + rest)]));
}

const ours = key('ssh-ed25519', 'ours');
const other = key('ssh-ed25519', 'other');
const rsa = key('ssh-rsa', 'rsa');
const text = ({ type, blob }: HostKey): string => `${type} ${blob.toString('base64')}`;
const file = '/home/ada/.ssh/known_hosts';
const hashed = (name: string): string => hashName(name, Buffer.from('a salt of 20 bytes!!'));

describe('known_hosts', () => {
  const lineOf = (names: string): KnownHostsLine => {
    const [line] = parseKnownHosts(`${names} ${text(ours)}`, file);
    assert.ok(line !== undefined, names);
    return line;
  };

  for (const [names, name, expected] of [
    ['dev', 'dev', true],
    ['DEV', 'dev', true],
    ['dev', 'dev2', false],
    ['dev', 'xdev', false],
    ['a,dev,b', 'dev', true],
    ['*.example.org', 'dev.example.org', true],
    ['*.example.org', 'example.org', false],
    ['*.example.org', 'devXexampleXorg', false],
    ['dev?', 'dev1', true],
    ['dev?', 'dev', false],
    ['*,!dev', 'dev', false],
    ['!dev,*', 'dev', false],
    ['*,!dev', 'lab', true],
    ['!dev', 'lab', false],
    ['[dev]:2222', '[dev]:2222', true],
    ['[dev]:2222', 'dev', false],
    ['[dev]:*', '[dev]:2222', true],
    ['dev', '[dev]:2222', false],
    ['[2001:db8::1]:2222', '[2001:db8::1]:2222', true],
    ['a+b', 'aab', false],
    [hashed('dev'), 'dev', true],
    [hashed('dev'), 'lab', false],
    [hashed('[dev]:2222'), '[dev]:2222', true],
    ['|2|YQ==|YQ==', 'dev', false],
    ['|1|', 'dev', false],
  ] as const) {
    it(`${names} is ${expected ? '' : 'not '}about ${name}`, () => {
      assert.equal(isAbout(lineOf(names), name), expected);
    });
  }

  it('a hashed name is as ssh-keygen -H makes it', () => {
    const line = '|1|UD/VRutxIjT6BRPN4EHoMAqYsVo=|JE2wWAtNsx93QAkJLR9Dfg9dcZQ=';
    const salt = Buffer.from('UD/VRutxIjT6BRPN4EHoMAqYsVo=', 'base64');
    assert.equal(hashName('[127.0.0.1]:2222', salt), line);
  });

  it('has a name with its port, unless that is 22', () => {
    assert.equal(knownHostsName('Dev', 22), 'dev');
    assert.equal(knownHostsName('Dev', 2222), '[dev]:2222');
  });

  it('lines that cannot be read are left out, and counted', () => {
    const lines = parseKnownHosts(
      [
        '# comment',
        '',
        'garbage',
        `dev ${text(ours)} comment`,
        `dev 1024 35 1234567`,
        `@cert-authority *.example.org ${text(rsa)}`,
        `  @revoked\t* ${text(other)}\r`,
        `@unknown dev ${text(ours)}`,
      ].join('\n'),
      file,
    );
    assert.deepEqual(
      lines.map(({ line, marker, names }) => [line, marker, names]),
      [
        [4, undefined, 'dev'],
        [6, 'cert-authority', '*.example.org'],
        [7, 'revoked', '*'],
      ],
    );
  });

  it('any text can be read', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (content, name) => {
        for (const line of parseKnownHosts(content, file)) isAbout(line, name);
      }),
      { seed: 3 },
    );
  });
});

describe('host keys', () => {
  const judge = (
    content: readonly string[],
    { offered = ours, port = 22, alias }: { offered?: HostKey; port?: number; alias?: string } = {},
  ) =>
    judgeHostKey({
      offered,
      host: 'dev',
      port,
      hostKeyAlias: alias,
      lines: parseKnownHosts(content.join('\n'), file),
    });

  for (const [title, lines, options, verdict] of [
    ['nothing is known', [], {}, 'unknown'],
    ['another host is known', [`lab ${text(ours)}`], {}, 'unknown'],
    ['the key is known', [`dev ${text(ours)}`], {}, 'trusted'],
    ['the key is known by its hash', [`${hashed('dev')} ${text(ours)}`], {}, 'trusted'],
    ['one of several is the key', [`dev ${text(other)}`, `dev ${text(ours)}`], {}, 'trusted'],
    ['another key is known', [`dev ${text(other)}`], {}, 'changed'],
    ['another key is known by hash', [`${hashed('dev')} ${text(other)}`], {}, 'changed'],
    ['a key of another type is known', [`dev ${text(rsa)}`], {}, 'unknown'],
    ['the port is known', [`[dev]:2222 ${text(ours)}`], { port: 2222 }, 'trusted'],
    ['another port is known', [`[dev]:2223 ${text(ours)}`], { port: 2222 }, 'unknown'],
    ['the key is known on port 22', [`dev ${text(ours)}`], { port: 2222 }, 'trusted'],
    ['another key is known on port 22', [`dev ${text(other)}`], { port: 2222 }, 'unknown'],
    ['another port is known, for port 22', [`[dev]:2222 ${text(ours)}`], {}, 'unknown'],
    ['the alias is known', [`alias ${text(ours)}`], { alias: 'alias', port: 2222 }, 'trusted'],
    ['the name behind an alias is known', [`dev ${text(ours)}`], { alias: 'alias' }, 'unknown'],
    ['the key is revoked', [`@revoked dev ${text(ours)}`], {}, 'revoked'],
    ['it is known and revoked', [`dev ${text(ours)}`, `@revoked * ${text(ours)}`], {}, 'revoked'],
    ['another key is revoked', [`@revoked * ${text(other)}`, `dev ${text(ours)}`], {}, 'trusted'],
    ['it is revoked elsewhere', [`@revoked lab ${text(ours)}`, `dev ${text(ours)}`], {}, 'trusted'],
    ['it is an authority', [`@cert-authority dev ${text(ours)}`], {}, 'unknown'],
    ['it is excluded', [`*,!dev ${text(ours)}`], {}, 'unknown'],
  ] as const) {
    it(`${title}: ${verdict}`, () => {
      assert.equal(judge(lines, options).verdict, verdict);
    });
  }

  it('a changed key is told with both fingerprints and its place', () => {
    const decision = judge(['# comment', `dev ${text(other)}`]);
    assert.ok(decision.verdict === 'changed');
    assert.equal(decision.fingerprint, fingerprintOf(ours.blob));
    assert.equal(decision.knownFingerprint, fingerprintOf(other.blob));
    assert.deepEqual([decision.known.file, decision.known.line], [file, 2]);
  });

  it('an unknown one with what else is known', () => {
    const decision = judge([`dev ${text(rsa)}`, `@cert-authority * ${text(other)}`]);
    assert.ok(decision.verdict === 'unknown');
    assert.deepEqual(
      decision.otherKeys.map(({ keyType }) => keyType),
      ['ssh-rsa'],
    );
    assert.equal(decision.authority?.line, 2);
  });

  it('the types that are known are asked for first', () => {
    const about = (...content: string[]) => ({
      ...{ host: 'dev', port: 22, hostKeyAlias: undefined },
      lines: parseKnownHosts(content.join('\n'), file),
    });
    assert.equal(preferredAlgorithms(about(), [])[0], 'ssh-ed25519');
    assert.deepEqual(preferredAlgorithms(about(`dev ${text(rsa)}`), []).slice(0, 3), [
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
    ]);
    assert.equal(preferredAlgorithms(about(`@revoked dev ${text(rsa)}`), [])[0], 'ssh-ed25519');
    const wished = ['x-cert-v01@openssh.com', 'rsa-sha2-256', 'ssh-ed25519'];
    assert.deepEqual(preferredAlgorithms(about(), wished), ['rsa-sha2-256', 'ssh-ed25519']);
  });
});
