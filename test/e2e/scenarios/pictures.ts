import type { Session } from '../support/session';

/** By the names that VS Code gives to its kinds of themes. */
const themes = {
  dark: 'Dark Modern',
  light: 'Light Modern',
  'high-contrast': 'Dark High Contrast',
};

/** The tree and a timeline in three themes, as the README shows them. */
export function pictures(session: Session): void {
  it('makes room for a picture', async () => {
    const { workbench } = session;
    await workbench.tree.open('RAM');
    await workbench.tree.open('Disks');
    await workbench.notifications.clear();
    await workbench.closeTab('Welcome');
    await workbench.widenSidebar(40);
    await workbench.timeline.button('Fit').click();
  });

  for (const [kind, theme] of Object.entries(themes)) {
    it(`is well to be looked at in ${theme}`, async () => {
      const { workbench } = session;
      await workbench.useTheme(theme);
      await workbench.timeline.waitForTheme(kind);
      await session.picture(`timeline-${kind}`);
    });
  }

  it('shows the downtime by the microsecond', async () => {
    const { workbench } = session;
    await workbench.useTheme(themes.dark);
    await workbench.timeline.waitForTheme('dark');
    await workbench.timeline.button('Downtime').click();
    await session.picture('downtime-dark');
  });
}
