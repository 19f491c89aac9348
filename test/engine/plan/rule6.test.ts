/**
 * Two instances of a domain share no path and no address, except those that the plan marks shared.
 * Checked on random command lines, by a reader of its own that knows nothing of options: the
 * random paths and port numbers cannot be mistaken for anything else.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { modes } from '../../../src/engine/mode';
import { emulator100, emulator72, directory, planOf } from './fixture';

const seed = 20240607;

/** One option that names something unique to `n` in some of the ways it can be written. */
type Writer = (n: number, flip: boolean, flop: boolean) => string[];

const path = (n: number, name: string) => `/host/${n}/${name}`;
const port = (n: number) => String(20000 + n);
const json = (value: object) => JSON.stringify(value);

const shortForms: ((n: number, flip: boolean) => string)[] = [
  (n, flip) => `unix:${path(n, 's.sock')}${flip ? ',server=on,wait=off' : ',server,nowait'}`,
  (n) => `unix:${path(n, 'client.sock')}`,
  (n, flip) => `tcp:${flip ? '127.0.0.1' : ''}:${port(n)},server=on,wait=off`,
  (n, flip) => `${flip ? 'telnet' : 'websocket'}:localhost:${port(n)},server=on,wait=off`,
  (n) => `tcp:localhost:${port(n)}`,
  (n) => `file:${path(n, 'a.log')}`,
  (n) => `pipe:${path(n, 'fifo')}`,
  (n) => `udp::${port(n)}@:${port(n + 5000)}`,
  (n) => `udp:10.0.0.1:${port(n)}`,
  (n) => `mon:unix:${path(n, 'mux.sock')},server=on`,
  () => 'mon:stdio',
  () => 'pty',
  () => 'null',
];

const withShortForm: Writer[] = [
  'serial',
  'parallel',
  'monitor',
  'qmp',
  'qmp-pretty',
  'debugcon',
].flatMap((name) =>
  shortForms.map((form): Writer => (n, flip, flop) => [
    flop ? `-${name}` : `--${name}`,
    form(n, flip),
  ]),
);

const chardevs: Writer[] = [
  (n, flip, flop) => [
    '-chardev',
    `socket,id=c${n},path=${path(n, 'c.sock')},${flip ? 'server=on,wait=on' : 'server'}`,
    ...(flop ? ['-mon', `chardev=c${n},mode=control`] : []),
  ],
  (n, flip, flop) => [
    '-chardev',
    `socket,${flop ? 'telnet=on,' : ''}host=127.0.0.1,port=${port(n)},to=${port(n + 5000)},server=on,wait=off,id=c${n}`,
    ...(flip ? ['-mon', `c${n}`] : ['-device', `isa-serial,chardev=c${n}`]),
  ],
  (n) => ['-chardev', `socket,id=c${n},host=10.1.1.1,port=${port(n)}`],
  (n, flip) => [
    '-chardev',
    `file,id=c${n},path=${path(n, 'f')}${flip ? `,logfile=${path(n, 'log')}` : ''}`,
  ],
  (n, flip) => ['-chardev', `stdio,id=c${n},mux=${flip ? 'on' : 'off'},signal=off`],
  (n) => ['-chardev', `pty,id=c${n},path=${path(n, 'pts')}`],
  (n) => ['-chardev', `serial,id=c${n},path=${path(n, 'ttyS0')}`],
];

const others: Writer[] = [
  (n, flip) => ['-gdb', flip ? `tcp::${port(n)}` : `unix:${path(n, 'gdb.sock')},server=on`],
  () => ['-s'],
  () => ['-nographic'],
  (n) => ['-pidfile', path(n, 'pid')],
  (n) => ['-D', path(n, 'debug.log')],
  (n, flip) => [
    '-trace',
    `enable=vm_*,file=${path(n, 'trace')}${flip ? `,events=${path(n, 'ev')}` : ''}`,
  ],
  (n, flip) => [
    '-vnc',
    `${flip ? 'localhost' : ''}:${14100 + n}${flip ? ',to=9,password=on' : ''}`,
  ],
  (n) => ['-vnc', `unix:${path(n, 'vnc.sock')},share=ignore`],
  (n, flip) => [
    '-display',
    flip ? `vnc=:${14100 + n}` : `egl-headless,rendernode=${path(n, 'render')}`,
  ],
  (n, flip, flop) => [
    '-spice',
    flip
      ? `port=${port(n)}${flop ? `,tls-port=${port(n + 5000)}` : ''},addr=127.0.0.1,disable-ticketing=on`
      : `unix=on,addr=${path(n, 'spice.sock')}`,
  ],
  (n, flip) => [
    flip ? '-nic' : '-netdev',
    `user,${flip ? '' : `id=n${n},`}hostfwd=tcp::${port(n)}-:22,hostfwd=udp:127.0.0.1:${port(n + 5000)}-:53,tftp=${path(n, 'tftp')}`,
  ],
  (n) => [
    '-netdev',
    json({
      type: 'user',
      id: `n${n}`,
      hostfwd: [{ str: `tcp::${port(n)}-:22` }],
      smb: path(n, 'smb'),
    }),
  ],
  (n) => ['-net', `user,hostfwd=tcp::${port(n)}-:80`],
  (n, flip) => ['-netdev', `socket,id=n${n},${flip ? 'listen' : 'connect'}=127.0.0.1:${port(n)}`],
  (n, flip) => [
    '-netdev',
    json({
      type: 'stream',
      id: `n${n}`,
      server: flip,
      addr: { type: 'unix', path: path(n, 'net.sock') },
    }),
  ],
  (n, flip) => [
    '-netdev',
    `dgram,id=n${n},remote.type=inet,remote.host=10.0.0.1,remote.port=${port(n)}${flip ? `,local.type=inet,local.host=,local.port=${port(n + 5000)}` : ''}`,
  ],
  (n) => ['-netdev', `tap,id=n${n},script=${path(n, 'ifup')},ifname=tap0`],
  (n, flip) => [
    '-drive',
    `${flip ? 'if=virtio,file=' : 'if=pflash,format=raw,file.filename='}${path(n, 'disk.img')}`,
  ],
  (n) => [
    '-drive',
    `file=json:{"driver":"qcow2",,"file":{"driver":"file",,"filename":"${path(n, 'j.img')}"}}`,
  ],
  (n, flip) => [
    '-blockdev',
    flip
      ? json({
          driver: 'qcow2',
          'node-name': `b${n}`,
          file: { driver: 'file', filename: path(n, 'b.img') },
        })
      : `driver=raw,node-name=b${n},file.driver=file,file.filename=${path(n, 'b.img')}`,
  ],
  (n) => ['-blockdev', `nbd,node-name=b${n},server.type=unix,server.path=${path(n, 'nbd.sock')}`],
  (n) => ['-drive', `file=nbd:10.0.0.1:${port(n)}`],
  (n) => [path(n, 'bare.img')],
  (n, flip) => [flip ? '-hda' : '-cdrom', path(n, 'h.img')],
  (n, flip) => [flip ? '-bios' : '-kernel', path(n, 'boot')],
  (n) => ['-fw_cfg', `opt/x,file=${path(n, 'fw')}`],
  (n) => ['-smbios', `file=${path(n, 'smbios')}`],
  (n) => ['-acpitable', `file=${path(n, 'acpi')}:${path(n, 'acpi2')}`],
  (n, flip) => [
    '-object',
    flip
      ? json({
          'qom-type': 'memory-backend-file',
          id: `m${n}`,
          'mem-path': path(n, 'ram'),
          size: 1,
          share: true,
        })
      : `memory-backend-file,id=m${n},size=1M,mem-path=${path(n, 'ram')},share=off`,
  ],
  (n) => ['-object', `memory-backend-file,id=m${n},size=1M,mem-path=${path(n, 'ram')},share=on`],
  (n) => ['-mem-path', path(n, 'mem')],
  (n, flip) => [
    '-object',
    flip
      ? `secret,id=s${n},file=${path(n, 'key')}`
      : `rng-random,id=r${n},filename=${path(n, 'random')}`,
  ],
  (n) => ['-device', `e1000,romfile=${path(n, 'rom')}`],
  (n) => ['-device', json({ driver: 'made-up', where: path(n, 'x') })],
  (n) => ['-device', `vfio-pci,sysfsdev=${path(n, 'sys')}`],
  (n) => ['-made-up', `a=${path(n, 'y')},b=localhost:${port(n)}`],
  (n) => ['-tpmdev', `passthrough,id=t${n},path=${path(n, 'tpm')}`],
  (n) => ['-audiodev', `wav,id=a${n},path=${path(n, 'a.wav')}`],
  (n) => ['-object', `filter-dump,id=d${n},netdev=n1,file=${path(n, 'pcap')}`],
  (n) => ['-writeconfig', path(n, 'config')],
  () => ['-daemonize'],
];

const writers = [...withShortForm, ...chardevs, ...others];

const commandLine = fc
  .array(fc.tuple(fc.constantFrom(...writers), fc.boolean(), fc.boolean()), { maxLength: 12 })
  .map((drawn) => drawn.flatMap(([write, flip, flop], n) => write(n + 1, flip, flop)));

/** Paths of the host and port numbers in use, VNC displays as the ports they stand for. */
function namesIn(argv: readonly string[]): Set<string> {
  const text = argv.join('\n');
  const paths = text.match(/\/host\/\d+\/[\w.]+/g) ?? [];
  const ports = text.match(/\b2\d{4}\b/g) ?? [];
  const displays = [...text.matchAll(/:(141\d\d)\b/g)].map(([, display]) =>
    String(5900 + Number(display)),
  );
  return new Set([...paths, ...ports, ...displays]);
}

describe('Rule 6: no shared path or address but those marked', () => {
  it('holds for random command lines in every mode', () => {
    const covered = new Set<string>();
    fc.assert(
      fc.property(
        commandLine,
        fc.constantFrom(...modes, 'auto' as const),
        fc.boolean(),
        (definition, mode, upgrade) => {
          const plan = planOf(definition, { mode, to: upgrade ? emulator100 : emulator72 });
          const excused = plan.resources
            .filter(({ action }) => action === 'share' || action === 'refuse')
            .map(({ source }) => source ?? '');
          const target = namesIn(plan.arguments.target);
          for (const name of namesIn(definition)) {
            if (!target.has(name)) continue;
            assert(
              excused.some((text) => namesIn([text]).has(name)),
              `${name} is in both command lines, and in no resource that is shared`,
            );
          }
          plan.resources.forEach(({ option, action }) => covered.add(`${option} ${action}`));
        },
      ),
      { seed, numRuns: 3000 },
    );
    assert(covered.size > 60, `the random command lines reach only ${covered.size} outcomes`);
  });

  it('gives the target unique paths only in its own folder or beside the source’s, RAM files aside, each once', () => {
    fc.assert(
      fc.property(commandLine, (definition) => {
        const { resources } = planOf(definition, { mode: 'precopy' });
        const own = resources
          .filter(({ action, kind }) => ['unique', 'take-back'].includes(action) && kind !== 'ram')
          .map(({ target }) => target)
          .filter((target) => target?.startsWith('/') === true);
        own.forEach((target) => {
          assert.match(
            target ?? '',
            new RegExp(`^(${directory}/|/host/\\d+/\\.sidestep-8-)[\\w.-]+$`),
          );
        });
        assert.equal(new Set(own).size, own.length);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('takes back only what the source had, and what the target does not have from the start', () => {
    fc.assert(
      fc.property(commandLine, (definition) => {
        const plan = planOf(definition);
        const source = namesIn(definition);
        const target = namesIn(plan.arguments.target);
        for (const { to } of plan.takeBacks) {
          for (const name of namesIn([to])) assert(source.has(name) && !target.has(name), name);
        }
      }),
      { seed, numRuns: 500 },
    );
  });
});
