import assert from 'node:assert/strict';
import { HostError } from '../../src/host/errors';
import { parseDestination } from '../../src/host/ssh/config/destination';
import { parseHostNames } from '../../src/host/ssh/config/host-names';
import { parseSshG } from '../../src/host/ssh/config/ssh-g';
import { hashName, isAbout, parseKnownHosts } from '../../src/host/ssh/known-hosts';
import { Greeting, Message, parseLine } from '../../src/host/ssh/remote/results';
import { failingOnlyAs, fuzz } from './fuzz';
import { hostile, hostileJson } from './inputs';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGludmVudGVkIGZvciB0aGlzIHRlc3Qgb25seSEh';
const knownHosts = [
  `dev,*.example.org,!web ${key} a comment`,
  `@revoked ${hashName('dev', Buffer.from('a salt of 20 bytes!!'))} ${key}`,
  `@cert-authority [dev]:* ${key}`,
  '# nothing',
].join('\n');
const sshG = `host dev
user ada
hostname dev.example.org
port 22
userknownhostsfile ~/.ssh/known_hosts %d/other \${HOME}/third
proxyjump ada@gate:2222,[::1]:22
proxycommand nc %h %p
identityfile ~/.ssh/id_ed25519
identityagent $AGENT
connecttimeout 5
hostkeyalgorithms ssh-ed25519,rsa-sha2-512
`;
const config = 'Host dev "a b" *.org !web\n  Include ~/.ssh/more/*.conf\nHost=lab # one\n';
const local = {
  user: 'ada',
  uid: 1000,
  home: '/home/ada',
  localHost: 'here',
  env: { HOME: '/home/ada' },
  platform: 'linux',
} as const;

describe('what is read of SSH, fuzzed', () => {
  fuzz('known_hosts', hostile(knownHosts), (text) => {
    const name = 'a-long-name-of-a-host.in-a-long.example.org';
    for (const line of parseKnownHosts(text, '/f').slice(0, 100)) isAbout(line, name);
  });

  it('a pattern of many stars is judged at once', () => {
    const [line] = parseKnownHosts(`${'*a'.repeat(500)}*b ${key}`, '/f');
    assert.ok(line !== undefined);
    assert.equal(isAbout(line, 'a'.repeat(2_000)), false);
    assert.equal(isAbout(line, `${'a'.repeat(2_000)}B`), true);
  });

  fuzz('what `ssh -G` prints', hostile(sshG), (text) => {
    failingOnlyAs([HostError], () => parseSshG(text, 'dev', local));
  });

  fuzz('a configuration', hostile(config), (text) => {
    parseHostNames(text);
  });

  fuzz('a destination', hostile('ssh://ada@dev:22', '[::1]:22', 'ada@dev'), (text) => {
    const destination = failingOnlyAs([HostError], () => parseDestination(text));
    // It becomes a word of ssh's command line.
    if (destination !== undefined) assert.doesNotMatch(destination.host, /^-|[\s'"`$\\;]/);
  });

  fuzz(
    'what a host answers',
    hostile('{"id":1,"result":{"a":"AAA="}}', '{"facts":{"uid":0}}'),
    (text) => {
      for (const line of text.split('\n')) {
        parseLine(Greeting, line);
        parseLine(Message, line);
      }
    },
  );

  fuzz('JSON that a host answers', hostileJson, (json) => {
    parseLine(Message, `{"id": 1, "result": ${json}}`);
  });
});
