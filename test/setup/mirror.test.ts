import assert from 'node:assert/strict';
import { findMirror } from '../../scripts/setup/mirror.mjs';

const list = (text: string) => ({ name: 'sources.list', text });
const deb822 = (text: string) => ({ name: 'debian.sources', text });

describe("the mirror in apt's sources", () => {
  it('is found in the one-line style', () => {
    const text = `# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian bookworm main contrib # ours
`;
    assert.equal(findMirror([list(text)]), 'http://mirror.example/debian');
  });

  it('is found in the deb822 style, with comments, folded fields and names in any case', () => {
    const text = `types: deb deb-src
# http://snapshot.example/debian
URIs:
 http://mirror.example/debian
 http://second.example/debian
suites: bookworm
 bookworm-updates
Components: main
`;
    assert.equal(findMirror([deb822(text)]), 'http://mirror.example/debian');
  });

  it('is not in a stanza that is off or has sources only', () => {
    const body = 'URIs: http://off.example/debian\nSuites: bookworm\nComponents: main\n';
    const text = `Types: deb\nEnabled: no\n${body}\nTypes: deb-src\n${body}`;
    assert.equal(findMirror([deb822(text)]), undefined);
  });

  it('is neither the security archive nor another vendor', () => {
    const text = `deb http://security.debian.org/debian-security bookworm-security main
deb https://deb.nodesource.com/node_20.x nodistro main
deb https://download.docker.com/linux/debian bookworm stable
deb https://apt.releases.example.com bookworm main
deb http://deb.debian.org/debian/ bookworm main
`;
    assert.equal(findMirror([list(text)]), 'http://deb.debian.org/debian/');
  });

  it('may have any path, if there is no better one', () => {
    assert.equal(
      findMirror([list('deb http://mirror.example/debian-bookworm-copy bookworm main\n')]),
      'http://mirror.example/debian-bookworm-copy',
    );
  });
});
