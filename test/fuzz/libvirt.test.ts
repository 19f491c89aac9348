import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';
import { continuedOn, readDomainXml } from '../../src/libvirt/domain-xml';
import { LibvirtError, virshRefusal } from '../../src/libvirt/errors';
import { parseListing } from '../../src/libvirt/inventory/listing';
import { LogReader } from '../../src/libvirt/log/log-reader';
import { parseMonitorEvent } from '../../src/libvirt/monitor-events';
import { failingOnlyAs, fuzz } from './fuzz';
import { hostile, hostileChunks, hostileJson } from './inputs';

function filesIn(folder: string): string[] {
  const path = join(repository, 'test/data', folder);
  return readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8'));
}

const xml = `<domain type='kvm' id='1'>
  <name>web &amp; co</name><uuid>149a71ea-0000-4000-8000-000000000000</uuid>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
    <serial type='file'><source path='/log'/><log file='/l' append='off'/><alias name='serial0'/></serial>
    <interface type='network'><target dev='vnet0'/><alias name='net0'/></interface>
    <tpm model='tpm-crb'/></devices>
</domain>`;

describe('what libvirt says, fuzzed', () => {
  fuzz(
    'its log',
    hostileChunks(...filesIn('libvirt-log').map((log) => log.slice(0, 60_000))),
    (chunks) => {
      const reader = new LogReader({
        onEntry: ({ at }) => {
          assert.ok(Number.isFinite(at));
        },
      });
      for (const chunk of chunks) reader.read(chunk);
      reader.end();
    },
  );

  it('its log of a message without an end, and of one that names the monitor without end', () => {
    const head =
      '2026-11-23 14:00:00.000+0000: 1: info : f:1 : QEMU_MONITOR_RECV_REPLY: mon=0x1 reply=';
    const reader = new LogReader({ onEntry: () => undefined });
    const before = process.cpuUsage().user;
    reader.read(Buffer.from(`${head}{\n${' x\n'.repeat(200_000)}\n`));
    reader.read(Buffer.from(`${head}{${'"label": "charmonitor"'.repeat(20_000)}[}\n`));
    reader.end();
    assert.ok(process.cpuUsage().user - before < 2_000_000);
  });

  fuzz("a domain's XML", hostile(xml), (text) => {
    failingOnlyAs([LibvirtError], () => readDomainXml(text));
    failingOnlyAs([LibvirtError], () => continuedOn(text, '/usr/bin/"<&'));
  });

  for (const [what, text] of [
    [
      'entities that multiply',
      `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${xml.replace('web', '&b;')}`,
    ],
    [
      'a file for an entity',
      `<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>${xml.replace('web', '&a;')}`,
    ],
    [
      'elements in elements without end',
      xml.replace('<os>', `${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}<os>`),
    ],
  ] as const) {
    it(`a domain's XML with ${what} is refused`, () => {
      assert.throws(() => readDomainXml(text), { code: 'LIBVIRT_REFUSED' });
      assert.throws(() => continuedOn(text, '/q'), { code: 'LIBVIRT_REFUSED' });
    });
  }

  const event = (data: string): string =>
    `event STOP at 1795444470.283123 for domain 'vm one': ${data}`;
  fuzz('an event', hostile(event('<null>'), event('{"a":1}')), (line) => {
    const heard = parseMonitorEvent(line);
    if (heard !== undefined) assert.ok(Number.isFinite(heard.at));
  });
  fuzz('an event with any JSON', hostileJson, (json) => {
    parseMonitorEvent(event(`{"a": ${json}}`));
  });

  fuzz('its list of domains', hostile(...filesIn('libvirt')), (stdout) => {
    parseListing('qemu:///system', { status: 0, stdout, stderr: '' });
  });

  fuzz('an error', hostile('error: failed to get domain\nerror: access denied: x'), (stderr) => {
    virshRefusal(stderr, 1, 'qemu:///system');
  });
});
