import assert from 'node:assert/strict';
import { codes, directory, emulator100, emulator72, planOf, targetOf, words } from './fixture';

const own = (name: string) => `${directory}/${name}`;

describe('The plan', () => {
  describe('rewrites for the target', () => {
    const table: readonly (readonly [what: string, source: string, target: string])[] = [
      [
        'a unix listener to one of its own beside it',
        '-chardev socket,id=a,path=/a.sock,server=on,wait=off',
        '-chardev socket,id=a,path=/.sidestep-8-a.sock,server=on,wait=off',
      ],
      [
        'a listener that waits to one that does not',
        '-chardev socket,id=a,path=/a.sock,server',
        '-chardev socket,id=a,path=/.sidestep-8-a.sock,server,wait=off',
      ],
      [
        'short forms under the names QEMU gives them',
        '-qmp unix:/q,server,nowait -monitor unix:/h,server,nowait -serial unix:/s,server,nowait',
        words(`
          -chardev socket,id=compat_monitor0,path=/.sidestep-8-q,server=on,wait=off
          -qmp chardev:compat_monitor0
          -chardev socket,id=compat_monitor1,path=/.sidestep-8-h,server=on,wait=off
          -monitor chardev:compat_monitor1
          -chardev socket,id=serial0,path=/.sidestep-8-s,server=on,wait=off
          -serial chardev:serial0`).join(' '),
      ],
      [
        'a file to one that is appended to',
        '-serial null -serial file:/var/log/a,b.log',
        '-serial null -chardev file,id=serial1,path=/var/log/a,,b.log,append=on -serial chardev:serial1',
      ],
      [
        'a terminal to a socket, its multiplexer kept',
        '-serial mon:stdio',
        `-chardev socket,id=serial0,mux=on,path=${own('serial0.sock')},server=on,wait=off ` +
          '-serial chardev:serial0 -mon chardev=serial0,mode=readline',
      ],
      [
        'what names nothing of the host to itself',
        '-serial null -chardev vc,id=v',
        '-serial null -chardev vc,id=v',
      ],
      ['a gdbstub to nothing', '-s', ''],
      [
        'VNC to a unix socket',
        '-vnc :1,to=9,share=ignore',
        `-vnc unix:${own('vnc.sock')},share=ignore`,
      ],
      ['VNC written as a display', '-display vnc=:1', `-display vnc=unix:${own('vnc.sock')}`],
      [
        'forwarded ports to none',
        '-netdev user,id=n,hostfwd=tcp::1-:2,hostfwd=tcp::3-:4',
        '-netdev user,id=n',
      ],
      [
        'forwarded ports in JSON to none',
        '-netdev {"type":"user","hostfwd":[{"str":"tcp::1-:2"}],"id":"n"}',
        '-netdev {"type":"user","id":"n"}',
      ],
      [
        'a network without an id to one with',
        '-nic model=e1000,hostfwd=tcp::1-:2',
        '-nic model=e1000,id=user0',
      ],
      ['start-up options to nothing', '-daemonize -S -loadvm x -incoming tcp:0:1', ''],
      [
        'logs to its own',
        '-D /log -trace file=/t,events=/e',
        `-D ${own('qemu.log')} -trace file=${own('trace')},events=/e`,
      ],
      ['the CPU and devices to themselves', '-cpu max -device e1000', '-cpu max -device e1000'],
    ];
    for (const [what, source, target] of table) {
      it(what, () => {
        assert.equal(targetOf(source), target);
      });
    }

    it('a second chardev whose name comes out the same to another socket', () => {
      const { resources } = planOf(
        '-chardev socket,id=a/b,port=1,server=on -chardev socket,id=a:b,port=2,server=on',
      );
      assert.deepEqual(
        resources.filter(({ option }) => option === '-chardev').map(({ target }) => target),
        [own('chardev-a_b.sock'), own('chardev-a_b-2.sock')],
      );
    });

    it('a unix listener whose path has no room beside it to one in its own folder', () => {
      const long = `/${'d'.repeat(92)}`;
      const [fits, doesNot] = planOf(
        `-chardev socket,id=a,path=${long}/a,server=on -chardev socket,id=b,path=${long}/bb,server=on`,
      ).takeBacks;
      assert.ok(fits?.by === 'rename' && doesNot?.by === 'rename');
      assert.equal(fits.from, `${long}/.sidestep-8-a`);
      assert.equal(Buffer.byteLength(fits.from), 107);
      assert.equal(doesNot.from, own('chardev-b.sock'));
    });
  });

  describe('takes back', () => {
    const takeBack = (definition: string, how?: Parameters<typeof planOf>[1]) =>
      planOf(definition, how).takeBacks;

    it('a unix socket by a rename', () => {
      assert.deepEqual(takeBack('-monitor unix:/h.sock,server,nowait'), [
        {
          by: 'rename',
          what: 'monitor compat_monitor0',
          from: '/.sidestep-8-h.sock',
          to: '/h.sock',
        },
      ]);
    });

    it('a serial port on TCP by chardev-change, with all it was', () => {
      const [change] = takeBack(
        '-chardev socket,id=c,host=,port=5555,to=5560,ipv6=off,server=on,telnet=on,tls-creds=t,logfile=/l -device isa-serial,chardev=c',
      );
      assert.deepEqual(change, {
        by: 'qmp',
        what: 'chardev c',
        to: ':5555',
        command: 'chardev-change',
        arguments: {
          id: 'c',
          backend: {
            type: 'socket',
            data: {
              addr: { type: 'inet', data: { host: '', port: '5555', to: 5560, ipv6: false } },
              server: true,
              wait: false,
              telnet: true,
              'tls-creds': 't',
              logfile: '/l',
              logappend: true,
            },
          },
        },
      });
    });

    for (const [who, definition] of [
      ['a monitor', '-qmp tcp::4444,server=on,wait=off'],
      [
        'a monitor with a chardev of its own',
        '-chardev socket,id=c,port=4444,host=,server=on -mon c',
      ],
      ['a parallel port', '-parallel tcp::4444,server=on'],
      ['a multiplexed serial port', '-serial mon:tcp::4444,server=on'],
    ] as const) {
      it(`not the TCP port of ${who}, and says so`, () => {
        const plan = planOf(definition);
        assert.deepEqual(plan.takeBacks, []);
        assert(
          plan.resources.some(({ action, source }) => action === 'unique' && source === ':4444'),
        );
        assert(codes(plan.warnings).some((code) => /^(MONITOR|CHARDEV)_ADDRESS_MOVES$/.test(code)));
      });
    }

    it('the VNC port that the source really has', () => {
      const [update] = takeBack('-vnc [::1]:7,to=9', {
        evidence: { vncAddresses: ['[::1]:5908'] },
      });
      assert(update?.by === 'qmp');
      assert.equal(update.command, 'display-update');
      assert.deepEqual(update.arguments, {
        type: 'vnc',
        addresses: [{ type: 'inet', host: '::1', port: '5908' }],
      });
    });

    it('only the first of two VNC displays', () => {
      const plan = planOf('-vnc :1 -vnc :2');
      assert.deepEqual(
        plan.takeBacks.map(({ to }) => to),
        [':5901'],
      );
      assert(codes(plan.warnings).includes('VNC_ADDRESS_MOVES'));
    });

    it('forwarded ports and the gdbstub by the human monitor', () => {
      assert.deepEqual(
        takeBack('-net user,id=x,hostfwd=tcp::1-:2 -gdb unix:/g,server=on').map(
          (one) => one.by === 'hmp' && one.commandLine,
        ),
        ['hostfwd_add x tcp::1-:2', 'gdbserver unix:/g,server=on,wait=off'],
      );
    });
  });

  describe('gives the target a tap of its own', () => {
    const planned = (definition: string) =>
      planOf(`-M pc-q35-7.2 ${definition}`, { evidence: { bridges: new Map([['vnet0', 'br0']]) } });

    it('on the bridge of the source’s', () => {
      const plan = planned('-netdev tap,id=n,ifname=vnet0,script=no,downscript=no,queues=2');
      assert.deepEqual(plan.taps, [{ device: 'sst8n0', bridge: 'br0', multiQueue: true }]);
      assert.ok(
        plan.arguments.target.includes('tap,id=n,ifname=sst8n0,script=no,downscript=no,queues=2'),
      );
      assert.deepEqual(plan.blockers, []);
    });

    it('by QEMU’s own script or helper', () => {
      const plan = planned('-netdev tap,id=n,ifname=tap0,script=/etc/ifup -nic bridge,br=br0');
      assert.deepEqual([plan.taps, plan.blockers], [[], []]);
      assert.ok(plan.arguments.target.includes('tap,id=n,script=/etc/ifup'));
      assert.ok(plan.arguments.target.includes('bridge,br=br0'));
    });
  });

  describe('has a SPICE server', () => {
    const spiceOf = (definition: string, request: Parameters<typeof planOf>[1] = {}) => {
      const { arguments: args, takeBacks, warnings } = planOf(definition, request);
      const target = args.target[args.target.indexOf('-spice') + 1];
      return { target, takeBacks, warnings: codes(warnings) };
    };
    const quiet = '-M pc-q35-7.2 -accel kvm -nodefaults -display none';

    it('on a socket of the target’s, in the place of a port', () => {
      const { target, takeBacks } = spiceOf(
        `${quiet} -spice port=5900,addr=127.0.0.1,ipv4=on,disable-ticketing=on,image-compression=off`,
      );
      assert.equal(
        target,
        'disable-ticketing=on,image-compression=off,unix=on,addr=/run/sidestep/8/spice.sock',
      );
      assert.deepEqual(takeBacks, []);
    });

    it('without TLS, which needs a port', () => {
      const { target } = spiceOf(
        `${quiet} -spice tls-port=5901,x509-dir=/etc/pki,tls-channel=main,tls-channel=inputs,sasl=on`,
      );
      assert.equal(target, 'x509-dir=/etc/pki,sasl=on,unix=on,addr=/run/sidestep/8/spice.sock');
    });

    it('that takes back its unix socket', () => {
      const { target, takeBacks } = spiceOf(
        `${quiet} -spice unix=on,addr=/vms/s.sock,password-secret=k`,
      );
      const [from, to] = ['/vms/.sidestep-8-s.sock', '/vms/s.sock'];
      assert.equal(target, `password-secret=k,unix=on,addr=${from}`);
      assert.deepEqual(takeBacks, [{ by: 'rename', what: 'SPICE', from, to }]);
    });

    it('that listens nowhere, as it does', () => {
      const { target, warnings } = spiceOf(`${quiet} -spice port=0,disable-ticketing=on`);
      assert.equal(target, 'port=0,disable-ticketing=on');
      assert.deepEqual(warnings, []);
    });

    it('of which nothing is to be told where libvirt opens its displays right after', () => {
      const definition = `${quiet} -spice port=5900 -vnc :1,websocket=on,password=on`;
      assert.deepEqual(spiceOf(definition, { handedBack: true }).warnings, []);
      assert.equal(spiceOf(definition).warnings.length, 4);
    });

    it('with the channels that its clients speak by', () => {
      const { blockers } = planOf(
        `${quiet} -spice port=5900 -chardev spicevmc,id=c,name=vdagent -chardev spiceport,id=p,name=org.x`,
      );
      assert.deepEqual(blockers, []);
    });
  });

  describe('refuses by name', () => {
    for (const [definition, code] of [
      ['-device vfio-pci,host=01:00.0', 'VFIO_DEVICE'],
      ['-device {"driver":"usb-host","vendorid":"1"}', 'USB_HOST'],
      ['-device vhost-vsock-pci,guest-cid=3', 'VHOST_DEVICE'],
      ['-netdev tap,id=n,script=no', 'NET_TAP'],
      ['-netdev tap,id=n,fd=3', 'FILE_DESCRIPTOR'],
      ['-netdev {"type":"tap","id":"n","fds":"3:4"}', 'FILE_DESCRIPTOR'],
      ['-add-fd fd=3,set=1', 'FILE_DESCRIPTOR'],
      ['-drive file=/dev/fdset/1', 'FILE_DESCRIPTOR'],
      ['-netdev socket,id=n,listen=:1', 'NET_LISTENER'],
      ['-netdev stream,id=n,server=on,addr.type=unix,addr.path=/s', 'NET_LISTENER'],
      ['-netdev user,id=n,guestfwd=tcp:10.0.2.9:1-tcp:h:2', 'GUESTFWD'],
      ['-tpmdev emulator,id=t,chardev=c', 'TPM'],
      ['-virtfs local,path=/srv,mount_tag=a,security_model=none', 'HOST_FOLDER'],
      ['-snapshot', 'TEMPORARY_OVERLAY'],
      ['-drive file=/a,snapshot=on', 'TEMPORARY_OVERLAY'],
      ['-drive file=fat:rw:/srv', 'WRITABLE_FAT'],
      ['-display spice-app', 'SPICE_APP'],
      ['-readconfig /etc/vm.cfg', 'READCONFIG'],
      ['-serial pipe:/fifo', 'PIPE'],
      ['-serial /dev/ttyS0', 'HOST_DEVICE'],
      ['-chardev udp,id=u,host=h,port=1,localport=2', 'UDP_LISTENER'],
      ['-chardev socket,id=a,path=x,abstract=on,server=on', 'ABSTRACT_SOCKET'],
      ['-vnc host:1,reverse=on', 'VNC_REVERSE'],
      ['-machine q35,memory-encryption=sev0', 'CONFIDENTIAL_GUEST'],
    ] as const) {
      it(definition, () => {
        const plan = planOf(definition);
        assert.deepEqual(codes(plan.blockers), [code]);
        assert(plan.resources.some(({ action }) => action === 'refuse'));
      });
    }

    it('what QEMU itself refuses', () => {
      const { blockers } = planOf('', {
        evidence: { blockedReasons: ['a device is not migratable'] },
      });
      assert.deepEqual(codes(blockers), ['BLOCKED_BY_QEMU']);
    });

    it('a folder too deep for a unix socket, and every socket in it', () => {
      const { blockers } = planOf('-vnc :1', { directory: `/${'d'.repeat(100)}` });
      assert.deepEqual([...new Set(codes(blockers))], ['SOCKET_PATH_TOO_LONG']);
      assert.equal(blockers.length, 5);
    });
  });

  describe('pins the machine type', () => {
    const machine = (definition: string, how?: Parameters<typeof planOf>[1]) => {
      const plan = planOf(definition, how);
      return plan.definition.filter((_, index) =>
        /^-(M|machine)$/.test(plan.definition[index - 1] ?? ''),
      );
    };

    it('that the source runs', () => {
      const how = { evidence: { machineType: 'pc-q35-7.1' } };
      assert.deepEqual(machine('-M q35,accel=tcg', how), ['pc-q35-7.1,accel=tcg']);
    });
    it('that the source’s emulator has for the alias', () => {
      assert.deepEqual(machine('-machine type=q35', { from: emulator100 }), ['type=pc-q35-10.0']);
    });
    it('that is the default of the source’s emulator', () => {
      assert.deepEqual(machine('-machine accel=tcg'), ['accel=tcg', 'pc-i440fx-7.2']);
    });
    it('in each of several -machine options', () => {
      assert.deepEqual(machine('-machine pc -machine usb=on -M q35'), [
        'pc-q35-7.2',
        'usb=on',
        'pc-q35-7.2',
      ]);
    });
    it('and refuses an emulator for another architecture', () => {
      const arm = { ...emulator100, path: '/usr/bin/qemu-system-aarch64', target: 'aarch64' };
      assert(codes(planOf('-M q35', { to: arm }).blockers).includes('ARCHITECTURE_DIFFERS'));
    });
    it('and says when the target does not have it, and what comes nearest', () => {
      const { blockers } = planOf('-M pc-q35-10.0', { from: emulator100, to: emulator72 });
      assert.deepEqual(codes(blockers), ['MACHINE_UNKNOWN']);
      assert.match(blockers[0]?.message ?? '', /pc-q35-10\.0; the nearest it has is pc-q35-7\.2/);
    });
    it('and says when the alias stands for another one there', () => {
      const { blockers } = planOf('-M q35', { from: emulator100, to: emulator72 });
      assert.deepEqual(codes(blockers), ['MACHINE_ALIAS_DIFFERS']);
      assert.match(blockers[0]?.message ?? '', /pc-q35-10\.0, .* there q35 stands for pc-q35-7\.2/);
    });
    it('and leaves aux-ram-share out for an emulator without it', () => {
      const how = { from: emulator100, to: emulator72 };
      const plan = planOf('-M pc-q35-7.2,aux-ram-share=on', how);
      assert.deepEqual(machine('-M pc-q35-7.2,aux-ram-share=on', how), ['pc-q35-7.2']);
      assert(codes(plan.warnings).includes('AUX_RAM_SHARE_LOST'));
    });
  });

  describe('leaves as definition', () => {
    it('the addresses as the owner wrote them, without start-up options', () => {
      const kept = words(
        '-M pc-q35-7.2 -qmp unix:/q,server,nowait -nographic -vnc :1 -s -pidfile /p -net user,hostfwd=tcp::1-:2',
      );
      assert.deepEqual(planOf([...kept, '-daemonize', '-S']).definition, kept);
    });

    it('the RAM file that the target really has, also after several moves', () => {
      const ram = (path: string) =>
        `-M pc-q35-7.2 -object memory-backend-file,id=r,size=1M,mem-path=${path},share=on`;
      const first = planOf(ram('/dev/shm/r'), { mode: 'precopy' }).definition;
      assert.deepEqual(first, words(ram('/dev/shm/r.sidestep-8')));
      const second = planOf(first, { mode: 'precopy', directory: '/run/sidestep/9' }).definition;
      assert.deepEqual(second, words(ram('/dev/shm/r.sidestep-9')));
    });
  });

  describe('warns of', () => {
    for (const [definition, code] of [
      ['-made-up a=/etc/x', 'UNKNOWN_RESOURCE'],
      ['-made-up localhost:80', 'UNKNOWN_RESOURCE'],
      ['-device e1000,where=/etc/x', 'UNKNOWN_RESOURCE'],
      ['-chardev socket,id=a,path=/a', 'SECOND_CONNECTION'],
      ['-serial pty', 'PTY_MOVES'],
      ['-serial stdio', 'CONSOLE_MOVES'],
      ['-cpu max,+avx', 'CPU_MODEL_DIFFERS'],
      ['-vnc :1,websocket=on', 'VNC_WEBSOCKET'],
      ['-netdev user,id=n', 'USER_NET_CONNECTIONS'],
      ['-spice port=5900,disable-ticketing=on', 'SPICE_ADDRESS_MOVES'],
      ['-spice unix=on,addr=/s.sock', 'SPICE_PASSWORD'],
      ['-device usb-redir,chardev=c', 'USB_REDIRECTION_ENDS'],
      ['-M microvm', 'MACHINE_NOT_VERSIONED'],
    ] as const) {
      it(`${code} for ${definition}`, () => {
        const machine = definition.startsWith('-M ') ? '' : '-M pc-q35-7.2';
        const quiet = `${machine} -accel kvm -nodefaults -display none`;
        const { warnings } = planOf(`${quiet} ${definition}`);
        assert.deepEqual(codes(warnings), [code]);
      });
    }

    it('nothing when there is nothing', () => {
      const { warnings } = planOf(
        '-M q35 -accel kvm -nodefaults -display none -drive file=/a -cpu qemu64',
      );
      assert.deepEqual(warnings, []);
    });
  });

  it('shares disks, firmware and keys, and hides what is secret', () => {
    const { resources } = planOf([
      ...words('-drive file=/a.img -hda /b,c.img -pflash /v.fd -bios /b.bin -fw_cfg x,file=/f'),
      ...words('-blockdev driver=nbd,server.type=inet,server.host=h,server.port=10809,node-name=n'),
      ...['-object', 'secret,id=s,data=geheim', '-object', 'secret,id=t,file=/key'],
      ...['-device', '{"driver":"e1000","romfile":"/r.rom"}', '/bare.img'],
    ]);
    const sharedOnes = resources.filter(({ action }) => action === 'share');
    assert.deepEqual(
      sharedOnes.map(({ option, kind, source }) => `${option} ${kind} ${source ?? ''}`),
      [
        '-drive disk /a.img',
        '-hda disk /b,c.img',
        '-pflash firmware /v.fd',
        '-bios firmware /b.bin',
        '-fw_cfg firmware /f',
        '-blockdev disk h:10809',
        '-object secret (hidden)',
        '-object secret /key',
        '-device firmware /r.rom',
        '-hda disk /bare.img',
      ],
    );
    assert(sharedOnes.every(({ source, target }) => source === target));
  });

  it('adds the engine’s monitor, the user’s and the channels of the mode', () => {
    const auxRam =
      '-M q35,aux-ram-share=on,memory-backend=r -object memory-backend-memfd,id=r,size=1M';
    const { arguments: argv } = planOf(auxRam, { from: emulator100 });
    assert.deepEqual(argv.target.slice(-12), [
      ...['-chardev', `socket,id=sidestep-monitor,path=${own('qmp.sock')},server=on,wait=off`],
      ...['-mon', 'chardev=sidestep-monitor,mode=control'],
      ...['-chardev', `socket,id=sidestep-console,path=${own('console.sock')},server=on,wait=off`],
      ...['-mon', 'chardev=sidestep-console,mode=control'],
      ...['-incoming', 'defer'],
      '-incoming',
      `{"channel-type":"cpr","addr":{"transport":"socket","type":"unix","path":"${own('cpr.sock')}"}}`,
    ]);
  });

  it('passes on why a definition cannot be read', () => {
    assert.throws(() => planOf(['-device', '{"driver":']), { code: 'MALFORMED_JSON' });
    assert.throws(() => planOf(['-m']), { code: 'MISSING_VALUE' });
  });
});
