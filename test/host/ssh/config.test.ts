import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { configuredHosts, parseHostNames } from '../../../src/host/ssh/config/host-names';
import type { HostConfig } from '../../../src/host/ssh/config/host-config';
import { resolveHost } from '../../../src/host/ssh/config/resolve';
import { parseSshG } from '../../../src/host/ssh/config/ssh-g';
import type { Surroundings } from '../../../src/host/ssh/config/surroundings';
import { hostError, localKind, Workbench } from '../workbench';

const local: Surroundings = {
  user: 'ada',
  uid: 1000,
  home: '/home/ada',
  localHost: 'laptop.example.org',
  env: { SSH_AUTH_SOCK: '/run/agent', KEYS: '/keys' },
  platform: 'linux',
};

describe('SSH configuration', () => {
  describe('as `ssh -G` prints it', () => {
    /** What OpenSSH 9.2 prints, where it matters here. */
    const printed = (...lines: string[]): string =>
      [
        ...['host dev', 'user bob', 'hostname 10.0.0.1', 'port 22', 'addressfamily any'],
        ...['batchmode no', 'hashknownhosts no', 'identitiesonly no', 'pubkeyauthentication true'],
        ...lines,
        ...['stricthostkeychecking ask', 'serveraliveinterval 0', 'serveralivecountmax 3'],
        ...['connecttimeout none', 'numberofpasswordprompts 3', ''],
      ].join('\n');
    const read = (...lines: string[]): HostConfig => parseSshG(printed(...lines), 'dev', local);

    const rows: readonly [lines: string[], expected: Partial<HostConfig>][] = [
      [[], { host: 'dev', hostName: '10.0.0.1', user: 'bob', port: 22, proxyJump: [] }],
      [[], { connectTimeoutMs: 15_000, serverAliveIntervalMs: 15_000, serverAliveCountMax: 3 }],
      [['connecttimeout 7'], { connectTimeoutMs: 7000 }],
      [['serveraliveinterval 30', 'serveralivecountmax 5'], { serverAliveIntervalMs: 30_000 }],
      [['stricthostkeychecking true'], { strictHostKeyChecking: 'yes' }],
      [['stricthostkeychecking false'], { strictHostKeyChecking: 'no' }],
      [['stricthostkeychecking accept-new'], { strictHostKeyChecking: 'accept-new' }],
      [
        ['identityfile ~/.ssh/%h_%r', 'identityfile /with space/id', 'identityfile ${KEYS}/%n%%'],
        { identityFiles: ['/home/ada/.ssh/10.0.0.1_bob', '/with space/id', '/keys/dev%'] },
      ],
      [['identityfile none'], { identityFiles: [] }],
      [[], { identityAgent: '/run/agent' }],
      [['identityagent SSH_AUTH_SOCK'], { identityAgent: '/run/agent' }],
      [['identityagent none'], { identityAgent: undefined }],
      [['identityagent $KEYS'], { identityAgent: '/keys' }],
      [['identityagent ~/%u.sock'], { identityAgent: '/home/ada/ada.sock' }],
      [
        ['userknownhostsfile /home/ada/.ssh/kh /with space/kh'],
        { userKnownHostsFiles: ['/home/ada/.ssh/kh', '/with space/kh'] },
      ],
      [['userknownhostsfile none'], { userKnownHostsFiles: [] }],
      [
        ['proxyjump a,bob@b:2222,[::1]:33'],
        {
          proxyJump: [
            { host: 'a' },
            { host: 'b', user: 'bob', port: 2222 },
            { host: '::1', port: 33 },
          ],
        },
      ],
      [['proxyjump none'], { proxyJump: [] }],
      [['proxycommand nc -X %h %p # %%'], { proxyCommand: 'nc -X 10.0.0.1 22 # %' }],
      [['proxycommand none'], { proxyCommand: undefined }],
      [['hostkeyalias alias'], { hostKeyAlias: 'alias' }],
      [[], { authentications: ['publickey', 'keyboard-interactive', 'password'] }],
      [
        ['passwordauthentication no', 'preferredauthentications password,gssapi,publickey'],
        { authentications: ['publickey'] },
      ],
      [
        ['hostkeyalgorithms ssh-ed25519,rsa-sha2-512'],
        { hostKeyAlgorithms: ['ssh-ed25519', 'rsa-sha2-512'] },
      ],
    ];
    for (const [lines, expected] of rows) {
      it(`${lines.join(', ') || 'nothing'} gives ${JSON.stringify(expected)}`, () => {
        const config = read(...lines);
        const keys = Object.keys(expected) as (keyof HostConfig)[];
        assert.deepEqual(Object.fromEntries(keys.map((key) => [key, config[key]])), expected);
      });
    }

    it('a ProxyCommand that passes a descriptor is refused', () => {
      assert.throws(
        () => read('proxycommand x', 'proxyusefdpass yes'),
        hostError('SSH_CONFIG', 'dev'),
      );
    });
  });

  describe('resolved by ssh', () => {
    const bench = Workbench.forEachTest(localKind);
    const { signal } = new AbortController();

    it('is what ssh makes of the file', async () => {
      const configFile = bench.path('config');
      const lines = ['Host dev', 'HostName %h.example.org', 'User bob', 'ProxyJump a,b:33', ''];
      await writeFile(configFile, lines.join('\n'));
      const config = await resolveHost({ host: 'dev', port: 2222 }, { signal, configFile });
      assert.equal(config.hostName, 'dev.example.org');
      assert.equal(config.user, 'bob');
      assert.equal(config.port, 2222);
      assert.deepEqual(config.proxyJump, [{ host: 'a' }, { host: 'b', port: 33 }]);
      assert.equal(config.strictHostKeyChecking, 'ask');
      assert.ok(config.hostKeyAlgorithms.includes('ssh-ed25519'));
    });

    it("a mistake in the file is told in ssh's words", async () => {
      const configFile = bench.path('config');
      await writeFile(configFile, 'Nonsense yes\n');
      await assert.rejects(resolveHost({ host: 'dev' }, { signal, configFile }), (error: Error) => {
        assert.match(error.message, /line 1: Bad configuration option: nonsense/);
        return hostError('SSH_CONFIG', 'dev')(error);
      });
    });

    it('without ssh the name is an address, and the user is told so', async () => {
      const notices: string[] = [];
      const config = await resolveHost(
        { host: 'dev', user: 'bob', port: 2222 },
        { signal, sshProgram: bench.path('no-ssh'), onNotice: (text) => notices.push(text) },
      );
      assert.equal(config.hostName, 'dev');
      assert.equal(config.user, 'bob');
      assert.equal(config.port, 2222);
      assert.equal(config.strictHostKeyChecking, 'ask');
      assert.equal(notices.length, 1);
      assert.match(notices[0] ?? '', /Install the OpenSSH client/);
    });
  });

  describe('host names', () => {
    it('are those of Host lines, without patterns', () => {
      const text = [
        'Host dev lab "with space" # not this',
        ' HOST=one',
        'Host * !dev *.example.org db? -x',
        'Match host other',
        '#Host no',
        'HostName no',
      ].join('\n');
      assert.deepEqual(
        parseHostNames(text),
        ['dev', 'lab', 'with space', 'one'].map((host) => ({ host })),
      );
    });

    const bench = Workbench.forEachTest(localKind);

    it('come from included files too, in their order, each once', async () => {
      await mkdir(bench.path('conf.d'));
      await writeFile(bench.path('conf.d', '2.conf'), 'Host c\n');
      await writeFile(
        bench.path('conf.d', '1.conf'),
        `Host b a\nInclude ${bench.path('config')}\n`,
      );
      await writeFile(bench.path('conf.d', 'other'), 'Host no\n');
      const text = `Host a\nInclude ${bench.path('conf.d')}/*.conf ${bench.path('none')}\nHost d\n`;
      await writeFile(bench.path('config'), text);
      assert.deepEqual(await configuredHosts(bench.path('config')), ['a', 'b', 'c', 'd']);
    });

    it('there are none without a file', async () => {
      assert.deepEqual(await configuredHosts(bench.path('config')), []);
    });
  });
});
