import { liveUpgrade } from './scenarios/live-upgrade';
import { LibvirtHost } from './support/libvirt-host';
import { Session } from './support/session';

describe('A user of the packaged extension, with libvirt', function () {
  this.timeout(60_000);
  this.bail(true);
  liveUpgrade(
    Session.forAll(
      () => LibvirtHost.start(),
      async (host) => {
        await host.startLinux('web');
      },
    ),
  );
});
